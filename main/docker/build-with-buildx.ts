import { Readable } from 'node:stream';
import { AppFailure } from '../core/app-failure.ts';
import { installBuildx } from '../core/plan/builds.ts';
import type { BuildSecret } from '../core/plan/plan.ts';
import type { BuildImage } from './build.ts';
import { resolveBuildArgs } from './build-args.ts';
import {
  type BuildContext,
  certificateFolder,
  isRemoteContext,
  packContext,
  placeDockerfile,
  readBuildContext,
} from './build-context.ts';
import { toBuildLabels } from './build-digest.ts';
import { explainBuild } from './build-registries.ts';
import {
  type BuildxCall,
  dockerfileArgument,
  toBuildxArguments,
  toBuildxEnvironment,
  toCliEnvironment,
} from './buildx-arguments.ts';
import { findBuildx } from './buildx-find.ts';
import { lendLogins } from './buildx-logins.ts';
import { createBuildxOutput } from './buildx-progress.ts';
import { runBuildx } from './buildx-run.ts';
import { baseImages, parseDockerfile } from './dockerfile.ts';

/**
 * Builds with the CLI's plugin on the engine's own BuildKit (or on the builder that was asked for). The plugin reads the
 * context itself; only a context into which certificates are put is sent as a tar. Ending the plugin ends the build on
 * the engine. Throws `image.build-failed` with the failing step, its last lines, and its place in the Dockerfile.
 */
export async function buildWithBuildx(input: BuildImage): Promise<void> {
  const { host, logins, image, build, report, signal, settings, endpoint } = input;
  const plugin = await findBuildx(host);
  if (plugin === undefined || endpoint === undefined) {
    throw new AppFailure({
      code: 'unsupported',
      message: `Building ${image}: ${(input.needs ?? []).join(', ')} needs docker buildx, which is not installed here.`,
      hint: installBuildx,
    });
  }
  report({ message: 'Starting buildx' });
  const values = await readSecrets(input);
  const source = await readSource(input);
  const call: BuildxCall = {
    image,
    build,
    args: resolveBuildArgs(build, settings, host.env),
    labels: toBuildLabels(input),
    secrets: input.secrets ?? [],
    values,
    input: source.kind,
    dockerfile: source.dockerfile,
    builder: input.builder,
    noCache: input.noCache || build.no_cache === true,
    pull: input.pull || build.pull === true,
    push: input.push === true,
  };
  const dockerfile =
    source.text === undefined ? undefined : { parsed: parseDockerfile(source.text), path: source.path };
  const output = createBuildxOutput({ image, report, dockerfile });
  const lent = await lendLogins({ host, logins, text: mentions(call, source.text), report });
  try {
    const code = await runBuildx({
      path: plugin.path,
      args: toBuildxArguments(call),
      env: { ...toCliEnvironment(endpoint, { ...host.env, ...lent.environment }), ...toBuildxEnvironment(call) },
      input: source.stream,
      onLine: output.line,
      signal,
    });
    if (code !== 0) {
      const images = [image, ...(dockerfile === undefined ? [] : baseImages(dockerfile.parsed, call.args))];
      throw await explainBuild(output.failure(code), { image, images, logins });
    }
  } finally {
    await lent.takeBack();
  }
}

/** Every place where a build may name a registry; undefined where its Dockerfile is not known. */
function mentions({ image, build, args }: BuildxCall, dockerfile: string | undefined): string | undefined {
  if (dockerfile === undefined) return undefined;
  const { tags = [], cache_from = [], cache_to = [], additional_contexts = new Map<string, string>() } = build;
  const named = [...tags, ...cache_from, ...cache_to, ...[...additional_contexts].map(([, context]) => context)];
  return [dockerfile, image, ...named, ...Object.values(args)].join('\n');
}

interface Source {
  readonly kind: BuildxCall['input'];
  readonly dockerfile: string | undefined;
  readonly stream: Readable | undefined;
  readonly text?: string | undefined;
  readonly path?: string | undefined;
}

async function readSource({ build, settings, signal }: BuildImage): Promise<Source> {
  if (isRemoteContext(build.context)) {
    const inline = build.dockerfile_inline;
    return inline === undefined
      ? { kind: 'none', dockerfile: dockerfileArgument(build, undefined), stream: undefined }
      : { kind: 'dockerfile', dockerfile: '-', stream: Readable.from([inline]), text: inline };
  }
  if (settings.extraCa !== undefined && certificateFolder(build) !== undefined) {
    const context: BuildContext = await readBuildContext(build, settings.extraCa);
    signal.throwIfAborted();
    const { dockerfile, text, path } = context;
    return { kind: 'tar', dockerfile, stream: packContext(context.entries), text, path };
  }
  const { text, path } = await placeDockerfile(build);
  return path === undefined
    ? { kind: 'dockerfile', dockerfile: '-', stream: Readable.from([text]), text }
    : { kind: 'none', dockerfile: dockerfileArgument(build, path), stream: undefined, text, path };
}

/** Values of secrets that are variables; the plan names a missing one before, so one that is missing now just went. */
async function readSecrets({ image, secrets = [], store }: BuildImage): Promise<Readonly<Record<string, string>>> {
  const fromEnvironment = secrets.filter(
    (secret): secret is Extract<BuildSecret, { value: unknown }> => 'value' in secret,
  );
  const found = await Promise.all(
    fromEnvironment.map(async ({ value }) => {
      const text = await store.lookup(value);
      if (text !== undefined) return [value.variable, text] as const;
      throw new AppFailure({
        code: 'image.build-failed',
        message: `Building ${image}: secret ${value.name} comes from the variable ${value.variable}, which is not set.`,
        hint: 'Set it in the environment or in .env, and start again.',
      });
    }),
  );
  return Object.fromEntries(found);
}
