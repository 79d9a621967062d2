import * as z from 'zod';
import { splitId } from '../../preload/contract/ids.ts';
import { type EngineId, type StackId, stackId } from '../../preload/contract/kept.ts';
import { configFilesOf } from '../core/live.ts';
import { label } from '../core/plan/labels.ts';
import type { SeenContainer } from '../core/seen.ts';
import type { Clock, Files, Log, StateStore } from './ports.ts';
import { createStateList } from './state-document.ts';

/** Where a stack's files are, as the user or its containers' labels said. Paths absolute. */
export interface StackOrigin {
  readonly files: readonly string[];
  readonly workingDir: string | undefined;
  readonly envFiles: readonly string[];
  readonly profiles: readonly string[];
}

const entry = z.object({
  stack: stackId,
  files: z.array(z.string()).min(1).max(32),
  envFiles: z.array(z.string()).default([]),
  profiles: z.array(z.string()).default([]),
  /** Services of the file when it was last loaded, so that a stack without containers still shows what it has. */
  services: z.array(z.string()).default([]),
});
export type KnownStack = z.infer<typeof entry>;

/** Stacks that the user opened, in the state file `stacks`: listed whether they run or not. */
export function createKnownStacks(options: {
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly onChange: () => void;
}) {
  const { read, change } = createStateList({ ...options, name: 'stacks', entry });
  return {
    list: read,
    get: async (stack: StackId): Promise<StackOrigin | undefined> => {
      const found = (await read()).find((known) => known.stack === stack);
      if (found === undefined) return undefined;
      return { files: found.files, workingDir: undefined, envFiles: found.envFiles, profiles: found.profiles };
    },
    add: (known: KnownStack): Promise<void> =>
      change(async (now) => [...now.filter(({ stack }) => stack !== known.stack), known]),
    remove: (stack: StackId): Promise<void> => change(async (now) => now.filter((known) => known.stack !== stack)),
    ofEngine: async (engine: EngineId): Promise<readonly KnownStack[]> =>
      (await read()).filter(({ stack }) => splitId(stack).engine === engine),
  };
}
export type KnownStacks = ReturnType<typeof createKnownStacks>;

/** May a path from a label be looked for on this machine? A UNC path would make Windows log in to a foreign server. */
const mayLookFor = (path: string): boolean =>
  path.length <= 4096 && !path.includes('\0') && /^(\/[^/]|[A-Za-z]:[\\/])/.test(path);

const list = (text: string | undefined): readonly string[] =>
  (text ?? '').split(',').filter((part) => part !== '' && part.length <= 4096);

/**
 * What a container's labels say about its stack. Labels are written by whoever made the container, so nothing is read
 * or run because of them before the user acts on that very stack.
 */
export function originFromLabels(containers: readonly SeenContainer[], project: string): StackOrigin | undefined {
  const mine = containers.filter((container) => container.labels[label.project] === project);
  const [first] = mine;
  if (first === undefined) return undefined;
  const files = configFilesOf(mine);
  const workingDir = first.labels[label.workingDir];
  const envFiles = list(first.labels[label.environmentFile]);
  // One odd path spoils all: half of a project is not the project.
  const usable = [...files, ...envFiles, ...(workingDir === undefined ? [] : [workingDir])].every(mayLookFor);
  return usable
    ? { files, workingDir, envFiles, profiles: [] }
    : { files: [], workingDir: undefined, envFiles: [], profiles: [] };
}

/** Looks (never opens) whether the files that labels and the user name are there. */
export async function lookForFiles(
  files: Files,
  containers: readonly SeenContainer[],
  known: readonly { readonly files: readonly string[] }[],
): Promise<ReadonlySet<string>> {
  const projects = new Map<string, SeenContainer[]>();
  for (const container of containers) {
    const project = container.labels[label.project] ?? '';
    projects.set(project, [...(projects.get(project) ?? []), container]);
  }
  const named = [...projects.values()].flatMap(configFilesOf).filter(mayLookFor);
  const wanted = [...new Set([...named, ...known.flatMap((stack) => stack.files)])];
  const found = await Promise.all(wanted.map(async (path) => ((await files.exists(path)) === 'file' ? [path] : [])));
  return new Set(found.flat());
}
