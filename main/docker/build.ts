import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { Build } from '../core/compose/project.ts';
import { toCacheImage } from '../core/plan/build-keys.ts';
import type { BuildSecret } from '../core/plan/plan.ts';
import type { BuildSettings, RegistryLogins, SecretStore, StepReport } from '../services/ports.ts';
import { resolveBuildArgs } from './build-args.ts';
import { type BuildContext, isRemoteContext, packContext, readBuildContext } from './build-context.ts';
import { createDigestCache, digestBuild, toBuildLabels } from './build-digest.ts';
import { createBuildOutput } from './build-output.ts';
import { explainBuild } from './build-registries.ts';
import { buildWithBuildx } from './build-with-buildx.ts';
import { baseImages, type Dockerfile, declaredArgs, parseDockerfile } from './dockerfile.ts';
import type { Endpoint } from './endpoint.ts';
import { fillValues } from './fill-step.ts';
import type { Host } from './host.ts';
import { readJsonLines } from './json-lines.ts';
import type { ProgressLine } from './progress.ts';
import { pushImage } from './push.ts';
import { registryHeader, toRegistryConfig } from './registry-auth.ts';

export interface BuildImage {
  readonly docker: Docker;
  readonly host: Host;
  readonly logins: RegistryLogins;
  /** Where the engine is, for buildx. */
  readonly endpoint: Endpoint | undefined;
  /** The engine's own platform, `linux` and `amd64`. */
  readonly engine: { readonly os: string; readonly arch: string };
  readonly image: string;
  readonly build: Build;
  readonly settings: BuildSettings;
  readonly digest?: string | undefined;
  readonly noCache: boolean;
  readonly pull: boolean;
  /** What only BuildKit does; absent or empty: the classic builder. */
  readonly needs?: readonly string[] | undefined;
  readonly secrets?: readonly BuildSecret[] | undefined;
  readonly store: SecretStore;
  readonly builder?: string | undefined;
  readonly memory?: number | undefined;
  readonly push?: boolean | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly report: (progress: StepReport) => void;
  readonly signal: AbortSignal;
}

/** What `POST /build` takes; @types/dockerode knows neither the repeatable ones as lists nor logins without a password. */
type BuildOptions = Omit<
  Docker.ImageBuildOptions,
  't' | 'extrahosts' | 'cachefrom' | 'registryconfig' | 'buildargs' | 'abortSignal'
> & {
  readonly t: readonly string[];
  readonly abortSignal: AbortSignal;
  readonly buildargs: Readonly<Record<string, string>>;
  readonly extrahosts?: readonly string[];
  readonly cachefrom?: readonly string[];
  readonly ulimits?: string;
  readonly isolation?: string;
  readonly registryconfig?: { readonly base64: string };
};

/** Builds an image with the builder that the plan has chosen, and pushes it where that was asked for. */
export async function buildImage(given: BuildImage): Promise<void> {
  const { build, settings, host, signal } = given;
  // A plan that did not depend on the digest has not taken it; the image shall have it all the same.
  const taken = () => digestBuild({ build, settings, cache: createDigestCache(), environment: host.env, signal });
  // The digest is taken before values are put in: it is written on the image, and a change of one shows in its mark.
  const digest = given.digest ?? (await taken());
  const input = { ...given, digest, build: await fillValues(build, given.store) };
  if ((input.needs ?? []).length > 0) return buildWithBuildx(input);
  await buildClassic(input);
  if (input.push === true) await pushImage(input);
}

/**
 * Builds with the engine's classic builder: one request that carries the context and streams the output; the engine ends
 * the build, and the step it is running, when the request is closed (seen on 20.10: test/docker/build.test.ts).
 * Throws `image.build-failed` with the failing step and its last lines as detail.
 */
async function buildClassic(input: BuildImage): Promise<void> {
  const { docker, image, build, report, signal } = input;
  report({ message: 'Reading the build context' });
  const context = isRemoteContext(build.context) ? undefined : await readBuildContext(build, input.settings.extraCa);
  signal.throwIfAborted();
  const parsed = parseDockerfile(context?.text ?? '');
  const file = context ? packContext(context.entries) : Readable.from([]);
  const options = await toBuildOptions(input, context, parsed);
  const output = createBuildOutput({ image, report, dockerfile: context && { parsed, path: context.path } });
  try {
    const stream = await docker.buildImage(file, options as unknown as Docker.ImageBuildOptions);
    for await (const line of readJsonLines(stream)) output(line as ProgressLine);
  } catch (error) {
    throw await explainBuild(error, { image, images: baseImages(parsed, options.buildargs), logins: input.logins });
  }
}

async function toBuildOptions(
  input: BuildImage,
  context: BuildContext | undefined,
  parsed: Dockerfile,
): Promise<BuildOptions> {
  const { build, settings, host, logins } = input;
  const [platform] = build.platforms ?? [];
  const own = resolveBuildArgs(build, settings, host.env);
  const args = { ...platformValues(parsed, platform, input.engine), ...own };
  const config = await toRegistryConfig(logins, baseImages(parsed, args));
  return {
    ...toClassicOptions(input, args),
    ...(context && { dockerfile: context.dockerfile }),
    abortSignal: input.signal,
    ...(Object.keys(config).length > 0 && { registryconfig: { base64: registryHeader(config) } }),
  };
}

type ClassicInput = Pick<BuildImage, 'image' | 'build' | 'digest' | 'labels' | 'noCache' | 'pull' | 'memory'>;

/** A build section as the classic builder takes it: https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Image/operation/ImageBuild */
export function toClassicOptions(
  input: ClassicInput,
  args: Readonly<Record<string, string>>,
): Omit<BuildOptions, 'abortSignal'> {
  const { build, image } = input;
  const [platform] = build.platforms ?? [];
  const extraHosts = [...(build.extra_hosts ?? [])].flatMap(([name, ips]) => ips.map((ip) => `${name}:${ip}`));
  return {
    version: '1',
    t: [image, ...(build.tags ?? [])],
    rm: true,
    forcerm: true,
    buildargs: args,
    labels: toBuildLabels(input),
    ...(build.dockerfile !== undefined && { dockerfile: build.dockerfile }),
    ...(isRemoteContext(build.context) && { remote: build.context }),
    ...(build.target !== undefined && { target: build.target }),
    ...(build.network !== undefined && { networkmode: build.network }),
    ...(build.shm_size !== undefined && { shmsize: build.shm_size }),
    ...(input.memory !== undefined && { memory: input.memory }),
    ...(build.cache_from && { cachefrom: build.cache_from.map((cache) => toCacheImage(cache) ?? cache) }),
    ...(build.isolation !== undefined && { isolation: build.isolation }),
    ...(build.ulimits && { ulimits: JSON.stringify(toUlimits(build.ulimits)) }),
    ...(extraHosts.length > 0 && { extrahosts: extraHosts }),
    ...((input.noCache || build.no_cache) && { nocache: true }),
    ...((input.pull || build.pull) && { pull: true }),
    ...(platform !== undefined && { platform }),
  };
}

const toUlimits = (ulimits: NonNullable<Build['ulimits']>) =>
  [...ulimits].map(([name, { soft, hard }]) => ({ Name: name, Soft: soft, Hard: hard }));

/**
 * BuildKit gives every Dockerfile these; the classic builder leaves them empty, which fails at
 * `FROM --platform=$BUILDPLATFORM` (seen on 20.10) and builds for nothing at `ARG TARGETARCH`. Only those that are
 * declared: it warns of any other.
 */
function platformValues(
  parsed: Dockerfile,
  platform: string | undefined,
  engine: BuildImage['engine'],
): Readonly<Record<string, string>> {
  const own = `${engine.os}/${engine.arch}`;
  const declared = declaredArgs(parsed);
  const values = (prefix: string, text: string) => {
    const [os = '', arch = '', variant = ''] = text.split('/');
    return { [`${prefix}PLATFORM`]: text, [`${prefix}OS`]: os, [`${prefix}ARCH`]: arch, [`${prefix}VARIANT`]: variant };
  };
  const all = { ...values('TARGET', platform ?? own), ...values('BUILD', own) };
  return Object.fromEntries(Object.entries(all).filter(([name, value]) => declared.has(name) && value !== ''));
}
