import * as z from 'zod';
import { personRole } from '../../../preload/contract/person-role.ts';
import { AppFailure } from '../../core/app-failure.ts';
import { noToken, notLinked } from '../../core/team-services/failures.ts';
import { throwIfLocked } from '../keychain-state.ts';
import { createListeners } from '../listeners.ts';
import type { Clock, Keychain, Log, StateStore } from '../ports.ts';
import { createStateList } from '../state-document.ts';

/** Which team's services this user is linked to. No secret: the token is in the keychain. */
const record = z.object({
  team: z.string(),
  /** `host:port`; any of them does. */
  addresses: z.array(z.string()).min(1),
  /** PEM of the team's own CA, the only one that is believed. */
  ca: z.string(),
  /** SHA-256 of its DER, hex. */
  caDigest: z.string().regex(/^[0-9a-f]{64}$/),
  person: z.object({ id: z.string(), name: z.string(), role: personRole }),
  /** Milliseconds since the epoch. */
  linkedAt: z.number(),
});
export type LinkRecord = z.infer<typeof record>;

/** Beside a team's invites, and on no list of credentials: a stack's variables can never stand for it. */
export const tokenAccount = (caDigest: string): string => `team/${caDigest.slice(0, 16)}/services-token`;

/** One team at a time: a machine has one configuration, and one answer to what is the team's. */
export function createLink(options: {
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly keychain: Keychain;
  readonly program: string;
}) {
  const { keychain } = options;
  const listeners = createListeners<void>(options.log);
  const list = createStateList({
    ...options,
    name: 'team-services',
    entry: record,
    onChange: () => listeners.emit(),
  });
  const read = async (): Promise<LinkRecord | undefined> => (await list.read())[0];
  const mustRead = async (): Promise<LinkRecord> => {
    const found = await read();
    if (found === undefined) throw new AppFailure(notLinked(options.program));
    return found;
  };

  return {
    read,
    mustRead,
    /** Throws `keychain.*` where it cannot be read, or is gone. */
    token: async ({ caDigest, team }: LinkRecord): Promise<string> => {
      const found = await keychain.get(tokenAccount(caDigest));
      if (found !== undefined) return found;
      await throwIfLocked(keychain);
      throw new AppFailure(noToken(team));
    },
    /** The token first: a link without one is worth nothing. */
    keep: async (kept: LinkRecord, token: string): Promise<void> => {
      await keychain.set(tokenAccount(kept.caDigest), token);
      await list.change(async () => [kept]);
    },
    /** What was learned of it since; nothing, where it has ended meanwhile. */
    update: (caDigest: string, change: Partial<Pick<LinkRecord, 'team' | 'addresses' | 'person'>>): Promise<void> =>
      list.change(async (now) => now.map((one) => (one.caDigest === caDigest ? { ...one, ...change } : one))),
    replaceToken: async ({ caDigest }: LinkRecord, token: string): Promise<void> => {
      await keychain.set(tokenAccount(caDigest), token);
      listeners.emit();
    },
    /** Of a link that is another one by now. */
    forgetToken: async ({ caDigest }: LinkRecord): Promise<void> => {
      await keychain.delete(tokenAccount(caDigest));
    },
    forget: async ({ caDigest }: LinkRecord): Promise<void> => {
      await list.change(async () => []);
      await keychain.delete(tokenAccount(caDigest));
    },
    /** Called when it is another one, by this program or another. */
    onChange: (listener: () => void): (() => void) => {
      const stops = [listeners.add(listener), list.watch(listener)];
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}
export type Link = ReturnType<typeof createLink>;
