import * as z from 'zod';
import { stackId } from '../../../preload/contract/kept.ts';
import type { Clock, Log, StateStore } from '../ports.ts';
import { createStateList } from '../state-document.ts';

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const entry = z.discriminatedUnion('kind', [
  /** The user agreed to this revision of the team's, and to what was in it: new containers get it without asking. */
  z.object({ kind: z.literal('agreed'), ca: digest, sha: z.string().regex(/^[0-9a-f]{40}$/), digest }),
  /** What the team gives was brought there, and has to be taken back when the team is left. */
  z.object({ kind: z.literal('brought'), ca: digest, stack: stackId }),
]);
type Entry = z.infer<typeof entry>;
export interface Agreed {
  readonly sha: string;
  readonly digest: string;
}

/** In the state file `team-member`; a team is known by the digest of its CA. */
export function createMemberMemory(options: { readonly state: StateStore; readonly clock: Clock; readonly log: Log }) {
  const { read, change, watch } = createStateList({
    ...options,
    name: 'team-member',
    entry,
    onChange: () => undefined,
  });
  const put = async (one: Entry, replaces: (other: Entry) => boolean): Promise<void> => {
    const now = await read();
    if (now.filter(replaces).length === 1 && now.some((other) => JSON.stringify(other) === JSON.stringify(one))) return;
    await change(async (list) => [...list.filter((other) => !replaces(other)), one]);
  };
  const drop = async (gone: (one: Entry) => boolean): Promise<void> => {
    if ((await read()).some(gone)) await change(async (list) => list.filter((one) => !gone(one)));
  };
  return {
    agreed: async (ca: string): Promise<Agreed | undefined> =>
      (await read()).flatMap((one) => (one.kind === 'agreed' && one.ca === ca ? [one] : []))[0],
    /** Called when another program of this user's has written, too: another revision may be agreed to. */
    onChange: watch,
    agree: (ca: string, { sha, digest: of }: Agreed) =>
      put({ kind: 'agreed', ca, sha, digest: of }, (one) => one.kind === 'agreed'),
    disagree: () => drop(({ kind }) => kind === 'agreed'),
    /** Whether something was brought there, by whatever team. */
    hasBrought: async (stack: string): Promise<boolean> =>
      (await read()).some((one) => one.kind === 'brought' && one.stack === stack),
    brought: (ca: string, stack: z.infer<typeof stackId>) =>
      put({ kind: 'brought', ca, stack }, (one) => one.kind === 'brought' && one.stack === stack),
    takenBack: (stack: string) => drop((one) => one.kind === 'brought' && one.stack === stack),
    /** Environments that still have what a team brought. */
    left: async (): Promise<readonly string[]> =>
      (await read()).flatMap((one) => (one.kind === 'brought' ? [one.stack] : [])),
  };
}
export type MemberMemory = ReturnType<typeof createMemberMemory>;
