import * as z from 'zod';
import { AppFailure } from '../core/app-failure.ts';
import { commandsIn } from '../core/compose/commands.ts';
import type { Clock, Files, Ids, Log, StateStore } from './ports.ts';
import { createStateList } from './state-document.ts';

const entry = z.object({
  /** Absolute, without links. */
  path: z.string().min(1),
  /** Of its text when it was trusted. */
  sha256: z.string(),
  /** Milliseconds since the epoch. */
  since: z.number(),
});

type Command = readonly string[];

export interface TrustedFile {
  readonly path: string;
  /** `changed`: it has another text now, and counts for nothing. */
  readonly state: 'trusted' | 'changed' | 'gone';
  readonly since: number;
  /** What may be run because of it; empty unless it is trusted. */
  readonly commands: readonly Command[];
}

export interface TrustOptions {
  readonly files: Files;
  readonly ids: Pick<Ids, 'sha256'>;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Compose files whose commands may be run (`x-claude-env: {command: …}`): the user’s word about a text, not about a place.
 * Another text at that place, even a space more, is another file.
 */
export function createTrust({ files, ids, ...options }: TrustOptions) {
  const { read, change } = createStateList({ ...options, name: 'trusted', entry, onChange: () => undefined });

  const look = async (given: string) => {
    const path = await files.realPath(given);
    const text = await files.readText(path);
    return { path, text, sha256: ids.sha256(text) };
  };

  return {
    list: async (): Promise<readonly TrustedFile[]> =>
      Promise.all(
        (await read()).map(async ({ path, sha256, since }): Promise<TrustedFile> => {
          const now = await look(path).catch((error: unknown) => {
            if (error instanceof AppFailure) return undefined;
            throw error;
          });
          const state = now === undefined ? 'gone' : now.sha256 === sha256 && now.path === path ? 'trusted' : 'changed';
          const commands = now !== undefined && state === 'trusted' ? await commandsIn(path, now.text) : [];
          return { path, state, since, commands };
        }),
      ),

    /** What the file would be trusted with, for somebody to agree to. */
    show: async (
      given: string,
    ): Promise<{ readonly path: string; readonly sha256: string; readonly commands: readonly Command[] }> => {
      const { path, text, sha256 } = await look(given);
      return { path, sha256, commands: await commandsIn(path, text) };
    },

    /** `sha256`: of the text that was shown; `plan.changed` when it is another one by now. */
    add: async (given: string, shown: string): Promise<void> => {
      const { path, sha256 } = await look(given);
      if (sha256 !== shown) {
        throw new AppFailure({
          code: 'plan.changed',
          message: `${path} has changed meanwhile.`,
          hint: 'Look at it again.',
        });
      }
      await change(async (now) => [
        ...now.filter((one) => one.path !== path),
        { path, sha256, since: options.clock.now() },
      ]);
    },

    /** Also one that is gone, by the path that `list` says. false: it was not trusted. */
    remove: async (given: string): Promise<boolean> => {
      const real = await files.realPath(given).catch(() => given);
      const isIt = ({ path }: { readonly path: string }) => path === real || path === given;
      if (!(await read()).some(isIt)) return false;
      await change(async (now) => now.filter((one) => !isIt(one)));
      return true;
    },

    /** Those of these files that are not trusted as they are now, and what the others give leave to run. */
    judge: async (
      paths: readonly string[],
    ): Promise<{
      readonly untrusted: readonly { readonly path: string; readonly changed: boolean }[];
      readonly commands: readonly Command[];
    }> => {
      const known = new Map((await read()).map(({ path, sha256 }) => [path, sha256]));
      const untrusted: { path: string; changed: boolean }[] = [];
      const commands: Command[] = [];
      for (const given of new Set(paths)) {
        const { path, text, sha256 } = await look(given);
        if (known.get(path) === sha256) commands.push(...(await commandsIn(path, text)));
        else untrusted.push({ path, changed: known.has(path) });
      }
      return { untrusted, commands };
    },
  };
}
export type Trust = ReturnType<typeof createTrust>;
