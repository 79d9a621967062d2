import { splitId } from '../../preload/contract/ids.ts';
import type { Drift, DriftItem } from '../../preload/contract/model.ts';
import { AppFailure } from '../core/app-failure.ts';
import type { Project } from '../core/compose/project.ts';
import type { Where } from '../core/compose/where.ts';
import { withDefaultPlatform } from '../core/plan/default-platform.ts';
import { findDrift, toDetailsWanted } from '../core/plan/drift.ts';
import type { Sha256 } from '../core/plan/plan.ts';
import { connectTo } from './engine-choice.ts';
import { toObserveOptions } from './observe-options.ts';
import { invalidFile } from './obstacles.ts';
import type { Engines, ObserveOptions } from './ports.ts';
import type { LoadedStack } from './services.ts';
import type { ResolvedTarget } from './targets.ts';

export interface ReadDrift {
  readonly resolved: ResolvedTarget;
  readonly loaded: LoadedStack;
  readonly where: Where | undefined;
  readonly services: readonly string[];
  readonly engines: Engines;
  readonly sha256: Sha256;
}

/**
 * What differs between a stack's files and what is on the engine. Files that are not there are a finding; files with
 * mistakes cannot be compared (`file.invalid`).
 */
export async function readDrift(input: ReadDrift): Promise<Drift> {
  const { resolved, loaded, services, sha256 } = input;
  const { stack, files, diagnostics } = loaded;
  const project = loaded.project && withDefaultPlatform(loaded.project, loaded.variables);
  const connection = await connectTo(input.engines, resolved.engine);
  if (project === undefined) {
    const missing = diagnostics.filter(({ rule }) => rule === 'file-not-found');
    if (missing.length === 0) throw invalidFile(diagnostics, files);
    return {
      stack,
      files: [...files],
      items: [fileMissing(splitId(stack).project, files)],
      warnings: [...diagnostics],
    };
  }
  const wrong = services.filter((name) => !project.services.has(name) && !project.inactive.has(name));
  if (wrong.length > 0) {
    throw new AppFailure({
      code: 'usage',
      message: `There is no service ${wrong.join(', ')}.`,
      hint: `It has: ${[...project.services.keys()].join(', ')}.`,
    });
  }
  const observed = await connection.observe(project.name, toDriftOptions(project));
  const details = await connection.details(toDetailsWanted(observed));
  const items = findDrift({ project, observed, details, sha256, where: input.where, services });
  return { stack, files: [...files], items: [...items], warnings: [...diagnostics] };
}

/** As for `up`, but no build context is read, no port looked at and no registry asked because of a comparison. */
export const toDriftOptions = (project: Project): ObserveOptions => ({
  ...toObserveOptions(project, 'up', { args: {} }),
  refresh: {},
  builds: {},
  ports: [],
});

const fileMissing = (project: string, files: readonly string[]): DriftItem => ({
  subject: 'project',
  name: project,
  containers: [],
  key: 'config_files',
  change: 'missing',
  ...(files.length === 0 ? {} : { engine: files.join(',') }),
});
