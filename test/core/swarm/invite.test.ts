import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromBase32, fromUtf8, toBase32, toUtf8 } from '../../../main/core/swarm/base32.ts';
import { decodeInvite, encodeInvite, type Invite } from '../../../main/core/swarm/invite.ts';
import { parseJoinToken, toFingerprint } from '../../../main/core/swarm/join-token.ts';

const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');
// Seen on an engine 20.10: the digest is the SHA-256 of the Swarm's root certificate.
const token = 'SWMTKN-1-041kswuiaus0i5v86ybk2sff0s4f7yugroq1tg02pm4yu6ibom-b538to69yycv6ilr6du8iez0c';
const now = Date.UTC(2026, 10, 21, 16, 0);
const invite: Invite = {
  id: 'k3x9',
  team: 'Falcon 2',
  role: 'worker',
  machine: 'laptop',
  managers: ['10.77.0.2:2377', '[fd00::2]:2377'],
  token,
  expires: now / 1000 + 3600,
  see: 'ssh://ops@10.77.0.2',
};
const word = encodeInvite(invite, sha256);
const read = (text: string, at = now) => decodeInvite(text, { sha256, now: at });
const codeOf = (text: string, at = now) => {
  const answer = read(text, at);
  return 'error' in answer ? answer.error.code : 'accepted';
};

describe('an invite', () => {
  it('comes back as it went out, whatever became of capitals and line breaks on the way', () => {
    expect(read(word)).toEqual({ invite });
    expect(read(`  ${word.slice(0, 40).toUpperCase()}\n> ${word.slice(40)} `.replace('> ', ''))).toEqual({ invite });
    const { see: _see, ...without } = invite;
    expect(read(encodeInvite(without, sha256))).toEqual({ invite: without });
  });

  it('is one word of letters, digits and dashes, short enough for a QR code', () => {
    expect(word).toMatch(/^claude-env-team-1-[a-z2-7]+-[a-z2-7]+$/);
    expect(word.length).toBeLessThan(500);
  });

  it('is refused when any one letter of it is another', () => {
    const start = 'claude-env-team-1-'.length;
    for (let at = start; at < word.length; at += 1) {
      const other = word[at] === 'a' ? 'b' : 'a';
      expect(codeOf(word.slice(0, at) + other + word.slice(at + 1)), `letter ${at}`).toBe('swarm.invite-invalid');
    }
  });

  it('is refused when its end is missing', () => {
    for (let length = 0; length < word.length; length += 7) {
      expect(codeOf(word.slice(0, length)), `${length} letters`).toBe('swarm.invite-invalid');
    }
  });

  it.each([
    ['expired a second ago', word, invite.expires * 1000 + 1000, 'swarm.invite-expired'],
    ['of a later version', word.replace('team-1-', 'team-7-'), now, 'swarm.invite-invalid'],
    ['Docker’s own token', `docker swarm join --token ${token} 10.0.0.1:2377`, now, 'swarm.invite-invalid'],
    ['anything else', 'https://example.com/join', now, 'swarm.invite-invalid'],
    ['nothing', '', now, 'swarm.invite-invalid'],
  ])('is refused: %s', (_what, text, at, code) => {
    expect(codeOf(text, at)).toBe(code);
  });

  it('says in its refusal what to do, and never shows the token', () => {
    for (const text of [word.slice(0, -3), `${token}`, word.replace('team-1-', 'team-7-')]) {
      const answer = read(text);
      if (!('error' in answer)) throw new Error('accepted');
      expect(answer.error.hint).toBeTruthy();
      expect(JSON.stringify(answer)).not.toContain(token.slice(-25));
    }
  });

  it('holds nothing but what an invite may hold', () => {
    const bad = (change: Partial<Invite>) => codeOf(encodeInvite({ ...invite, ...change }, sha256));
    expect(bad({ see: 'https://x' })).toBe('swarm.invite-invalid');
    expect(bad({ managers: [] })).toBe('swarm.invite-invalid');
    expect(bad({ managers: ['-oProxyCommand=x:22'] })).toBe('swarm.invite-invalid');
    expect(bad({ see: 'ssh://-oProxyCommand=x' })).toBe('swarm.invite-invalid');
    expect(bad({ token: 'SWMTKN-1-short-x' })).toBe('swarm.invite-invalid');
    expect(bad({ team: '\u001b[2J' })).toBe('swarm.invite-invalid');
  });
});

describe('base 32', () => {
  it('keeps every byte', () => {
    const bytes = Array.from({ length: 256 }, (_, at) => at);
    for (const length of [0, 1, 2, 3, 4, 5, 255, 256]) {
      expect(fromBase32(toBase32(bytes.slice(0, length)))).toEqual(bytes.slice(0, length));
    }
    expect(toBase32(toUtf8('foobar'))).toBe('mzxw6ytboi');
    expect(fromUtf8(toUtf8('Grüße, 東京 🚀'))).toBe('Grüße, 東京 🚀');
    expect(fromUtf8([0xff])).toBeUndefined();
  });
});

describe('a join token', () => {
  it('tells the digest of the certificate', () => {
    const digest = parseJoinToken(token)?.caDigest ?? '';
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    let back = '';
    for (let rest = BigInt(`0x${digest}`); rest > 0n; rest /= 36n) back = (rest % 36n).toString(36) + back;
    expect(token).toContain(back.padStart(50, '0'));
    expect(toFingerprint(digest)).toMatch(/^(?:[0-9A-F]{4} ){3}[0-9A-F]{4}$/);
    expect(parseJoinToken('SWMTKN-1-x-y')).toBeUndefined();
  });
});
