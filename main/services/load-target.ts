import type { Diagnostic } from '../../preload/contract/errors.ts';
import { AppFailure } from '../core/app-failure.ts';
import { load } from '../core/compose/load.ts';
import { normalizeProjectName } from '../core/compose/names.ts';
import type { LoadOptions, Reading } from '../core/compose/options.ts';
import type { MissingVariable, Project } from '../core/compose/project.ts';
import type { Where } from '../core/compose/where.ts';
import { pathsOf } from '../core/paths.ts';
import type { Files } from './ports.ts';
import { createReadInside } from './read-inside.ts';
import type { ResolvedFiles } from './targets.ts';

const maxFile = 4 * 1024 * 1024;

export interface LoadedTarget {
  readonly project: Project | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** A name for what could not be loaded: as given, else the folder's. */
  readonly name: string;
  /** The environment and the env files: what secrets and configs are taken from. */
  readonly variables: ReadonlyMap<string, string>;
  /** Variables without a value: required ones are errors, the others are blank. */
  readonly missing: readonly MissingVariable[];
  /** Where the project's keys were written. */
  readonly where?: Where | undefined;
}

export type LoadReading = Reading & Pick<LoadOptions, 'opaque'>;

/** Loads a target's files. A file that is not there is a diagnostic like any other mistake. */
export async function loadTarget(
  target: ResolvedFiles,
  files: Files,
  services?: readonly string[],
  reading: LoadReading = {},
): Promise<LoadedTarget> {
  const platform = files.platform() === 'win32' ? 'win32' : 'posix';
  const paths = pathsOf(platform);
  const folder = target.workingDir ?? paths.dirname(target.files[0] ?? files.cwd());
  const name = target.project ?? (normalizeProjectName(paths.basename(folder)) || 'project');
  const unread = (mistake: Omit<Diagnostic, 'severity'>): LoadedTarget => ({
    project: undefined,
    name,
    variables: new Map(),
    missing: [],
    diagnostics: [{ severity: 'error', ...mistake }],
  });
  if (target.files.length === 0) {
    return unread({
      rule: 'file-not-found',
      message: `Nobody knows where the compose file of ${name} is.`,
      hint: 'Open the file, or give it with -f.',
    });
  }
  try {
    const {
      project,
      name: written,
      diagnostics,
      variables = new Map(),
      missing = [],
      where,
    } = await load({
      files: target.files,
      workingDir: target.workingDir,
      projectName: target.project,
      envFiles: target.envFiles,
      profiles: target.profiles,
      services,
      ...reading,
      // Compose files name PWD, which not every shell sets: the project's folder, where a terminal mostly stands.
      environment: { ...target.variables, PWD: target.variables.PWD ?? folder },
      platform,
      readText: createReadInside(files, { named: [...target.files, ...target.envFiles], folder, maxBytes: maxFile }),
      exists: async (path) => (await files.exists(path)) !== undefined,
    });
    return { project, diagnostics, variables, missing, where, name: written };
  } catch (error) {
    if (!(error instanceof AppFailure) || !['file.not-found', 'file.invalid', 'usage'].includes(error.error.code))
      throw error;
    const { code, message, hint, where } = error.error;
    return unread({
      rule: code === 'file.not-found' ? 'file-not-found' : 'file-unreadable',
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(where === undefined ? {} : { where }),
    });
  }
}
