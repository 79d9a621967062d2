import type { Diagnostic } from '../../preload/contract/errors.ts';
import { splitId } from '../../preload/contract/ids.ts';
import type { StackId } from '../../preload/contract/model.ts';
import { label } from '../core/plan/labels.ts';
import type { SeenContainer } from '../core/seen.ts';
import type { KnownStacks, StackOrigin } from './known-stacks.ts';
import { type LoadReading, loadTarget } from './load-target.ts';
import { invalidFile } from './obstacles.ts';
import type { Files } from './ports.ts';
import type { StackTarget } from './services.ts';
import type { ResolvedTarget } from './targets.ts';

export interface Locate extends Pick<LoadReading, 'opaque'> {
  readonly stack: StackId;
  /** Absolute. */
  readonly paths: readonly string[];
  readonly files: Files;
  readonly known: KnownStacks;
  /** What was known of the stack's files so far. */
  readonly before: StackOrigin | undefined;
  readonly containers: readonly SeenContainer[];
}

/** A file that the containers' labels name, or that was opened here, and that is gone was most likely moved. */
export function sayMoved(
  diagnostics: readonly Diagnostic[],
  target: StackTarget,
  project: string,
  program: string,
): readonly Diagnostic[] {
  if ((target.files ?? []).length > 0 || target.environment !== undefined) return diagnostics;
  return diagnostics.map((one) =>
    one.rule === 'file-not-found'
      ? { ...one, hint: `If it was moved, say where it is now: \`${program} locate -p ${project} FILE\`.` }
      : one,
  );
}

/**
 * Says where a stack's files are now, whatever its containers' labels say; kept until it is said again or the stack is
 * taken off the list. Throws `file.invalid` for a file that is not there; a file with mistakes is taken, with them.
 */
export async function locateStack(input: Locate): Promise<readonly Diagnostic[]> {
  const { stack, paths, files, known, before, containers } = input;
  const { engine, project } = splitId(stack);
  const still = await Promise.all(
    (before?.envFiles ?? []).map(async (path) => [path, await files.exists(path)] as const),
  );
  const envFiles = still.flatMap(([path, there]) => (there === 'file' ? [path] : []));
  const profiles = before?.profiles ?? [];
  const target: ResolvedTarget = {
    engine,
    project,
    files: paths,
    workingDir: undefined,
    envFiles,
    profiles,
    variables: files.environment(),
    arguments: [],
  };
  const loaded = await loadTarget(target, files, undefined, { opaque: input.opaque });
  if (loaded.diagnostics.some(({ rule }) => rule === 'file-not-found')) throw invalidFile(loaded.diagnostics, paths);
  const services = [...(loaded.project?.services.keys() ?? [])];
  await known.add({ stack, files: [...paths], envFiles, profiles: [...profiles], services });
  const running = [
    ...new Set(
      containers
        .filter(({ labels }) => labels[label.project] === project)
        .map(({ labels }) => labels[label.service] ?? ''),
    ),
  ].filter((name) => name !== '');
  const all = new Set([...services, ...(loaded.project?.inactive.keys() ?? [])]);
  const isOther = loaded.project !== undefined && running.length > 0 && !running.some((name) => all.has(name));
  if (!isOther) return loaded.diagnostics;
  const other: Diagnostic = {
    severity: 'warning',
    rule: 'other-project',
    message: `This file has none of the services that ${project} has containers of: ${running.join(', ')}.`,
    hint: 'It may be the file of another project.',
  };
  return [...loaded.diagnostics, other];
}
