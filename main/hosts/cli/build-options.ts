import { type Command, InvalidArgumentError } from 'commander';
import type { ActionOptions } from '../../../preload/contract/api.ts';
import { parseBytes } from '../../core/compose/units.ts';
import { collect } from './options.ts';

/** What `build` takes, as docker compose writes it: https://docs.docker.com/reference/cli/docker/compose/build/ */
export const addBuildOptions = (command: Command): Command =>
  command
    .option('--build-arg <name=value>', 'argument of the Dockerfile; without a value, the environment’s', collect)
    .option('--no-cache', 'build every step anew')
    .option('--changed', 'only images that are missing or whose build context has changed')
    .option('--pull', 'look for newer base images')
    .option('--push', 'push what was built')
    .option('--with-dependencies', 'also what these services depend on')
    .option('--ssh <id=path>', 'agent socket or keys for the build (buildx); `default` is the agent’s', collect)
    .option('--builder <name>', 'a builder of buildx instead of the engine’s own')
    .option('-m, --memory <bytes>', 'memory for a build container, such as 512m (not with buildx)', bytes)
    .option('-q, --quiet', 'say nothing unless it fails');

function bytes(text: string): number {
  const size = parseBytes(text);
  if (size === undefined || size <= 0) throw new InvalidArgumentError('It must be a size such as `512m` or `2g`.');
  return size;
}

type BuildFlags = Pick<
  ActionOptions,
  'buildArgs' | 'changed' | 'pullBases' | 'push' | 'withDependencies' | 'ssh' | 'builder' | 'memory'
>;

export function toBuildFlags(flags: Readonly<Record<string, unknown>>): BuildFlags {
  const { buildArg, changed, pull, push, withDependencies, ssh, builder, memory } = flags;
  return {
    ...(buildArg === undefined ? {} : { buildArgs: buildArg as string[] }),
    ...(changed === true ? { changed: true } : {}),
    ...(pull === true ? { pullBases: true } : {}),
    ...(push === true ? { push: true } : {}),
    ...(withDependencies === true ? { withDependencies: true } : {}),
    ...(ssh === undefined ? {} : { ssh: ssh as string[] }),
    ...(builder === undefined ? {} : { builder: builder as string }),
    ...(memory === undefined ? {} : { memory: memory as number }),
  };
}
