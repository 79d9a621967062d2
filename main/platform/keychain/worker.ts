import { createRequire } from 'node:module';
import type { KeychainMessage, KeychainReply, KeychainRequest } from './protocol.ts';

/*
 * The only process that loads keytar. Seen with keytar 7.10.6 and gnome-keyring 42: a locked keyring whose dialog cannot
 * be shown ends the process that asks by SIGSEGV, and a dialog that nobody answers blocks it for good. Here either costs
 * a child that can be replaced.
 */

/** Every entry is kept under this service; its account is scope and name. */
const keychainService = 'claude-env';

interface Port {
  readonly send: (reply: KeychainReply) => void;
  readonly listen: (answer: (message: KeychainMessage) => void) => void;
}

/** Electron's utility processes have a port of their own; elsewhere it is Node's channel to the parent. */
function parentPort(): Port {
  const { parentPort: electron } = process as NodeJS.Process & {
    readonly parentPort?: {
      postMessage: (reply: KeychainReply) => void;
      on: (event: 'message', listener: (event: { data: KeychainMessage }) => void) => void;
    };
  };
  if (electron !== undefined) {
    return {
      send: (reply) => electron.postMessage(reply),
      listen: (answer) => electron.on('message', ({ data }) => answer(data)),
    };
  }
  return {
    send: (reply) => process.send?.(reply),
    listen: (answer) => {
      process.on('message', (message) => answer(message as KeychainMessage));
      process.on('disconnect', () => process.exit(0));
    },
  };
}

/** Not `import()`, for which the bundler wants a second file: a package has this one alone. */
const load = createRequire(import.meta.url);

async function ask(request: KeychainRequest): Promise<string | null> {
  const keytar: typeof import('keytar') = load('keytar');
  switch (request.call) {
    case 'get':
      return keytar.getPassword(keychainService, request.account);
    case 'set':
      await keytar.setPassword(keychainService, request.account, request.value);
      return null;
    case 'delete':
      return (await keytar.deletePassword(keychainService, request.account)) ? request.account : null;
  }
}

const port = parentPort();
port.listen(({ id, request }) => {
  ask(request).then(
    (found) => port.send({ id, found }),
    (error: unknown) => port.send({ id, error: error instanceof Error ? error.message : String(error) }),
  );
});
