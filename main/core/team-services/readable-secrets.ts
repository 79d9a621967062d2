import { keyLabel, stackLabel, toKey } from '../swarm/names.ts';
import type { ObservedFile, SeenTask } from '../swarm/observed.ts';

export interface ReadableSecret {
  readonly name: string;
  readonly stack?: string;
  readonly why: string;
}
export interface LeavingNode {
  readonly id: string;
  readonly hostname: string;
  readonly manager: boolean;
}

/** The part of a task's template that names its secrets, as the engine has it. */
function secretsOf({ spec }: SeenTask): readonly string[] {
  const container = spec.ContainerSpec;
  const listed = typeof container === 'object' && container !== null && 'Secrets' in container ? container.Secrets : [];
  if (!Array.isArray(listed)) return [];
  return listed.flatMap((one: unknown) =>
    typeof one === 'object' && one !== null && 'SecretName' in one && typeof one.SecretName === 'string'
      ? [one.SecretName]
      : [],
  );
}

/**
 * Pure. Which of a Swarm's secrets could be read on machines that go. A worker gets the secrets of the tasks that it is given,
 * and no others; a manager keeps all of them. Of tasks that have ended a Swarm remembers the last five of a slot, so more than
 * this may have been there.
 */
export function readableSecrets(
  secrets: readonly ObservedFile[],
  tasks: readonly SeenTask[],
  nodes: readonly LeavingNode[],
  serviceNames: Readonly<Record<string, string>>,
): readonly ReadableSecret[] {
  const keeper = nodes.find(({ manager }) => manager);
  const hostnames = new Map(nodes.map(({ id, hostname }) => [id, hostname]));
  const users = new Map<string, Set<string>>();
  for (const task of tasks) {
    const hostname = task.node === undefined ? undefined : hostnames.get(task.node);
    if (hostname === undefined) continue;
    for (const name of secretsOf(task)) {
      const found = users.get(name) ?? new Set();
      users.set(name, found.add(`${serviceNames[task.service] ?? task.service} on ${hostname}`));
    }
  }
  const found = secrets.flatMap(({ name, labels }): ReadableSecret[] => {
    const used = users.get(name);
    if (used === undefined && keeper === undefined) return [];
    const stack = labels[stackLabel];
    return [
      {
        name: labels[keyLabel] ?? (stack === undefined ? name : toKey(stack, name)),
        ...(stack === undefined ? {} : { stack }),
        why: used === undefined ? `${keeper?.hostname} was a manager` : [...used].sort().join(', '),
      },
    ];
  });
  // Versions of one secret are one to whoever has to change it.
  const byName = new Map(found.map((one) => [`${one.stack ?? ''}/${one.name}`, one]));
  return [...byName.values()].sort(
    (a, b) => (a.stack ?? '').localeCompare(b.stack ?? '', 'en') || a.name.localeCompare(b.name, 'en'),
  );
}
