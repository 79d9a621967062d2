// `claude-env team …` and the team's part of `claude-env init --mode=team`, in the container.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { apply, diff, leave, register, stateOf, undo } from './actions.mjs';
import {
  forgetDelivery,
  isInMemory,
  keepDelivery,
  memory,
  parseDelivery,
  readDelivery,
  TeamFailure,
} from './delivery.mjs';
import { createLink } from './link.mjs';
import { toLines } from './present.mjs';
import { createStore } from './store.mjs';
import { watchState } from './watch.mjs';

export const teamUsage = 'claude-env team diff | apply SHA [--digest HEX] | undo | state | watch | leave [--json]';

/**
 * @param {object} call
 * @param {string} call.verb
 * @param {string | undefined} call.sha
 * @param {string | undefined} call.digest
 * @param {boolean} call.json
 * @param {boolean} [call.receive] standard input brings who the team is and the token
 * @param {string} call.folder CLAUDE_CONFIG_DIR
 * @returns {Promise<number>} exit code
 */
export async function runTeam({ verb, sha, digest, json, receive = false, folder }) {
  try {
    if (receive) {
      await receiveDelivery();
    }
    const say = (/** @type {object} */ result) =>
      console.log(json ? JSON.stringify({ result }) : toLines(verb, result).join('\n'));
    if (verb === 'watch') {
      // As long as whoever asked is there.
      const until = once(process.stdin.resume(), 'close');
      await watchState({ store: createStore(folder), folder, tell: say, until });
      return 0;
    }
    say(await act({ verb, sha, digest, folder }));
    return 0;
  } catch (error) {
    const code = error instanceof TeamFailure ? error.code : 'failed';
    console[json ? 'log' : 'error'](
      json ? JSON.stringify({ error: { code, message: error.message } }) : `failed: ${error.message}`,
    );
    return 1;
  }
}

async function receiveDelivery() {
  if (!isInMemory(memory)) {
    throw new TeamFailure(
      'no-memory',
      `${memory} is not in memory here, so no token is put there; bring the stack up again`,
    );
  }
  const systemCa = readFileSync('/etc/ssl/certs/ca-certificates.crt', 'utf8');
  keepDelivery(parseDelivery(await text(process.stdin)), { systemCa });
}

/**
 * @param {{verb: string, sha: string | undefined, digest: string | undefined, folder: string}} call
 * @returns {Promise<object>}
 */
async function act({ verb, sha, digest, folder }) {
  const store = createStore(folder);
  // Whatever ended the last one in between.
  store.recover();
  switch (verb) {
    case 'recover':
      return {};
    case 'state':
      return stateOf(store);
    case 'undo':
      return undo({ store });
    case 'leave': {
      const left = await leave({ store, folder });
      forgetDelivery();
      return left;
    }
  }
  const delivery = readDelivery();
  const link = createLink(delivery);
  const around = { delivery, link, store, folder };
  try {
    switch (verb) {
      case 'register':
        return await register(around);
      case 'diff':
        return await diff(around);
      default:
        return await apply(around, sha ?? '', digest);
    }
  } finally {
    link.close();
  }
}
