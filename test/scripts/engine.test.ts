import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { httpTarget } from '../../scripts/setup/engine-http.mjs';
import { askEngine, engineCandidates, findEngine } from '../../scripts/setup/engine-probe.mjs';
import { engineHint } from '../../scripts/setup/engine-start.mjs';
import { markedRules } from '../../scripts/test-engine/network.mjs';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'engine-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const linux = { platform: 'linux', uid: 1000 };

describe('where an engine is looked for', () => {
  it('DOCKER_HOST decides alone', () => {
    const found = engineCandidates({ ...linux, env: { DOCKER_HOST: 'tcp://10.0.0.1:2375' }, home });
    expect(found).toEqual([{ address: 'tcp://10.0.0.1:2375', source: 'DOCKER_HOST', explicit: true }]);
  });

  it('then the current docker context', () => {
    const id = createHash('sha256').update('work').digest('hex');
    mkdirSync(join(home, '.docker/contexts/meta', id), { recursive: true });
    writeFileSync(join(home, '.docker/config.json'), '{"currentContext":"work"}');
    const meta = { Name: 'work', Endpoints: { docker: { Host: 'ssh://me@host' } } };
    writeFileSync(join(home, '.docker/contexts/meta', id, 'meta.json'), JSON.stringify(meta));
    expect(engineCandidates({ ...linux, env: {}, home })).toEqual([
      { address: 'ssh://me@host', source: 'docker context `work`', explicit: true },
    ]);
  });

  it('then the known sockets', () => {
    const addresses = engineCandidates({ ...linux, env: {}, home }).map(({ address }) => address);
    expect(addresses[0]).toBe('unix:///var/run/docker.sock');
    expect(addresses).toContain('unix:///run/user/1000/docker.sock');
    expect(addresses).toContain(`unix://${home}/.colima/default/docker.sock`);
    const windows = engineCandidates({ platform: 'win32', env: {}, home });
    expect(windows[0]?.address).toBe('npipe:////./pipe/docker_engine');
  });
});

describe('asking it', () => {
  it('knows an engine by its ping', async () => {
    const socket = join(home, 'docker.sock');
    const server = createServer((request, response) => {
      response.statusCode = request.url === '/_ping' ? 200 : 404;
      response.end('OK');
    });
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    try {
      expect(await askEngine(`unix://${socket}`)).toEqual({ kind: 'answers' });
    } finally {
      server.close();
    }
  });

  it('leaves ssh to the product and says why a socket is silent', async () => {
    expect(await askEngine('ssh://me@host')).toEqual({ kind: 'unasked' });
    expect(await askEngine(`unix://${home}/none.sock`)).toEqual({ kind: 'silent', why: 'no such socket' });
  });

  it('goes through the candidates in order and remembers what it tried', async () => {
    const candidates = [
      { address: 'unix:///a', source: 'A', explicit: false },
      { address: 'unix:///b', source: 'B', explicit: false },
    ];
    const ask = async (address: string) =>
      address === 'unix:///b' ? { kind: 'answers' as const } : { kind: 'denied' as const };
    expect(await findEngine(candidates, ask)).toMatchObject({
      found: candidates[1],
      tried: ['unix:///a (A): permission denied'],
    });
    const denied = await findEngine(candidates, async () => ({ kind: 'denied' as const }));
    expect(denied.found).toBeUndefined();
    expect(denied.denied).toEqual(candidates[0]);
  });

  it('translates addresses for node:http', () => {
    expect(httpTarget('unix:///run/x.sock')).toEqual({ socketPath: '/run/x.sock' });
    expect(httpTarget('npipe:////./pipe/docker_engine')).toEqual({ socketPath: '\\\\.\\pipe\\docker_engine' });
    expect(httpTarget('tcp://127.0.0.1')).toEqual({ host: '127.0.0.1', port: 2375 });
    expect(httpTarget('ssh://host')).toBeUndefined();
  });
});

describe('what an ordinary user is told', () => {
  const platform = {
    os: 'linux',
    arch: 'x64',
    distribution: 'debian',
    root: false,
    terminal: false,
    systemd: true,
    display: false,
    canInstall: false,
  } as const;
  const nothing = { denied: false, chosen: false, installed: true };

  it.each([
    [{ ...nothing, denied: true }, platform, 'usermod -aG docker'],
    [nothing, platform, 'sudo systemctl start docker'],
    [nothing, { ...platform, systemd: false }, 'sudo dockerd'],
    [{ ...nothing, installed: false }, platform, 'apt-get install -y docker.io'],
    [{ ...nothing, chosen: true }, platform, 'docker context use default'],
    [nothing, { ...platform, os: 'darwin' as const }, 'open -a Docker'],
    [nothing, { ...platform, os: 'win32' as const }, 'winget install'],
  ])('%o', (situation, machine, command) => {
    expect(engineHint(machine, situation)).toContain(command);
  });
});

describe('the test engine’s network', () => {
  it('takes its own firewall rules away and no others', () => {
    const listing = [
      '-P FORWARD ACCEPT',
      '-A FORWARD -d 10.78.1.0/30 -m comment --comment cet-1 -j ACCEPT',
      '-A FORWARD -d 10.78.11.0/30 -m comment --comment cet-11 -j ACCEPT',
      '-A FORWARD -s 10.78.1.0/30 -m comment --comment "cet-1" -j ACCEPT',
      '-A FORWARD -s 10.79.1.0/30 -j ACCEPT',
    ].join('\n');
    expect(markedRules(listing, 'cet-1').map((rule) => rule.join(' '))).toEqual([
      '-D FORWARD -d 10.78.1.0/30 -m comment --comment cet-1 -j ACCEPT',
      '-D FORWARD -s 10.78.1.0/30 -m comment --comment cet-1 -j ACCEPT',
    ]);
  });
});
