import type { AppError } from '../../../preload/contract/errors.ts';
import { wireError } from './wire.ts';

/* What goes wrong between a member's machine and the team's services, in the member's terms. Pure; no token in any of it. */

/** What one address said, or why it said nothing. */
export interface Tried {
  readonly address: string;
  readonly why: string;
}
const detailOf = (tried: readonly Tried[]): string => tried.map(({ address, why }) => `${address}: ${why}`).join('\n');

export const notLinked = (program: string): AppError => ({
  code: 'team.not-linked',
  message: 'This machine is linked to no team’s services.',
  hint: `Join with an invite that an operator made for you: ${program} team join`,
});

export const unreachable = (team: string, tried: readonly Tried[]): AppError => ({
  code: 'team.unreachable',
  message: `${team}’s services do not answer (${tried.map(({ address }) => address).join(', ')}).`,
  hint: 'Are you on the team’s network or VPN? Do firewalls let the port through? Are the servers on?',
  detail: detailOf(tried),
  retry: true,
});

export const otherCertificate = (team: string, { address, why }: Tried): AppError => ({
  code: 'team.other-certificate',
  message: `Who answers at ${address} is not ${team} as this machine knows it: its certificate is not of the team’s own CA.`,
  hint: 'Nothing was sent there. Compare the fingerprint with an operator; if the team made a new CA, ask for a new invite.',
  detail: why,
});

export const expiredCertificate = (team: string, { address, why }: Tried): AppError => ({
  code: 'team.unreachable',
  message: `The certificate of ${team}’s services at ${address} is not valid now: ${why}.`,
  hint: 'Is this machine’s clock right? Else an operator makes another one: `team up`, on the machine that has the key of the team’s authority.',
  detail: why,
  retry: true,
});

/** `team up` makes another certificate from then on. */
const renewBefore = 30 * 86_400_000;

/** What there is to say of a certificate that ends soon; undefined: nothing yet. `ends`, `now`: milliseconds since the epoch. */
export function certificateWarning(options: {
  readonly team: string;
  readonly role: string;
  readonly ends: number | undefined;
  readonly now: number;
}): { readonly message: string; readonly hint: string } | undefined {
  const { team, role, ends, now } = options;
  if (ends === undefined || ends - now >= renewBefore) return undefined;
  const days = Math.max(0, Math.floor((ends - now) / 86_400_000));
  const on = new Date(ends).toISOString().slice(0, 10);
  const who =
    role === 'operator'
      ? '`team up` makes another one, on the machine that has the key of the team’s authority: that of who ran it first.'
      : 'Tell an operator: `team up` makes another one.';
  return {
    message: `The certificate of ${team}’s services ends in ${days} ${days === 1 ? 'day' : 'days'}, on ${on}. After that nobody gets in.`,
    hint: who,
  };
}

export const revoked = (team: string): AppError => ({
  code: 'team.revoked',
  message: `${team}’s services no longer take this machine’s token: it was revoked, or you were taken out.`,
  hint: 'Ask an operator; with a new invite, join again. `team leave` takes away what is left here.',
});

export const noToken = (team: string): AppError => ({
  code: 'keychain.failed',
  message: `Your token for ${team}’s services is no longer in the keychain.`,
  hint: 'Ask an operator for a new invite, and join again.',
});

/** An answer that is no success. `wait`: seconds after which it may be another one. */
export function toAppError(
  { status, body, retryAfter }: { readonly status: number; readonly body: unknown; readonly retryAfter?: number },
  team: string,
): AppError {
  if (status === 401) return revoked(team);
  const said = wireError.safeParse(body).data?.error;
  const message = said?.message ?? `${team}’s services answered with ${status}.`;
  const hint = said?.hint === undefined ? {} : { hint: said.hint };
  if (said?.code === 'invite.pending') {
    return { code: 'team.pending', message, hint: 'An operator approves it; then join again.', ...hint, retry: true };
  }
  if (status === 429 || status >= 500) {
    const after = retryAfter === undefined ? {} : { hint: `Try again in ${Math.ceil(retryAfter)} s.` };
    return { code: 'team.unavailable', message, ...after, ...hint, retry: true };
  }
  return { code: 'team.refused', message, ...hint };
}

/** It was sent, and nobody knows whether it was done. */
export const lostAnswer = (team: string, { address, why }: Tried): AppError => ({
  code: 'team.unreachable',
  message: `${team}’s services did not finish their answer, so it is not known whether it was done.`,
  hint: 'Look before you try again.',
  detail: `${address}: ${why}`,
  retry: true,
});

/** It answers in another way than this program knows. */
export const strangeAnswer = (team: string, what: string): AppError => ({
  code: 'team.unavailable',
  message: `${team}’s services answered ${what} with something that this program does not understand.`,
  hint: 'Is this program, or are the services, of an older version?',
});
