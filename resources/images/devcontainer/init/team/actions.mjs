// What can be done about the team in this container; each gives data, which the app or the terminal shows.
import { readFileSync } from 'node:fs';
import { reconcileEntries } from '../config.mjs';
import { changeConfigFile } from '../config-file.mjs';
import { ArchiveRefused, readArchive } from './archive.mjs';
import { listCarried } from './commands.mjs';
import { TeamFailure } from './delivery.mjs';
import { toDiff } from './diff-text.mjs';
import { planConfig } from './plan.mjs';
import { parseSettings } from './settings.mjs';

/**
 * @typedef {{delivery: import('./delivery.mjs').Delivery, link: ReturnType<typeof import('./link.mjs').createLink>,
 *   store: ReturnType<typeof import('./store.mjs').createStore>, folder: string}} Surroundings
 * @typedef {{applied: string | null, drifted: string[]}} State
 */

/** The team's servers have names of their own, so that those of this machine stay, and serve when no team is to be reached. */
const nameOf = (/** @type {string} */ server) => `team-${server}`;
const memory = 'registered-team.json';
export const headersHelper = '/usr/local/bin/claude-env-team-headers';
const toEntry = (/** @type {string} */ url) => ({ type: 'http', url, headersHelper });

/**
 * Registers the team's servers, at the address that answers.
 * @param {Surroundings} around
 */
export async function register({ link, folder, store, delivery }) {
  const { address, servers } = await link.servers();
  const wanted = servers.map(({ name, path }) => ({ name: nameOf(name), url: `https://${address}${path}` }));
  const { reports } = await changeConfigFile({
    folder,
    memory,
    reconcile: (config, registered) =>
      reconcileEntries({ config, registered, wanted, toEntry, gone: 'the team has it no more' }),
  });
  const { offered, trouble } = await offeredNow(link);
  return {
    team: delivery.team,
    address,
    servers: reports,
    offered,
    ...(trouble === undefined ? {} : { trouble }),
    ...stateOf(store),
  };
}

/**
 * The servers are there also when nobody can say which configuration is offered.
 * @param {Surroundings['link']} link
 * @returns {Promise<{offered: import('./link.mjs').Offered | null, trouble?: string}>}
 */
async function offeredNow(link) {
  try {
    return { offered: await link.offered() };
  } catch (error) {
    if (error instanceof TeamFailure && error.code === 'unreachable') {
      return { offered: null, trouble: error.message };
    }
    throw error;
  }
}

/** @param {Pick<Surroundings, 'store'>['store']} store @returns {State} */
export function stateOf(store) {
  const record = store.record();
  return { applied: record?.revision ?? null, drifted: planConfig({ wanted: null, record, look: store.look }).drifted };
}

/** What applying the offered revision would change here, and what it brings. @param {Surroundings} around */
export async function diff({ link, store, delivery, folder }) {
  const offered = await link.offered();
  const { applied, drifted } = stateOf(store);
  const common = { team: delivery.team, offered, applied, drifted, shared: isShared(folder) };
  if (offered === null) {
    return { ...common, digest: null, files: [], carries: [], ignored: [] };
  }
  const revision = await fetchRevision(link, offered.sha);
  const { changes } = plan({ revision, store, delivery, sha: offered.sha });
  const files = await Promise.all(
    changes.map(async (change) => ({
      path: change.path,
      kind: change.kind,
      diff: await toDiff(change),
      ...(change.note === undefined ? {} : { note: change.note }),
    })),
  );
  const teams = revision.files.get('settings.json');
  const settings = teams === undefined ? null : parseSettings(teams.data.toString('utf8'), 'the team’s');
  const { digest, ignored } = revision;
  return { ...common, digest, files, carries: listCarried(revision.files, settings), ignored };
}

/**
 * @param {Surroundings} around
 * @param {string} sha the revision that the member has agreed to, and no other
 * @param {string | undefined} digest of what he was shown
 */
export async function apply({ link, store, delivery }, sha, digest) {
  const revision = await fetchRevision(link, sha);
  if (digest !== undefined && digest !== revision.digest) {
    throw new TeamFailure('changed', `what the team serves as ${sha.slice(0, 8)} is not what was agreed to`);
  }
  const { changes, ops, record } = plan({ revision, store, delivery, sha });
  store.apply({ ops, record });
  return { ...told(changes), ...stateOf(store) };
}

/** @param {Pick<Surroundings, 'store'>} around */
export function undo({ store }) {
  const { changes, ops, record } = planConfig({ wanted: null, record: store.record(), look: store.look });
  store.apply({ ops, record });
  return { ...told(changes), ...stateOf(store) };
}

/** The configuration undone, and the team's servers unregistered. @param {Pick<Surroundings, 'store' | 'folder'>} around */
export async function leave({ store, folder }) {
  const undone = undo({ store });
  const { reports } = await changeConfigFile({
    folder,
    memory,
    reconcile: (config, registered) =>
      reconcileEntries({ config, registered, wanted: [], toEntry, gone: 'the team was left' }),
  });
  return { ...undone, servers: reports };
}

/** @param {readonly import('./plan.mjs').Change[]} changes */
function told(changes) {
  const isKept = (/** @type {import('./plan.mjs').Change} */ { kind }) => kind === 'keep-yours';
  return {
    written: changes.filter((change) => !isKept(change) && change.kind !== 'same').map(({ path }) => path),
    kept: changes.filter(isKept).map(({ path, note = '' }) => ({ path, note })),
  };
}

/** @param {{revision: import('./archive.mjs').Revision, sha: string} & Pick<Surroundings, 'store' | 'delivery'>} options */
function plan({ revision, store, delivery, sha }) {
  const wanted = { team: delivery.team, revision: sha, files: revision.files };
  try {
    return planConfig({ wanted, record: store.record(), look: store.look });
  } catch (error) {
    throw new TeamFailure('archive', error.message);
  }
}

/** @param {Surroundings['link']} link @param {string} sha */
async function fetchRevision(link, sha) {
  try {
    return await readArchive(await link.archive(sha));
  } catch (error) {
    if (error instanceof ArchiveRefused) {
      throw new TeamFailure('archive', `revision ${sha.slice(0, 8)} is refused: ${error.message}`);
    }
    throw error;
  }
}

/**
 * Whether Claude's configuration folder is one of the machine's own, so that what is written there counts outside as well.
 * @param {string} folder @param {string} [mounts]
 */
export function isShared(folder, mounts = readFileSync('/proc/self/mountinfo', 'utf8')) {
  const line = mounts.split('\n').find((one) => one.split(' ')[4] === folder);
  return line !== undefined && !/\/volumes\/[^/ ]+\/_data$/.test(line.split(' ')[3] ?? '');
}
