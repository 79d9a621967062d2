import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { findEngines } from '../../../main/docker/contexts.ts';
import { parseEndpoint } from '../../../main/docker/endpoint.ts';
import type { Host } from '../../../main/docker/host.ts';

interface Machine {
  readonly platform?: Host['platform'];
  readonly env?: Readonly<Record<string, string>>;
  /** Path → text; sockets are files with any text. */
  readonly files?: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
}

function machine({ platform = 'linux', env = {}, files = {}, links = {} }: Machine): Host {
  return {
    platform,
    home: '/home/ann',
    uid: 1000,
    env,
    readText: async (path) => files[path],
    exists: async (path) => path in files || path in links,
    realPath: async (path) => links[path] ?? path,
    list: async (path) => [
      ...new Set(
        Object.keys(files)
          .filter((file) => file.startsWith(`${path}/`))
          .map((file) => file.slice(path.length + 1).split('/')[0] ?? ''),
      ),
    ],
  };
}

const idOf = (name: string) => createHash('sha256').update(name).digest('hex');
const context = (name: string, host: string, more: object = {}) => ({
  [`/home/ann/.docker/contexts/meta/${idOf(name)}/meta.json`]: JSON.stringify({
    Name: name,
    Endpoints: { docker: { Host: host, ...more } },
  }),
});
const current = (name: string) => ({ '/home/ann/.docker/config.json': JSON.stringify({ currentContext: name }) });
const socket = { '/var/run/docker.sock': '' };

const summary = async (described: Machine, preferred?: string) => {
  const { engines, chosen } = await findEngines(machine(described), preferred);
  return { chosen, engines: engines.map(({ id, address, source }) => `${id} ${address} (${source})`) };
};

describe('order and reasons', () => {
  test('nothing at all: the usual place is watched', async () => {
    expect(await summary({})).toEqual({
      chosen: undefined,
      engines: ['default unix:///var/run/docker.sock (the usual place of a Docker engine on this system)'],
    });
    const { engines } = await findEngines(machine({}));
    expect(engines[0]?.configured).toBe(true);
  });

  test('CLAUDE_ENV_ENGINES=named: only what somebody wrote down, and nothing is watched', async () => {
    const env = { CLAUDE_ENV_ENGINES: 'named' };
    const files = { ...socket, '/home/ann/.colima/default/docker.sock': '' };
    expect(await summary({ files, env })).toEqual({ chosen: undefined, engines: [] });
    const { engines } = await summary({ files, env: { ...env, DOCKER_HOST: 'unix:///mine.sock' } });
    expect(engines).toEqual(['env unix:///mine.sock (environment variable DOCKER_HOST)']);
  });

  test('DOCKER_HOST before contexts before known sockets, and DOCKER_HOST before DOCKER_CONTEXT', async () => {
    const files = {
      ...socket,
      ...current('work'),
      ...context('work', 'ssh://ann@build.example.org'),
      ...context('alpha', 'unix:///alpha.sock'),
      '/home/ann/.colima/default/docker.sock': '',
    };
    expect(await summary({ files })).toEqual({
      chosen: 'context:work',
      engines: [
        'context:work ssh://ann@build.example.org (context `work` from ~/.docker/config.json)',
        'default unix:///var/run/docker.sock (the usual place of a Docker engine on this system)',
        'context:alpha unix:///alpha.sock (context `alpha` from ~/.docker/config.json)',
        'socket:colima unix:///home/ann/.colima/default/docker.sock (socket of Colima)',
      ],
    });
    const env = { DOCKER_HOST: 'tcp://10.0.0.1:2375', DOCKER_CONTEXT: 'alpha' };
    const withHost = await summary({ files, env });
    expect(withHost.chosen).toBe('env');
    expect(withHost.engines[0]).toBe('env tcp://10.0.0.1:2375 (environment variable DOCKER_HOST)');
    expect(withHost.engines).toHaveLength(5);
    expect((await summary({ files, env: { DOCKER_CONTEXT: 'alpha' } })).chosen).toBe('context:alpha');
  });

  test('the settings’ engine wins when it exists', async () => {
    const files = { ...socket, ...current('work'), ...context('work', 'ssh://b') };
    expect((await summary({ files }, 'default')).chosen).toBe('default');
    expect((await summary({ files }, 'context:gone')).chosen).toBe('context:work');
  });

  test('known sockets are listed only where there is one', async () => {
    const files = {
      ...socket,
      '/home/ann/.docker/desktop/docker.sock': '',
      '/run/user/1000/docker.sock': '',
      '/home/ann/.rd/docker.sock': '',
      '/home/ann/.orbstack/run/docker.sock': '',
      '/run/user/1000/podman/podman.sock': '',
      '/run/podman/podman.sock': '',
    };
    const { engines } = await findEngines(machine({ files }));
    expect(engines.map(({ id }) => id)).toEqual([
      'default',
      'socket:docker-desktop',
      'socket:rootless',
      'socket:rancher-desktop',
      'socket:orbstack',
      'socket:podman',
      'socket:podman-root',
    ]);
  });

  test('two ways to the same socket are one engine', async () => {
    const files = {
      '/home/ann/.docker/run/docker.sock': '',
      ...current('desktop-linux'),
      ...context('desktop-linux', 'unix:///home/ann/.docker/run/docker.sock'),
    };
    const links = { '/var/run/docker.sock': '/home/ann/.docker/run/docker.sock' };
    const { engines } = await findEngines(machine({ platform: 'darwin', files, links }));
    expect(engines.map(({ id }) => id)).toEqual(['context:desktop-linux']);
  });

  test('Windows: named pipes', async () => {
    const { engines } = await findEngines(machine({ platform: 'win32', files: { '//./pipe/docker_engine': '' } }));
    expect(engines.map(({ id, address }) => `${id} ${address}`)).toEqual(['default npipe:////./pipe/docker_engine']);
  });
});

describe('what cannot be used is listed with the reason', () => {
  test.each([
    [{ env: { DOCKER_HOST: 'ftp://x' } }, /DOCKER_HOST cannot be used: “ftp:\/\/”/],
    [{ env: { DOCKER_HOST: 'ssh://-oProxyCommand=touch%20x' } }, /cannot be used/],
    [{ env: { DOCKER_CONTEXT: 'gone' } }, /no docker context “gone” \(context `gone` from DOCKER_CONTEXT\)/],
    [{ files: { ...current('bad'), ...context('bad', 'unix://relative') } }, /context “bad” cannot be used/],
  ])('%j', async (described, message) => {
    const { engines, chosen } = await findEngines(machine(described));
    const engine = engines.find(({ id }) => id === chosen);
    expect(engine).toMatchObject({ configured: true, problem: { message: expect.stringMatching(message) } });
    expect(engine?.endpoint).toBeUndefined();
  });

  test('files that are no JSON are passed over', async () => {
    const files = {
      ...socket,
      '/home/ann/.docker/config.json': '{',
      '/home/ann/.docker/contexts/meta/x/meta.json': '[]',
    };
    expect((await summary({ files })).engines).toHaveLength(1);
  });
});

describe('TLS', () => {
  test('of DOCKER_HOST: DOCKER_TLS_VERIFY and DOCKER_CERT_PATH', async () => {
    const env = { DOCKER_HOST: 'tcp://build:2376', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' };
    const { engines } = await findEngines(machine({ env }));
    expect(engines[0]?.endpoint).toEqual({
      kind: 'tcp',
      host: 'build',
      port: 2376,
      tls: { ca: '/certs/ca.pem', cert: '/certs/cert.pem', key: '/certs/key.pem', verify: true },
    });
  });

  test('of a context: its folder, and skip-tls-verify', async () => {
    const folder = `/home/ann/.docker/contexts/tls/${idOf('t')}/docker`;
    const files = {
      ...context('t', 'tcp://build:2376', { SkipTLSVerify: true }),
      [`${folder}/ca.pem`]: 'ca',
    };
    const { engines } = await findEngines(machine({ files }));
    expect(engines.find(({ id }) => id === 'context:t')?.endpoint).toMatchObject({
      tls: { ca: `${folder}/ca.pem`, verify: false },
    });
  });
});

describe('addresses', () => {
  test.each([
    ['unix:///var/run/docker.sock', { kind: 'unix', path: '/var/run/docker.sock' }],
    ['npipe:////./pipe/docker_engine', { kind: 'npipe', path: '//./pipe/docker_engine' }],
    ['npipe:////.\\pipe\\x', { kind: 'npipe', path: '//./pipe/x' }],
    ['tcp://host', { kind: 'tcp', host: 'host', port: 2375 }],
    ['10.0.0.1:4000', { kind: 'tcp', host: '10.0.0.1', port: 4000 }],
    ['tcp://[::1]:4000', { kind: 'tcp', host: '::1', port: 4000 }],
    ['https://host', { kind: 'tcp', host: 'host', port: 2376, tls: { verify: true } }],
    ['ssh://ann@host:2222', { kind: 'ssh', user: 'ann', host: 'host', port: 2222 }],
    ['ssh://host/run/docker.sock', { kind: 'ssh', host: 'host', path: '/run/docker.sock' }],
  ])('%s', (text, endpoint) => {
    expect(parseEndpoint(text)).toEqual({ endpoint });
  });

  test.each(['ssh://-oX@host', 'ssh://-host', 'ssh://ann:secret@host', 'unix://x', 'tcp://', 'fd://', 'ssh://'])(
    '%s is refused, and a password is not repeated',
    (text) => {
      const { problem } = parseEndpoint(text);
      expect(problem).toBeTypeOf('string');
      expect(problem).not.toContain('secret');
    },
  );
});
