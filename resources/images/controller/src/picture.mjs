import { listEnvironments } from './environments.mjs';
import { countOpen } from './incidents.mjs';
import { listPeople } from './people.mjs';
import { shared } from './upstream.mjs';
import { countStates, toDrift, toOverview, toPresence, toServers } from './view.mjs';

/*
 * Asks whoever knows, and hands it to view.mjs.
 */

/**
 * @param {object} options
 * @param {import('./settings.mjs').Settings} options.settings
 * @param {import('./database.mjs').Database} options.database
 * @param {import('./fan-out.mjs').FanOut} options.fanOut
 * @param {import('./upstream.mjs').Upstream} options.upstream
 */
export function createPicture({ settings, database, fanOut, upstream }) {
  const team = () => Promise.all([listPeople(database.query), listEnvironments(database), fanOut.here()]);
  const servers = async () => {
    const [summaries, swarm] = await Promise.all([upstream.summaries(), upstream.swarm()]);
    return toServers(settings.servers, summaries, swarm?.services);
  };
  return {
    servers,
    /** @param {readonly string[]} [only] ids of people */
    presence: async (only) => {
      const [people, environments, here] = await team();
      const wanted = only === undefined ? people : people.filter(({ id }) => only.includes(id));
      return { known: here !== undefined, people: toPresence(wanted, environments, here) };
    },
    overview: async () => {
      const [[people, environments, here], sync, registry, incidents] = await Promise.all([
        team(),
        upstream.sync(),
        servers(),
        countOpen(database),
      ]);
      return toOverview({ people, environments, here, sync, servers: registry, incidents });
    },
    /** What /metrics says of the team. */
    figures: shared(async () => {
      const [[people, environments, here], sync] = await Promise.all([team(), upstream.sync()]);
      return {
        states: countStates(environments, here),
        drift: toDrift(people, environments, sync === undefined ? undefined : (sync.current?.sha ?? null)).percent,
      };
    }),
  };
}

/** @typedef {ReturnType<typeof createPicture>} Picture */
