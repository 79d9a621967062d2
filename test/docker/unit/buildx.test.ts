import { expect, test } from 'vitest';
import {
  type BuildxCall,
  toBuildxArguments,
  toBuildxEnvironment,
  toCliEnvironment,
} from '../../../main/docker/buildx-arguments.ts';
import { findBuildx } from '../../../main/docker/buildx-find.ts';
import { createBuildxOutput } from '../../../main/docker/buildx-progress.ts';

const call: BuildxCall = {
  image: 'web:1',
  build: { context: '/ctx' },
  args: {},
  labels: {},
  secrets: [],
  values: {},
  input: 'none',
  dockerfile: '/ctx/Dockerfile',
  builder: undefined,
  noCache: false,
  pull: false,
  push: false,
};

test('every key becomes the option that buildx has for it', () => {
  const build: BuildxCall['build'] = {
    context: '--weird',
    target: 't',
    tags: ['other:2'],
    platforms: ['linux/amd64', 'linux/arm64'],
    additional_contexts: new Map([['src', 'docker-image://a']]),
    cache_from: ['type=local,src=/c'],
    cache_to: ['type=inline'],
    ssh: ['default', 'key=/k'],
    extra_hosts: new Map([['h', ['::1', '10.0.0.1']]]),
    entitlements: ['network.host'],
    privileged: true,
    ulimits: new Map([['nofile', { soft: 1, hard: 2 }]]),
    network: 'none',
    shm_size: 64,
    provenance: 'mode=max',
    sbom: 'true',
  };
  const args = toBuildxArguments({
    ...call,
    build,
    labels: { a: 'b' },
    builder: 'mine',
    push: true,
    noCache: true,
    pull: true,
    secrets: [
      { id: 'f', file: '/a,b' },
      { id: 'v', value: { from: 'environment', variable: 'TOKEN', kind: 'secret', name: 'v' } },
    ],
  });
  expect(args.join(' ')).toBe(
    'buildx build --progress=rawjson --builder mine --push --tag web:1 --tag other:2 --file /ctx/Dockerfile --target t ' +
      '--platform linux/amd64 --platform linux/arm64 --label a=b --build-context src=docker-image://a ' +
      '--cache-from type=local,src=/c --cache-to type=inline --secret type=file,id=f,"src=/a,b" ' +
      '--secret type=env,id=v,env=TOKEN --ssh default --ssh key=/k --add-host h=::1 --add-host h=10.0.0.1 ' +
      '--allow security.insecure --allow network.host --ulimit nofile=1:2 --network none --shm-size 64 ' +
      '--provenance mode=max --sbom true --no-cache --pull -- --weird',
  );
});

test('values of arguments and secrets are in the environment; only names that mean something there are spelled out', () => {
  const args = { TOKEN_ARG: 'hidden', PATH: '/x', HTTP_PROXY: 'http://p', DOCKER_HOST: 'no', 'odd-name': 'y' };
  const spelled = toBuildxArguments({ ...call, args }).join(' ');
  expect(spelled).toContain('--build-arg TOKEN_ARG --build-arg PATH=/x --build-arg HTTP_PROXY=http://p');
  expect(spelled).not.toContain('hidden');
  expect(toBuildxEnvironment({ args, values: { S: 'secret' } })).toEqual({ TOKEN_ARG: 'hidden', S: 'secret' });
});

test('the engine is the one that was chosen, whatever the shell says, with its certificates', () => {
  const shell = {
    PATH: '/bin',
    DOCKER_HOST: 'tcp://other',
    DOCKER_CONTEXT: 'c',
    DOCKER_TLS_VERIFY: '1',
    BUILDX_BUILDER: 'b',
  };
  const unix = toCliEnvironment({ kind: 'unix', path: '/run/x.sock' }, shell);
  expect(unix).toEqual({
    PATH: '/bin',
    DOCKER_HOST: 'unix:///run/x.sock',
    DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND: 'docker',
  });
  const tls = { ca: '/t/ca.pem', cert: '/t/cert.pem', key: '/t/key.pem', verify: true };
  expect(toCliEnvironment({ kind: 'tcp', host: 'h', port: 2376, tls }, {})).toMatchObject({
    DOCKER_HOST: 'tcp://h:2376',
    DOCKER_TLS_VERIFY: '1',
    DOCKER_CERT_PATH: '/t',
  });
  const unchecked = toCliEnvironment({ kind: 'tcp', host: 'h', port: 1, tls: { verify: false } }, {});
  expect(unchecked.DOCKER_TLS).toBe('1');
  expect(unchecked.DOCKER_TLS_VERIFY).toBeUndefined();
});

test('the plugin is looked for where docker looks, in its order; what is no plugin is passed over', async () => {
  const asked: string[] = [];
  const host = {
    env: { DOCKER_CONFIG: '/cfg' },
    home: '/home/u',
    platform: 'linux' as const,
    readText: async () => '{"cliPluginsExtraDirs":["/extra"]}',
    exists: async (path: string) => {
      asked.push(path);
      return path.startsWith('/cfg') || path.startsWith('/usr/libexec');
    },
  };
  const found = await findBuildx(host, async (path) => {
    if (path.startsWith('/cfg')) throw new Error('exec format error');
    return '{"SchemaVersion":"0.1.0","Vendor":"x","Version":"v0.20.1"}';
  });
  expect(found).toEqual({ path: '/usr/libexec/docker/cli-plugins/docker-buildx', version: 'v0.20.1' });
  expect(asked.map((path) => path.replace('/docker-buildx', ''))).toEqual([
    '/extra',
    '/cfg/cli-plugins',
    '/usr/local/lib/docker/cli-plugins',
    '/usr/local/libexec/docker/cli-plugins',
    '/usr/lib/docker/cli-plugins',
    '/usr/libexec/docker/cli-plugins',
  ]);
});

test('words without a failing step still make an error', () => {
  const output = createBuildxOutput({ image: 'web', report: () => undefined });
  output.line('not json {');
  output.line('{broken');
  output.line('ERROR: failed to build: failed to solve: no builder "mine" found');
  expect(output.failure(1).error).toMatchObject({
    code: 'image.build-failed',
    message: 'Building web failed: no builder "mine" found',
  });
});
