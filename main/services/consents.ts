import * as z from 'zod';
import { credentialName } from '../../preload/contract/credentials.ts';
import type { Clock, Log, StateStore } from './ports.ts';
import { createStateList } from './state-document.ts';

const entry = z.object({ /** Absolute. */ folder: z.string().min(1), name: credentialName });

/**
 * Which names a project's folder may have from the keychain. A file that came with a repository can ask for any name,
 * and can call its project what it likes, so the folder is what the user has agreed to, once a name.
 */
export function createConsents(options: { readonly state: StateStore; readonly clock: Clock; readonly log: Log }) {
  const { read, change } = createStateList({ ...options, name: 'consents', entry, onChange: () => undefined });
  return {
    of: async (folder: string): Promise<ReadonlySet<string>> =>
      new Set((await read()).filter((one) => one.folder === folder).map(({ name }) => name)),

    add: async (folder: string, names: readonly string[]): Promise<void> => {
      const known = new Set((await read()).filter((one) => one.folder === folder).map(({ name }) => name));
      const added = names.filter((name) => !known.has(name));
      if (added.length === 0) return;
      await change(async (now) => [...now, ...added.map((name) => ({ folder, name }))]);
    },
  };
}
export type Consents = ReturnType<typeof createConsents>;
