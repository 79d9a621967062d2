import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { connect } from 'node:tls';
import { expect, it } from 'vitest';
import { certificates } from '../../main/platform/certificates.ts';
import type { KeyedCertificate } from '../../main/services/ports.ts';

const day = 86_400_000;
const now = Date.now();
const hosts = ['team.claude-env.internal', 'team.example'];
const lasting = { from: now, until: now + 10 * day };

it('makes an authority and what a TLS client that knows it alone accepts, for these hosts and no others', async () => {
  const authority = await certificates.makeAuthority({ name: 'Falcon', hosts, ...lasting });
  const made = await certificates.issue(authority, { hosts: ['127.0.0.1', 'team.example'], ...lasting });
  const outside = await certificates.issue(authority, { hosts: ['127.0.0.1', 'bank.example'], ...lasting });

  const [root, leaf] = [new X509Certificate(authority.certificate), new X509Certificate(made.certificate)];
  expect([root.ca, leaf.ca, leaf.checkIssued(root), leaf.verify(root.publicKey)]).toEqual([true, false, true, true]);
  expect(leaf.checkPrivateKey(createPrivateKey(made.key))).toBe(true);
  expect(certificates.fingerprint(authority.certificate)).toBe(root.fingerprint256.replaceAll(':', '').toLowerCase());
  expect(await certificates.belong(made)).toBe(true);
  expect(await certificates.belong({ certificate: authority.certificate, key: made.key })).toBe(false);

  const serve = async ({ certificate, key }: KeyedCertificate) => {
    const server = createServer({ cert: certificate, key }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return { server, port: typeof address === 'object' && address !== null ? address.port : 0 };
  };
  const [own, foreign] = await Promise.all([serve(made), serve(outside)]);
  const call = async (servername: string, ca: string, { port } = own) => {
    const socket = connect({ host: '127.0.0.1', port, ca, ...(servername === '' ? {} : { servername }) });
    const answer = await once(socket, 'secureConnect').then(
      () => 'accepted',
      (error: Error) => error.message,
    );
    socket.destroy();
    return answer;
  };
  const stranger = await certificates.makeAuthority({ name: 'Falcon', hosts, ...lasting });
  try {
    expect(await call('', authority.certificate)).toBe('accepted');
    expect(await call('team.example', authority.certificate)).toBe('accepted');
    expect(await call('other.example', authority.certificate)).toContain('altnames');
    // Somebody else's name is not the authority's to vouch for, whoever has its key.
    expect(await call('bank.example', authority.certificate, foreign)).toBe('permitted subtree violation');
    expect(await call('', stranger.certificate)).not.toBe('accepted');
  } finally {
    own.server.close();
    foreign.server.close();
  }
});

it('says what is no certificate and no key', async () => {
  expect(() => certificates.fingerprint('nothing')).toThrow('no certificate');
  const authority = await certificates.makeAuthority({ name: 'Falcon', hosts, ...lasting });
  const broken = certificates.issue({ ...authority, key: 'nothing' }, { hosts: ['a.example'], ...lasting });
  await expect(broken).rejects.toThrow('no private key');
});
