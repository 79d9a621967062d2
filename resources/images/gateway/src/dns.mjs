import { lookup, Resolver } from 'node:dns/promises';

/** What the DNS answers where a name stands for nothing. */
const nothing = new Set(['ENOTFOUND', 'ENODATA']);

/**
 * The replicas of a service: in a Swarm all of its tasks, otherwise (Compose, plain Docker, a machine) what its name stands for.
 * @returns {(host: string) => Promise<readonly string[]>} IPv4 addresses; rejects when the DNS does not say
 */
export function createLookup() {
  const resolver = new Resolver({ timeout: 1000, tries: 2 });
  /** @param {Error & { code?: string }} error @returns {string[]} */
  const orNothing = (error) => {
    if (nothing.has(error.code ?? '')) return [];
    throw error;
  };
  return async (host) => {
    const tasks = await resolver.resolve4(`tasks.${host}`).catch(orNothing);
    if (tasks.length > 0) return tasks;
    const found = lookup(host, { all: true, family: 4 });
    return found.then((all) => all.map(({ address }) => address)).catch(orNothing);
  };
}
