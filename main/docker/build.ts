import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { AppFailure } from '../core/app-failure.ts';
import type { Build } from '../core/compose/project.ts';
import type { BuildSettings, StepReport } from '../services/ports.ts';
import { resolveBuildArgs } from './build-args.ts';
import { isRemoteContext, packContext, readBuildContext } from './build-context.ts';
import { digestLabel } from './build-digest.ts';
import { createBuildOutput } from './build-output.ts';
import type { Host } from './host.ts';
import { readJsonLines } from './json-lines.ts';
import type { ProgressLine } from './progress.ts';
import { type RegistryAuth, readRegistryConfig } from './registry-auth.ts';

export interface BuildImage {
  readonly docker: Docker;
  readonly host: Pick<Host, 'env' | 'home' | 'readText'>;
  readonly image: string;
  readonly build: Build;
  readonly settings: BuildSettings;
  readonly digest?: string | undefined;
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly platform?: string | undefined;
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
  readonly registryconfig?: Readonly<Record<string, RegistryAuth>>;
};

/**
 * Builds with the engine's classic builder: one request that carries the context and streams the output; the engine ends
 * the build, and the step it is running, when the request is closed (seen on 20.10: test/docker/build.test.ts).
 * Throws `image.build-failed` with the failing step and its last lines as detail.
 */
export async function buildImage(input: BuildImage): Promise<void> {
  const { docker, image, build, report, signal } = input;
  refuseBuildKitOnly(image, build);
  report({ message: 'Reading the build context' });
  const remote = isRemoteContext(build.context);
  const context = remote ? undefined : await readBuildContext(build, input.settings.extraCa);
  signal.throwIfAborted();
  const file = context ? packContext(context.entries) : Readable.from([]);
  const options = await toBuildOptions(input, context?.dockerfile ?? build.dockerfile);
  const output = createBuildOutput(image, report);
  const stream = await docker.buildImage(file, options as unknown as Docker.ImageBuildOptions);
  for await (const line of readJsonLines(stream)) {
    output(line as ProgressLine);
  }
}

/** What the classic builder cannot do is refused before anything is sent, rather than left out in silence. */
function refuseBuildKitOnly(image: string, build: Build): void {
  const used = (['secrets', 'ssh', 'additional_contexts', 'cache_to', 'entitlements'] as const).filter((key) => {
    const value = build[key];
    return value !== undefined && ('size' in value ? value.size : value.length) > 0;
  });
  if (used.length === 0) return;
  throw new AppFailure({
    code: 'unsupported',
    message: `Building ${image}: ${used.map((key) => `build.${key}`).join(', ')} needs BuildKit, which claude-env does not use.`,
    hint: 'Build it with `docker compose build`, then bring the stack up here.',
  });
}

async function toBuildOptions(input: BuildImage, dockerfile: string | undefined): Promise<BuildOptions> {
  const { build, image, settings, host, digest } = input;
  const args = resolveBuildArgs(build, settings, host.env);
  const extraHosts = [...(build.extra_hosts ?? [])].flatMap(([name, ips]) => ips.map((ip) => `${name}:${ip}`));
  const platform = input.platform ?? build.platforms?.[0];
  const labels = {
    ...Object.fromEntries(build.labels ?? []),
    ...input.labels,
    ...(digest !== undefined && { [digestLabel]: digest }),
  };
  const logins = await readRegistryConfig(host, await baseImages(input, args));
  return {
    version: '1',
    abortSignal: input.signal,
    t: [image, ...(build.tags ?? [])],
    rm: true,
    forcerm: true,
    buildargs: args,
    labels,
    ...(dockerfile !== undefined && { dockerfile }),
    ...(isRemoteContext(build.context) && { remote: build.context }),
    ...(build.target !== undefined && { target: build.target }),
    ...(build.network !== undefined && { networkmode: build.network }),
    ...(build.shm_size !== undefined && { shmsize: build.shm_size }),
    ...(build.cache_from && { cachefrom: [...build.cache_from] }),
    ...(build.isolation !== undefined && { isolation: build.isolation }),
    ...(build.ulimits && { ulimits: JSON.stringify(toUlimits(build.ulimits)) }),
    ...(extraHosts.length > 0 && { extrahosts: extraHosts }),
    ...((input.noCache || build.no_cache) && { nocache: true }),
    ...((input.pull || build.pull) && { pull: true }),
    ...(platform !== undefined && { platform }),
    ...(Object.keys(logins).length > 0 && { registryconfig: logins }),
  };
}

const toUlimits = (ulimits: NonNullable<Build['ulimits']>) =>
  [...ulimits].map(([name, { soft, hard }]) => ({ Name: name, Soft: soft, Hard: hard }));

/** Images named by FROM, arguments filled in as far as they are known: only to find out whose logins are needed. */
async function baseImages(
  { build, host }: BuildImage,
  args: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  if (isRemoteContext(build.context)) return [];
  const name = build.dockerfile ?? 'Dockerfile';
  const path = /^([a-z]:)?[\\/]/i.test(name) ? name : `${build.context}/${name}`;
  const text = build.dockerfile_inline ?? (await host.readText(path)) ?? '';
  const defaults = Object.fromEntries(
    [...text.matchAll(/^\s*ARG\s+(\w+)=["']?([^"'\s]*)/gim)].map((match) => [match[1] ?? '', match[2] ?? '']),
  );
  return [...text.matchAll(/^\s*FROM\s+(?:--platform=\S+\s+)?(\S+)/gim)]
    .map((match) => (match[1] ?? '').replaceAll(/\$\{?(\w+)[^}]*\}?/g, (_, key) => args[key] ?? defaults[key] ?? ''))
    .filter((image) => image !== '');
}
