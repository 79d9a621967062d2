import { forTests } from '../support/for-tests.ts';
import { hasSecretService, type SecretService, startSecretService } from '../support/secret-service.ts';
import { createWorkbench, type Finished, type Running, startOnTerminal, type Workbench } from './support.ts';

export interface KeyringDesk {
  readonly bench: Workbench;
  readonly keyring: SecretService;
  /** The command with that keychain in reach. */
  readonly run: (args: readonly string[], more?: Readonly<Record<string, string>>) => Promise<Finished>;
  /** `secret set` with the value on standard input. */
  readonly setSecret: (value: string, ...args: readonly string[]) => Promise<Finished>;
  /** The same command on a terminal 200 columns wide. Takes util-linux' `script`. */
  readonly onTerminal: (args: readonly string[], environment?: Readonly<Record<string, string>>) => Running;
}

const noKeyring = (): SecretService => {
  throw new Error('There is no Secret Service on this machine.');
};

/**
 * A workbench with a Secret Service beside it, for all tests of the file that calls this at its top. Where no Secret Service
 * can be had the workbench is there alone: tests ask `hasSecretService` before they run.
 */
export function deskWithKeyring(): KeyringDesk {
  const bench = forTests(createWorkbench, (made) => made.remove());
  const keyring = hasSecretService ? forTests(startSecretService, (made) => made.stop()) : noKeyring;
  return {
    get bench() {
      return bench();
    },
    get keyring() {
      return keyring();
    },
    run: (args, more = {}) => bench().run(args, { ...keyring().environment, ...more }),
    setSecret: (value, ...args) => {
      const { child, finished } = bench().start(['secret', 'set', ...args], keyring().environment);
      child.stdin?.end(value);
      return finished;
    },
    onTerminal: (args, environment = keyring().environment) => startOnTerminal(bench(), 'cols 200', args, environment),
  };
}
