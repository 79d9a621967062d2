import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromBase32, fromUtf8, toBase32, toUtf8 } from '../../../main/core/swarm/base32.ts';
import { decodeInvite, encodeInvite, type Invite } from '../../../main/core/swarm/invite.ts';
import { parseJoinToken, toFingerprint } from '../../../main/core/swarm/join-token.ts';

const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');
// Seen on an engine 20.10: the digest is the SHA-256 of the Swarm's root certificate.
const token = 'SWMTKN-1-041kswuiaus0i5v86ybk2sff0s4f7yugroq1tg02pm4yu6ibom-b538to69yycv6ilr6du8iez0c';
const now = Date.UTC(2026, 10, 21, 16, 0);
const swarm = {
  role: 'worker',
  machine: 'laptop',
  managers: ['10.77.0.2:2377', '[fd00::2]:2377'],
  token,
  see: 'ssh://ops@10.77.0.2',
} as const;
const services = {
  addresses: ['10.77.0.1:8443', '[fd00::1]:8443'],
  ca: 'ab'.repeat(32),
  code: `cei_${'Az09_-'.repeat(5)}xy`,
};
const about = { id: 'k3x9', team: 'Falcon 2', expires: now / 1000 + 3600 };
const invite = { ...about, swarm };
/** By what they let in. */
const invites: readonly (readonly [string, number, Invite])[] = [
  ['a machine', 1, invite],
  ['a machine and a person', 2, { ...about, swarm, services }],
  ['a person', 2, { ...about, services }],
];
const word = encodeInvite(invite, sha256);
const read = (text: string, at = now) => decodeInvite(text, { sha256, now: at });
const codeOf = (text: string, at = now) => {
  const answer = read(text, at);
  return 'error' in answer ? answer.error.code : 'accepted';
};

/** Written by the version before there was another: programs of then and now understand each other. */
const firstVersion = [
  'claude-env-team-1-lmrgwm3yhercyisgmfwgg33oeazcelbco5xxe23foircyitmmfyhi33qeiwfwirrgaxdonzogaxdeorsgm',
  '3toirmejnwmzbqga5dums5hizdgnzxejosyistk5gvis2ofuys2mbugfvxg53vnfqxk4zqne2xmobwpfrgwmttmztda4zumy3xs5',
  'lhojxxcmlum4yde4dngr4xkntjmjxw2llcguztq5dpgy4xs6ldoy3gs3dsgzshkodjmv5dayzcfqytoojvgi4danbqgawce43tna',
  '5c6l3pobzuamjqfy3tolrqfyzcexi-ki2tsqwlrsuq',
].join('');

describe.each(invites)('an invite for %s', (_whom, version, wanted) => {
  const text = encodeInvite(wanted, sha256);

  it('comes back as it went out, whatever became of capitals and line breaks on the way', () => {
    expect(read(text)).toEqual({ invite: wanted });
    expect(read(`  ${text.slice(0, 40).toUpperCase()}\n> ${text.slice(40)} `.replace('> ', ''))).toEqual({
      invite: wanted,
    });
  });

  it('is one word of letters, digits and dashes, short enough for a QR code', () => {
    expect(text).toMatch(new RegExp(`^claude-env-team-${version}-[a-z2-7]+-[a-z2-7]+$`));
    expect(text.length).toBeLessThan(800);
  });

  it('is refused when any one letter of it is another', () => {
    const start = 'claude-env-team-1-'.length;
    for (let at = start - 2; at < text.length; at += 1) {
      if (text[at] === '-') continue;
      const other = text[at] === 'a' ? 'b' : text[at] === '1' ? '2' : text[at] === '2' && at < start ? '1' : 'a';
      expect(codeOf(text.slice(0, at) + other + text.slice(at + 1)), `letter ${at}`).toBe('swarm.invite-invalid');
    }
  });

  it('is refused when its end is missing', () => {
    for (let length = 0; length < text.length; length += 7) {
      expect(codeOf(text.slice(0, length)), `${length} letters`).toBe('swarm.invite-invalid');
    }
  });

  it('expires', () => {
    expect(codeOf(text, about.expires * 1000 - 1)).toBe('accepted');
    expect(codeOf(text, about.expires * 1000)).toBe('swarm.invite-expired');
  });

  it('never shows what is secret in it when it is refused', () => {
    for (const broken of [text.slice(0, -3), text.replace(/team-\d-/, 'team-7-'), `${text}a`]) {
      const answer = read(broken);
      if (!('error' in answer)) throw new Error('accepted');
      expect(answer.error.hint).toBeTruthy();
      expect(JSON.stringify(answer)).not.toContain(token.slice(-25));
      expect(JSON.stringify(answer)).not.toContain(services.code.slice(4));
    }
  });
});

describe('an invite', () => {
  it('without more wishes is without them', () => {
    const { see: _see, ...without } = swarm;
    for (const more of [{}, { services }]) {
      const wanted = { ...about, ...more, swarm: without };
      expect(read(encodeInvite(wanted, sha256))).toEqual({ invite: wanted });
    }
  });

  it('of the first version is read, and written where it is enough', () => {
    expect(read(firstVersion)).toEqual({ invite });
    expect(word).toBe(firstVersion);
  });

  it.each([
    ['expired a second ago', word, about.expires * 1000 + 1000, 'swarm.invite-expired'],
    ['of a later version', word.replace('team-1-', 'team-7-'), now, 'swarm.invite-invalid'],
    ['Docker’s own token', `docker swarm join --token ${token} 10.0.0.1:2377`, now, 'swarm.invite-invalid'],
    ['anything else', 'https://example.com/join', now, 'swarm.invite-invalid'],
    ['nothing', '', now, 'swarm.invite-invalid'],
  ])('is refused: %s', (_what, text, at, code) => {
    expect(codeOf(text, at)).toBe(code);
  });

  it('is not Docker’s own token, which is not repeated', () => {
    expect(JSON.stringify(read(token))).not.toContain(token.slice(-25));
  });

  it('holds nothing but what an invite may hold', () => {
    const bad = (wanted: Invite) => codeOf(encodeInvite(wanted, sha256));
    for (const more of [{}, { services }]) {
      const withSwarm = (change: Partial<NonNullable<Invite['swarm']>>) =>
        bad({ ...about, ...more, swarm: { ...swarm, ...change } });
      expect(withSwarm({})).toBe('accepted');
      expect(withSwarm({ see: 'https://x' })).toBe('swarm.invite-invalid');
      expect(withSwarm({ managers: [] })).toBe('swarm.invite-invalid');
      expect(withSwarm({ managers: ['-oProxyCommand=x:22'] })).toBe('swarm.invite-invalid');
      expect(withSwarm({ see: 'ssh://-oProxyCommand=x' })).toBe('swarm.invite-invalid');
      expect(withSwarm({ token: 'SWMTKN-1-short-x' })).toBe('swarm.invite-invalid');
      expect(bad({ ...about, ...more, swarm, team: '\u001b[2J' })).toBe('swarm.invite-invalid');
    }
    const withServices = (change: Partial<NonNullable<Invite['services']>>) =>
      bad({ ...about, services: { ...services, ...change } });
    expect(withServices({})).toBe('accepted');
    expect(withServices({ addresses: [] })).toBe('swarm.invite-invalid');
    expect(withServices({ addresses: ['https://10.77.0.1:8443'] })).toBe('swarm.invite-invalid');
    expect(withServices({ addresses: ['10.77.0.1:8443/x?y'] })).toBe('swarm.invite-invalid');
    expect(withServices({ ca: 'AB'.repeat(32) })).toBe('swarm.invite-invalid');
    expect(withServices({ code: 'cet_x' })).toBe('swarm.invite-invalid');
    expect(bad(about)).toBe('swarm.invite-invalid');
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
