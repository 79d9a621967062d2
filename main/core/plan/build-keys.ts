import type { Build } from '../compose/project.ts';

/*
 * Which keys of `build:` only BuildKit knows. Docker's classic builder (POST /build without version 2) refuses or ignores
 * them: https://docs.docker.com/reference/compose-file/build/ and docker/compose pkg/compose/build_classic.go.
 */
const buildKitKeys = [
  'secrets',
  'ssh',
  'additional_contexts',
  'cache_from',
  'cache_to',
  'entitlements',
  'privileged',
  'provenance',
  'sbom',
  'platforms',
] as const satisfies readonly (keyof Build)[];
export type BuildKitKey = (typeof buildKitKeys)[number];

const wants: { readonly [K in BuildKitKey]: (build: Build) => boolean } = {
  secrets: ({ secrets = [] }) => secrets.length > 0,
  ssh: ({ ssh = [] }) => ssh.length > 0,
  additional_contexts: ({ additional_contexts: contexts }) => (contexts?.size ?? 0) > 0,
  cache_from: ({ cache_from: cache = [] }) => cache.some((one) => toCacheImage(one) === undefined),
  cache_to: ({ cache_to: cache = [] }) => cache.length > 0,
  entitlements: ({ entitlements = [] }) => entitlements.length > 0,
  privileged: ({ privileged }) => privileged === true,
  provenance: ({ provenance }) => isOn(provenance),
  sbom: ({ sbom }) => isOn(sbom),
  platforms: ({ platforms = [] }) => platforms.length > 1,
};

/** The image that a cache is, which is all that the classic builder knows; undefined for `type=local,…` and its like. */
export function toCacheImage(cache: string): string | undefined {
  if (!/(^|,)type=/.test(cache)) return cache;
  const fields = new Map(
    cache
      .split(',')
      .map((field): [string, string] => [field.split('=', 1)[0] ?? '', field.slice(field.indexOf('=') + 1)]),
  );
  return fields.get('type') === 'registry' ? fields.get('ref') : undefined;
}

/** `provenance: false` asks for what the classic builder does anyway. */
const isOn = (flag: string | undefined): boolean => flag !== undefined && flag !== '' && flag !== 'false';

export const toBuildKitKeys = (build: Build): readonly BuildKitKey[] => buildKitKeys.filter((key) => wants[key](build));

/** The first buildx whose progress can be read as data (`--progress=rawjson`). */
export const oldestBuildx = '0.13';

export function isUsableBuildx(version: string): boolean {
  const [major = 0, minor = 0] = version
    .replace(/^v/, '')
    .split('.')
    .map((part) => Number.parseInt(part, 10));
  const [oldMajor = 0, oldMinor = 0] = oldestBuildx.split('.').map(Number);
  return major > oldMajor || (major === oldMajor && minor >= oldMinor);
}
