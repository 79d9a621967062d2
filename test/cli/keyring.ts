import { afterAll, beforeAll } from 'vitest';
import { hasSecretService, type SecretService, startSecretService } from '../support/secret-service.ts';
import { createWorkbench, type Finished, program, type Running, type Workbench } from './support.ts';

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

const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/**
 * A workbench with a Secret Service beside it, for all tests of the file that calls this at its top. Where no Secret Service
 * can be had the workbench is there alone: tests ask `hasSecretService` before they run.
 */
export function deskWithKeyring(): KeyringDesk {
  let bench: Workbench | undefined;
  let keyring: SecretService | undefined;
  beforeAll(async () => {
    [bench, keyring] = await Promise.all([createWorkbench(), hasSecretService ? startSecretService() : undefined]);
  });
  afterAll(async () => {
    await bench?.remove();
    await keyring?.stop();
  });
  const present = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error('It is there only while tests run, and where there is a Secret Service.');
    return part;
  };
  return {
    get bench() {
      return present(bench);
    },
    get keyring() {
      return present(keyring);
    },
    run: (args, more = {}) => present(bench).run(args, { ...present(keyring).environment, ...more }),
    setSecret: (value, ...args) => {
      const { child, finished } = present(bench).start(['secret', 'set', ...args], present(keyring).environment);
      child.stdin?.end(value);
      return finished;
    },
    onTerminal: (args, environment = present(keyring).environment) =>
      present(bench).launch('env', [
        ...Object.entries(environment).map(([name, value]) => `${name}=${value}`),
        'script',
        '-qfec',
        `stty cols 200; exec ${[process.execPath, program, ...args].map(quote).join(' ')}`,
        '/dev/null',
      ]),
  };
}
