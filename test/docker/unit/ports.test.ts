import type { ContainerInfo } from 'dockerode';
import { describe, expect, test } from 'vitest';
import {
  type Listener,
  parseExcludedRanges,
  parseLsof,
  parseNetstat,
  parseProcNet,
  parseTasklist,
} from '../../../main/docker/listeners.ts';
import { findTakenPorts } from '../../../main/docker/taken-ports.ts';

describe('what listens', () => {
  test('/proc/net/tcp and tcp6: only listeners, addresses in words', () => {
    const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
    const row = (local: string, remote: string, state: string, inode: number) =>
      `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000 100 0\n`;
    const text =
      head +
      row('0100007F:0BB9', '00000000:0000', '0A', 11) +
      row('0100007F:C350', '0100007F:0BB9', '01', 12) +
      row('00000000:0050', '00000000:0000', '0A', 13);
    expect(parseProcNet(text, 'tcp')).toEqual([
      { hostIp: '127.0.0.1', port: 3001, protocol: 'tcp', inode: '11' },
      { hostIp: '0.0.0.0', port: 80, protocol: 'tcp', inode: '13' },
    ]);
    const zero = '00000000';
    const six =
      head +
      row(`${zero}${zero}${zero}${zero}:0050`, `${zero}${zero}${zero}${zero}:0000`, '0A', 1) +
      row(`${zero}${zero}${zero}01000000:0051`, `${zero}${zero}${zero}${zero}:0000`, '0A', 2) +
      row(`${zero}${zero}FFFF00000100007F:0052`, `${zero}${zero}${zero}${zero}:0000`, '0A', 3) +
      row(`B80D01200000000000000000${'01000000'}:0053`, `${zero}${zero}${zero}${zero}:0000`, '0A', 4);
    expect(parseProcNet(six, 'tcp').map(({ hostIp }) => hostIp)).toEqual([
      '::',
      '::1',
      '127.0.0.1',
      '2001:db8:0:0:0:0:0:1',
    ]);
    expect(parseProcNet('', 'udp')).toEqual([]);
  });

  test('lsof on macOS', () => {
    const text =
      'p812\ncnginx\nf6\nPTCP\nn*:8080\nf7\nPTCP\nn[::1]:631\np900\ncmDNSResponder\nf3\nPUDP\nn*:5353\nn10.0.0.1:50->10.0.0.2:443\n';
    expect(parseLsof(text)).toEqual([
      { hostIp: '0.0.0.0', port: 8080, protocol: 'tcp', pid: 812, process: 'nginx' },
      { hostIp: '::1', port: 631, protocol: 'tcp', pid: 812, process: 'nginx' },
      { hostIp: '0.0.0.0', port: 5353, protocol: 'udp', pid: 900, process: 'mDNSResponder' },
    ]);
  });

  test('netstat on a German Windows', () => {
    const text = [
      'Aktive Verbindungen',
      '  Proto  Lokale Adresse         Remoteadresse          Status           PID',
      '  TCP    0.0.0.0:80             0.0.0.0:0              ABHÖREN         4',
      '  TCP    10.0.0.1:50000         10.0.0.2:443           HERGESTELLT     77',
      '  TCP    [::]:3000              [::]:0                 ABHÖREN         99',
      '  UDP    0.0.0.0:5353           *:*                                    99',
    ].join('\r\n');
    const names = parseTasklist('"System","4","Services","0","140 K"\r\n"node.exe","99","Console","1","80.000 K"\r\n');
    expect(parseNetstat(text, names)).toEqual([
      { hostIp: '0.0.0.0', port: 80, protocol: 'tcp', pid: 4, process: 'System' },
      { hostIp: '::', port: 3000, protocol: 'tcp', pid: 99, process: 'node.exe' },
      { hostIp: '0.0.0.0', port: 5353, protocol: 'udp', pid: 99, process: 'node.exe' },
    ]);
  });
});

test('ranges that Windows keeps to itself', () => {
  const text =
    '\r\nProtokoll tcp Portausschlussbereiche\r\n\r\nStartport    Endport\r\n----------    --------\r\n      5357        5358\r\n     50000       50001     *\r\n';
  expect(parseExcludedRanges(text).map(({ port, owner }) => `${port} ${owner}`)).toEqual([
    '5357 Windows, which keeps ports 5357-5358 to itself',
    '5358 Windows, which keeps ports 5357-5358 to itself',
    '50000 Windows, which keeps ports 50000-50001 to itself',
    '50001 Windows, which keeps ports 50000-50001 to itself',
  ]);
});

describe('whose it is', () => {
  const container = (name: string, port: number, ip = '127.0.0.1', project?: string): ContainerInfo =>
    ({
      Id: `id-of-${name}`,
      Names: [`/${name}`],
      Labels: project === undefined ? {} : { 'com.docker.compose.project': project },
      Ports: [{ IP: ip, PrivatePort: 80, PublicPort: port, Type: 'tcp' }],
    }) as unknown as ContainerInfo;
  const listener = (port: number, hostIp: string, more: Partial<Listener> = {}): Listener => ({
    hostIp,
    port,
    protocol: 'tcp',
    ...more,
  });
  const find = (wanted: readonly [string, number][], containers: ContainerInfo[], listeners: Listener[] = []) =>
    findTakenPorts({
      wanted: wanted.map(([hostIp, port]) => ({ hostIp, port, protocol: 'tcp' })),
      containers,
      listeners,
      identify: async (found) => found,
    });

  test('the container rather than its proxy process', async () => {
    const [taken] = await find(
      [['127.0.0.1', 3001]],
      [container('web-1', 3001, '127.0.0.1', 'shop')],
      [listener(3001, '127.0.0.1', { process: 'docker-proxy', pid: 5 })],
    );
    expect(taken).toMatchObject({ owner: 'container `web-1` of project shop', containerId: 'id-of-web-1' });
  });

  test('nobody, where the engine still lists the ports of a container whose end it did not see', async () => {
    const stopped = { ...container('web-1', 3001), State: 'exited' } as ContainerInfo;
    expect(await find([['127.0.0.1', 3001]], [stopped])).toEqual([]);
  });

  test('a proxy process without a container belongs to another engine; a stranger is named; another user’s is said so', async () => {
    const owners = async (more: Partial<Listener>) =>
      (await find([['', 80]], [], [listener(80, '0.0.0.0', more)]))[0]?.owner;
    expect(await owners({ process: 'docker-proxy', pid: 5 })).toBe(
      'a container of another engine, through docker-proxy (pid 5), or one that an engine lost when it was killed: restart that one',
    );
    expect(await owners({ process: 'nginx', pid: 812 })).toBe('process nginx (pid 812)');
    expect(await owners({})).toBe('a process of another user');
  });

  test('every address collides with one address, one address not with another', async () => {
    expect(await find([['', 80]], [container('a', 80)])).toHaveLength(1);
    expect(await find([['127.0.0.1', 80]], [], [listener(80, '::')])).toHaveLength(1);
    expect(await find([['127.0.0.1', 80]], [], [listener(80, '10.0.0.1')])).toEqual([]);
  });

  test('the alternative is free, near, not wanted by the file itself, and not below 1024', async () => {
    const taken = await find(
      [
        ['127.0.0.1', 3001],
        ['127.0.0.1', 3002],
      ],
      [container('a', 3001), container('b', 3003)],
    );
    expect(taken).toMatchObject([{ port: 3001, alternative: 3004 }]);
    expect((await find([['', 80]], [container('a', 80)]))[0]?.alternative).toBe(8081);
    expect((await find([['', 65_535]], [container('a', 65_535)]))[0]?.alternative).toBe(65_534);
  });
});
