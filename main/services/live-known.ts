import { splitId } from '../../preload/contract/ids.ts';
import type { EngineId } from '../../preload/contract/model.ts';
import type { Environments } from './environments.ts';
import type { KnownStacks } from './known-stacks.ts';
import type { KnownForEngine } from './live-view.ts';
import { loadTarget } from './load-target.ts';
import { localStackFiles, toProject } from './local-stack.ts';
import type { Files, Resources } from './ports.ts';

export interface ReadKnownOptions {
  readonly engine: EngineId;
  readonly address: string;
  /** The engine that environments run on, as far as that is known now. */
  readonly preferred: EngineId | undefined;
  readonly known: KnownStacks;
  readonly environments: Environments;
  readonly files: Files;
  readonly resources: Resources;
}

/** `Local` for the first environment; the others by their own names. */
const titleOf = (name: string): string => (name === 'local' ? 'Local' : `Local · ${name}`);

/**
 * What an engine's part of the live state shows besides containers: environments (on the engine they run on) and opened
 * stacks, with the services their files name, so that what is not running is listed as well.
 */
export async function readKnown(options: ReadKnownOptions): Promise<KnownForEngine> {
  const { engine, environments, files } = options;
  const opened = (await options.known.ofEngine(engine)).map((known) => ({
    project: splitId(known.stack).project,
    title: splitId(known.stack).project,
    kind: 'compose' as const,
    files: known.files,
    services: known.services,
  }));
  const { main } = await localStackFiles(options.resources);
  // Nobody is waited for here: one engine that connects slowly must not keep another one's containers from being shown.
  const names = options.preferred === engine ? await environments.names() : [];
  const shipped = await Promise.all(
    names.map(async (name) => {
      const target = await environments.target(name, options.address);
      const loaded = await loadTarget(
        {
          project: toProject(name),
          files: target.files,
          workingDir: undefined,
          envFiles: [],
          profiles: [],
          variables: { ...files.environment(), ...target.variables },
          arguments: [],
        },
        files,
      );
      return {
        project: toProject(name),
        title: titleOf(name),
        kind: 'local' as const,
        files: target.files,
        services: [...(loaded.project?.services.keys() ?? [])],
      };
    }),
  );
  return {
    stacks: [...shipped, ...opened.filter(({ project }) => !shipped.some((other) => other.project === project))],
    localFile: main,
  };
}
