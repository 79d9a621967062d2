import type { Service } from '../compose/project.ts';
import type { Problem } from './problem.ts';

/** Texts of seccomp profiles by their path as the file writes it; what could not be read is missing. */
export type Profiles = ReadonlyMap<string, string>;

/** `seccomp=path` or `seccomp:path`; `unconfined` and `builtin` are no files. */
function profileOf(option: string): string | undefined {
  const path = /^seccomp[=:](.+)$/.exec(option)?.[1];
  return path === 'unconfined' || path === 'builtin' ? undefined : path;
}

/** Paths of the profiles that a service's containers are made with. */
export const profilePaths = (service: Service): readonly string[] =>
  (service.security_opt ?? []).flatMap((option) => profileOf(option) ?? []);

/** White space outside of strings left out: the engine is sent the profile itself, on one line. */
const compact = (json: string): string => json.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');

/** HostConfig.SecurityOpt: a profile's text in place of its path, as the docker CLI and docker compose send it. */
export function toSecurityOptions(service: Service, profiles: Profiles | undefined): readonly string[] | undefined {
  return service.security_opt
    ?.filter((option) => option !== 'systempaths=unconfined')
    .map((option) => {
      const text = profiles?.get(profileOf(option) ?? '');
      return text === undefined ? option : `seccomp=${compact(text)}`;
    });
}

/** A profile that cannot be read, or is not JSON, would be refused only when the container is made. */
export function checkProfiles(service: Service, profiles: Profiles | undefined, problems: Problem[]): void {
  if (profiles === undefined) return;
  for (const [index, option] of (service.security_opt ?? []).entries()) {
    const path = profileOf(option);
    if (path === undefined || isJson(profiles.get(path))) continue;
    problems.push({
      severity: 'error',
      rule: 'bad-seccomp-profile',
      message: `service ${service.name}: the seccomp profile ${path} cannot be read, or is not JSON`,
      hint: 'name a file with a profile, or write seccomp=unconfined',
      at: ['services', service.name, 'security_opt', index],
    });
  }
}

function isJson(text: string | undefined): boolean {
  if (text === undefined) return false;
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}
