import { child, type MapNode, type Node } from './tree.ts';

/** Names in `profiles:`. */
function profilesOf(service: Node): readonly string[] {
  const profiles = child(service, 'profiles');
  if (profiles?.kind !== 'list') return [];
  return profiles.items.flatMap((item) => (item.kind === 'scalar' && item.value !== null ? [String(item.value)] : []));
}

export interface Activation {
  /** Names of active profiles; `*` activates all. */
  readonly profiles: readonly string[];
  /** Services named on the command line: their profiles become active. */
  readonly targets: readonly string[];
}

/**
 * Names of the services that take part. A service without profiles always does.
 * https://github.com/compose-spec/compose-spec/blob/main/15-profiles.md
 */
export function activeServices(services: MapNode, { profiles, targets }: Activation): ReadonlySet<string> {
  const active = new Set(profiles);
  for (const target of targets) {
    const service = services.entries.get(target)?.value;
    if (service === undefined) continue;
    const own = profilesOf(service);
    if (own.length > 0 && !own.some((profile) => active.has(profile))) for (const profile of own) active.add(profile);
  }
  const names = [...services.entries].flatMap(([name, one]) => {
    const own = profilesOf(one.value);
    return own.length === 0 || active.has('*') || own.some((profile) => active.has(profile)) ? [name] : [];
  });
  return new Set(names);
}
