import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { contentSecurityPolicy } from '../../main/hosts/web/guard.ts';
import { peerOwner } from '../../main/hosts/web/peer.ts';
import { exchange, startHost, tokenOf } from './support.ts';

/** As the kernel prints it; the first entry is the server's end of the second. */
const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 0100007F:C35A 01 00000000:00000000 00:00000000 00000000  1000        0 11 1 0000000000000000 20 4 30 10 -1
   1: 0100007F:C35A 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1001        0 12 1 0000000000000000 20 4 30 10 -1
`;

describe('who is at the other end', () => {
  const connection = { address: '127.0.0.1', port: 8080, peerAddress: '127.0.0.1', peerPort: 50010 };

  it('is read from the peer’s own line', () => {
    expect(peerOwner(table, connection)).toBe(1001);
    expect(peerOwner(table, { ...connection, peerPort: 50011 })).toBeUndefined();
    expect(peerOwner('', connection)).toBeUndefined();
  });

  it.runIf(process.platform === 'linux')('is found in the kernel’s real table', async () => {
    let seen = '';
    const readTable = async () => {
      seen = await readFile('/proc/net/tcp', 'utf8');
      return seen;
    };
    const host = await startHost({ peer: { self: process.getuid?.() || 1, readTable } });
    expect(await exchange(host, tokenOf(host.link()))).toMatchObject({ status: 200 });
    expect(seen).toContain(`:${host.port.toString(16).toUpperCase().padStart(4, '0')} `);
  });

  it.runIf(process.platform === 'linux')(
    'may be us or root, but nobody else, who does not even spend the token',
    async () => {
      const self = 4242;
      let owner = 4243;
      const readTable = async () => {
        const real = await readFile('/proc/net/tcp', 'utf8');
        const lines = real
          .trim()
          .split('\n')
          .map((line) => line.trim().split(/\s+/));
        return lines.map((columns) => columns.with(7, String(owner)).join(' ')).join('\n');
      };
      const host = await startHost({ peer: { self, readTable } });
      const token = tokenOf(host.link());
      expect(await exchange(host, token)).toMatchObject({ status: 403, body: 'another user\n' });
      owner = 0;
      expect(await exchange(host, token)).toMatchObject({ status: 200 });
      owner = self;
      expect(await exchange(host, tokenOf(host.link()))).toMatchObject({ status: 200 });
    },
  );

  it('is not asked where the system does not say', async () => {
    const readTable = () => Promise.reject(new Error('no /proc'));
    const host = await startHost({ peer: { self: 4242, readTable } });
    expect(await exchange(host, tokenOf(host.link()))).toMatchObject({ status: 200 });
  });
});

it('the page and its host agree on the Content-Security-Policy', async () => {
  const html = await readFile('renderer/index.html', 'utf8');
  const written = /http-equiv="Content-Security-Policy"\s+content="([^"]+)"/.exec(html)?.[1] ?? '';
  const directives = (policy: string) =>
    policy
      .split(';')
      .map((part) => part.trim())
      .sort();
  // Framing can be forbidden by a header only.
  expect(directives(contentSecurityPolicy)).toEqual(directives(`${written}; frame-ancestors 'none'`));
});
