/*
 * Swarm's own join tokens, `SWMTKN-1-<digest>-<secret>`: the digest is the SHA-256 of the Swarm's root certificate (its PEM
 * text) in base 36, 50 digits; the secret has 25. moby/swarmkit ca/config.go, GenerateJoinToken. Version 2 puts a FIPS flag
 * in between and is made by Swarms that nobody can make with a free engine.
 */

const form = /^SWMTKN-1-([0-9a-z]{50})-([0-9a-z]{25})$/;

export interface JoinToken {
  /** SHA-256 of the root certificate, 64 hexadecimal digits. */
  readonly caDigest: string;
  readonly text: string;
}

/** undefined for what is no token of a kind that is known. */
export function parseJoinToken(text: string): JoinToken | undefined {
  const digits = form.exec(text)?.[1];
  if (digits === undefined) return undefined;
  let number = 0n;
  for (const digit of digits) number = number * 36n + BigInt(Number.parseInt(digit, 36));
  return { text, caDigest: number.toString(16).padStart(64, '0') };
}

/** `3F2A 90C1 …`: what two people compare on the telephone; 64 of the 256 bits, as nobody compares more. */
export const toFingerprint = (caDigest: string): string =>
  (caDigest.slice(0, 16).toUpperCase().match(/.{4}/g) ?? []).join(' ');
