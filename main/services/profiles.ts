import { AppFailure } from '../core/app-failure.ts';
import type { Project } from '../core/compose/project.ts';
import { pathsOf } from '../core/paths.ts';
import { type Profiles, profilePaths } from '../core/plan/security.ts';
import type { Files } from './ports.ts';

const maxProfile = 1024 * 1024;

/** The seccomp profiles that the project names, relative to its folder. One that cannot be read is left out. */
export async function readProfiles(project: Project, files: Files): Promise<Profiles> {
  const paths = pathsOf(files.platform() === 'win32' ? 'win32' : 'posix');
  const written = new Set([...project.services.values(), ...project.inactive.values()].flatMap(profilePaths));
  const found = await Promise.all(
    [...written].map(async (path) => {
      try {
        return [path, await files.readText(paths.resolve(project.workingDir, path), maxProfile)] as const;
      } catch (error) {
        if (error instanceof AppFailure) return undefined;
        throw error;
      }
    }),
  );
  return new Map(found.filter((entry) => entry !== undefined));
}
