/*
 * From what is recorded (environments, Postgres), who is here now (Redis) and what the other services say, to what the API
 * shows. Pure. null means that it is not known, which is never the same as 0.
 */

/**
 * @typedef {object} Environment
 * @property {string} person
 * @property {string} machine
 * @property {string} state
 * @property {string | null} revision
 * @property {readonly string[]} drifted
 * @property {string | null} node
 * @property {Date} at
 */
/** @typedef {{ readonly person: string, readonly machine: string }} Here somebody, and the machine they spoke from */
/** @typedef {{ readonly id: string, readonly name: string, readonly used: Date | null }} Known */

/** What a machine that says nothing does is not known, whatever it said last. @param {Environment} environment @param {readonly Here[] | undefined} here */
export const stateNow = (environment, here) =>
  here?.some(({ person, machine }) => person === environment.person && machine === environment.machine)
    ? environment.state
    : 'unknown';

/**
 * @param {readonly Known[]} people
 * @param {readonly Environment[]} environments
 * @param {readonly Here[] | undefined} here undefined: presence is not known
 */
export const toPresence = (people, environments, here) =>
  people.map(({ id, used }) => ({
    id,
    online: here === undefined ? null : here.some(({ person }) => person === id),
    seen: used?.toISOString() ?? null,
    environments: environments
      .filter(({ person }) => person === id)
      .map((environment) => ({
        machine: environment.machine,
        state: stateNow(environment, here),
        ...(environment.revision === null ? {} : { revision: environment.revision }),
        drifted: environment.drifted,
        ...(environment.node === null ? {} : { node: environment.node }),
        at: environment.at.toISOString(),
      })),
  }));

/**
 * @param {readonly Known[]} people
 * @param {readonly Environment[]} environments
 * @param {string | null | undefined} current what members are offered; null: nothing; undefined: not known
 * @returns {{ percent: number | null, behind: string[] }} `behind`: another revision, or changed files
 */
export function toDrift(people, environments, current) {
  if (current === undefined || current === null || environments.length === 0) return { percent: null, behind: [] };
  const names = new Map(people.map(({ id, name }) => [id, name]));
  const behind = environments.filter(({ revision, drifted }) => revision !== current || drifted.length > 0);
  return {
    percent: Math.round((1000 * behind.length) / environments.length) / 10,
    behind: behind.map(({ person, machine }) => `${names.get(person) ?? person}/${machine}`).toSorted(),
  };
}

/** @param {readonly Environment[]} environments @param {readonly Here[] | undefined} here @returns {Record<string, number>} */
export function countStates(environments, here) {
  const counts = { running: 0, stopped: 0, starting: 0, failed: 0, unknown: 0 };
  for (const environment of environments) {
    const state = /** @type {keyof typeof counts} */ (stateNow(environment, here));
    counts[state] += 1;
  }
  return counts;
}

/**
 * @typedef {object} Summary what one gateway says
 * @property {readonly { name: string, replicas: readonly { address: string }[], requestsPerSecond: number, p95Seconds: number | null }[]} servers
 */
/** @typedef {{ readonly name: string, readonly running: number, readonly desired: number }} Service */

/**
 * Each server has several gateways in front of it: requests add up, of the slowest twentieth the slowest gateway's is said.
 * @param {readonly { readonly name: string, readonly service: string }[]} servers
 * @param {readonly Summary[] | undefined} summaries undefined: no gateway answers
 * @param {readonly Service[] | undefined} services of the Swarm, by full name (`STACK_mcp-context7`)
 */
export function toServers(servers, summaries, services) {
  return servers.map(({ name, service }) => {
    const base = { name, path: `/mcp/${name}` };
    if (summaries === undefined || summaries.length === 0)
      return { ...base, state: 'unknown', replicas: null, p95Seconds: null, requestsPerSecond: null };
    const said = summaries.flatMap((summary) => summary.servers.filter((server) => server.name === name));
    const used = new Set(said.flatMap((server) => server.replicas.map(({ address }) => address))).size;
    const wanted = services?.find((candidate) => candidate.name === service || candidate.name.endsWith(`_${service}`));
    // A gateway looks for replicas when the first call comes: that it has none says nothing.
    const replicas = used > 0 ? used : (wanted?.running ?? null);
    return {
      ...base,
      state: toState(replicas, wanted?.desired),
      replicas,
      p95Seconds: highest(said.map(({ p95Seconds }) => p95Seconds)),
      requestsPerSecond: said.reduce((sum, server) => sum + server.requestsPerSecond, 0),
    };
  });
}

/** @param {number | null} replicas @param {number | undefined} desired */
function toState(replicas, desired) {
  if (replicas === null) return 'unknown';
  if (replicas === 0) return 'stopped';
  return desired !== undefined && replicas < desired ? 'degraded' : 'running';
}

/** @param {readonly (number | null | undefined)[]} values */
const highest = (values) => {
  const known = values.filter((value) => typeof value === 'number');
  return known.length === 0 ? null : Math.max(...known);
};

/** @typedef {ReturnType<typeof toServers>} Servers */

/**
 * @param {object} facts
 * @param {readonly Known[]} facts.people
 * @param {readonly Environment[]} facts.environments
 * @param {readonly Here[] | undefined} facts.here
 * @param {import('./upstream.mjs').SyncState | undefined} facts.sync
 * @param {Servers} facts.servers
 * @param {number} facts.incidents
 */
export function toOverview({ people, environments, here, sync, servers, incidents }) {
  const rates = servers.map(({ requestsPerSecond }) => requestsPerSecond).filter((rate) => rate !== null);
  return {
    environments:
      here === undefined ? null : { running: countStates(environments, here).running, known: environments.length },
    sync: { successRate: toSuccessRate(sync), lastError: sync === undefined ? away : (sync.error?.message ?? null) },
    mcp: {
      p95Seconds: highest(servers.map(({ p95Seconds }) => p95Seconds)),
      requestsPerSecond: rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate, 0),
      perServer: servers,
    },
    drift: toDrift(people, environments, sync === undefined ? undefined : (sync.current?.sha ?? null)),
    incidents,
  };
}

const away = 'config-sync does not answer.';

/** Of the last hour, or of the day where that has none. @param {import('./upstream.mjs').SyncState | undefined} sync */
export function toSuccessRate(sync) {
  // Without a repository nothing is tried, whatever is counted.
  if (sync?.remote === null || sync?.remote === '') return null;
  for (const span of [sync?.syncs?.hour, sync?.syncs?.day]) {
    if (span === undefined) continue;
    const all = span.success + span.failure;
    if (all > 0) return span.success / all;
  }
  return null;
}
