import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { connect } from 'node:tls';
import { expect, it } from 'vitest';
import { certificates } from '../../main/platform/certificates.ts';

const day = 86_400_000;
const now = Date.now();
const lasting = { from: now, until: now + 10 * day };

it('makes an authority and what a TLS client that knows it alone accepts, for these hosts and no others', async () => {
  const authority = await certificates.makeAuthority({ name: 'Falcon', ...lasting });
  const made = await certificates.issue(authority, { hosts: ['127.0.0.1', 'team.example'], ...lasting });

  const [root, leaf] = [new X509Certificate(authority.certificate), new X509Certificate(made.certificate)];
  expect([root.ca, leaf.ca, leaf.checkIssued(root), leaf.verify(root.publicKey)]).toEqual([true, false, true, true]);
  expect(leaf.checkPrivateKey(createPrivateKey(made.key))).toBe(true);
  expect(certificates.fingerprint(authority.certificate)).toBe(root.fingerprint256.replaceAll(':', '').toLowerCase());
  expect(await certificates.belong(made)).toBe(true);
  expect(await certificates.belong({ certificate: authority.certificate, key: made.key })).toBe(false);

  const server = createServer({ cert: made.certificate, key: made.key }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const call = async (servername: string, ca: string) => {
    const socket = connect({ host: '127.0.0.1', port, ca, ...(servername === '' ? {} : { servername }) });
    const answer = await once(socket, 'secureConnect').then(
      () => 'accepted',
      (error: NodeJS.ErrnoException) => error.code,
    );
    socket.destroy();
    return answer;
  };
  const stranger = await certificates.makeAuthority({ name: 'Falcon', ...lasting });
  try {
    expect(await call('', authority.certificate)).toBe('accepted');
    expect(await call('team.example', authority.certificate)).toBe('accepted');
    expect(await call('other.example', authority.certificate)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await call('', stranger.certificate)).not.toBe('accepted');
  } finally {
    server.close();
  }
});

it('says what is no certificate and no key', async () => {
  expect(() => certificates.fingerprint('nothing')).toThrow('no certificate');
  const authority = await certificates.makeAuthority({ name: 'Falcon', ...lasting });
  const broken = certificates.issue({ ...authority, key: 'nothing' }, { hosts: ['a.example'], ...lasting });
  await expect(broken).rejects.toThrow('no private key');
});
