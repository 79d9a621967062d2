import type { ContainerInspectInfo, ImageInspectInfo } from 'dockerode';
import { describe, expect, test } from 'vitest';
import { inheritVolumes } from '../../../main/docker/create-container.ts';
import { toPorts, toSeenContainer } from '../../../main/docker/inspect.ts';
import { judge, type Wait } from '../../../main/docker/waits.ts';

const healthcheck = { Test: ['CMD', 'true'] };

function inspect(state: object, config: object = {}): ContainerInspectInfo {
  return {
    Id: 'a'.repeat(64),
    Name: '/web',
    Image: 'sha256:x',
    RestartCount: 2,
    State: { Status: 'running', Running: true, ExitCode: 0, StartedAt: '0001-01-01T00:00:00Z', ...state },
    Config: { Labels: null, ...config },
    HostConfig: {},
  } as unknown as ContainerInspectInfo;
}

describe('waiting leniently', () => {
  test('where the plan says so, running is enough without a health check, and unhealthy may pass', () => {
    expect(judge('healthy', inspect({}), { orRunning: true })).toBe('done');
    expect(judge('healthy', inspect({ Status: 'created', Running: false }), { orRunning: true })).toBeUndefined();
    const unhealthy = inspect({ Health: { Status: 'unhealthy', Log: [] } }, { Healthcheck: healthcheck });
    expect(judge('healthy', unhealthy, { mayRecover: true })).toBeUndefined();
  });
});

describe('waiting', () => {
  const verdict = (wait: Wait, state: object, config: object = {}) => {
    const judged = judge(wait, inspect(state, config));
    return judged === undefined || judged === 'done' ? judged : judged.error.code;
  };
  const checked = { Healthcheck: healthcheck };

  test.each<[Wait, object, object, string | undefined]>([
    ['healthy', { Health: { Status: 'healthy' } }, checked, 'done'],
    ['healthy', { Health: { Status: 'starting' } }, checked, undefined],
    ['healthy', { Health: { Status: 'unhealthy', FailingStreak: 3, Log: [] } }, checked, 'container.unhealthy'],
    ['healthy', { Running: false, Status: 'removing', Health: { Status: 'unhealthy' } }, checked, undefined],
    ['healthy', { Status: 'created', Running: false }, checked, undefined],
    ['healthy', { Status: 'restarting' }, checked, undefined],
    ['healthy', { Status: 'exited', Running: false }, checked, 'container.exited'],
    ['healthy', {}, {}, 'container.unhealthy'],
    ['healthy', {}, { Healthcheck: { Test: ['NONE'] } }, 'container.unhealthy'],
    ['completed', { Status: 'exited', Running: false, ExitCode: 0 }, {}, 'done'],
    ['completed', { Status: 'exited', Running: false, ExitCode: 1 }, {}, 'container.exited'],
    ['completed', {}, {}, undefined],
    ['running', {}, {}, 'done'],
    ['running', { Status: 'created' }, {}, undefined],
    ['running', { Status: 'exited' }, {}, 'container.exited'],
  ])('%s %j %j → %s', (wait, state, config, expected) => expect(verdict(wait, state, config)).toBe(expected));

  test('out of memory is said', () => {
    const judged = judge('completed', inspect({ Status: 'exited', ExitCode: 137, OOMKilled: true }));
    expect(judged).toMatchObject({ error: { message: 'web ended with exit code 137 (out of memory).' } });
  });
});

describe('volumes that are inherited', () => {
  const old = {
    Mounts: [
      { Type: 'volume', Name: 'v1', Destination: '/data', RW: true },
      { Type: 'volume', Name: 'v2', Destination: '/cache', RW: false },
      { Type: 'volume', Name: 'named', Destination: '/other', RW: true },
      { Type: 'bind', Source: '/x', Destination: '/bound', RW: true },
    ],
  } as unknown as ContainerInspectInfo;
  const image = (...volumes: string[]) =>
    ({ Config: { Volumes: Object.fromEntries(volumes.map((path) => [path, {}])) } }) as unknown as ImageInspectInfo;
  const from = (source: string, target: string, readOnly = false) => ({
    Type: 'volume',
    Source: source,
    Target: target,
    ReadOnly: readOnly,
  });

  test('those the image declares and those the file mounts without a source, and no others', () => {
    const body = {
      HostConfig: {
        Mounts: [
          { Type: 'volume', Target: '/cache' },
          { Type: 'bind', Source: '/y', Target: '/z' },
        ],
      },
    };
    expect(inheritVolumes(body, image('/data'), old).HostConfig?.Mounts).toEqual([
      { Type: 'bind', Source: '/y', Target: '/z' },
      from('v1', '/data'),
      from('v2', '/cache', true),
    ]);
    expect(inheritVolumes({ Volumes: { '/data': {} } }, image(), old)).toEqual({
      Volumes: {},
      HostConfig: { Mounts: [from('v1', '/data')], Binds: [] },
    });
  });

  test('what the file now mounts by name or from the machine wins', () => {
    for (const HostConfig of [
      { Mounts: [{ Type: 'volume', Source: 'mine', Target: '/data' }] },
      { Binds: ['mine:/data:rw'] },
      { Binds: ['C:\\code:/data'] },
      { Mounts: [{ Type: 'tmpfs', Target: '/data' }] },
    ]) {
      expect(inheritVolumes({ HostConfig }, image('/data'), old)).toEqual({ HostConfig });
    }
    expect(inheritVolumes({}, image('/data'), undefined)).toEqual({});
  });
});

describe('inspect', () => {
  test('a container that is merely created has neither exit code nor times', () => {
    const seen = toSeenContainer(inspect({ Status: 'created', Running: false, Health: { Status: 'starting' } }));
    expect(seen).toEqual({
      id: 'a'.repeat(64),
      name: 'web',
      labels: {},
      state: 'created',
      health: 'none',
      oomKilled: false,
      restarts: 2,
      image: 'sha256:x',
      ports: [],
    });
  });

  test('a secret that could be in a file is named, and its value is not', () => {
    const made = inspect({ Status: 'running', Running: true });
    const config = {
      ...made.Config,
      Image: 'postgres:16',
      Env: ['POSTGRES_PASSWORD=hunter2', 'POSTGRES_USER=me', 'X='],
    };
    const seen = toSeenContainer({ ...made, Config: config }, ['/run/secrets/a']);
    expect(seen).toMatchObject({
      fileAdvice: [{ variable: 'POSTGRES_PASSWORD', fileVariable: 'POSTGRES_PASSWORD_FILE' }],
      missingSecrets: ['/run/secrets/a'],
    });
    expect(JSON.stringify(seen)).not.toContain('hunter2');
  });

  test('a port on every address is one port; an exposed one has no host side', () => {
    expect(
      toPorts({
        '80/tcp': [
          { HostIp: '0.0.0.0', HostPort: '8080' },
          { HostIp: '::', HostPort: '8080' },
        ],
        '53/udp': [{ HostIp: '127.0.0.1', HostPort: '53' }],
        '9/sctp': null,
      }),
    ).toEqual([
      { container: 80, protocol: 'tcp', host: 8080, hostIp: '0.0.0.0' },
      { container: 53, protocol: 'udp', host: 53, hostIp: '127.0.0.1' },
      { container: 9, protocol: 'sctp' },
    ]);
  });
});
