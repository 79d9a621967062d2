import { describe, expect, it } from 'vitest';
import { toConfig } from '../../../main/core/compose/config.ts';
import type { LoadOptions } from '../../../main/core/compose/options.ts';
import type { Project } from '../../../main/core/compose/project.ts';
import { selectServices } from '../../../main/core/compose/select.ts';
import { textsOf, usedVariables } from '../../../main/core/compose/variables.ts';
import { hashes, listNames, readingFor, variableRecords } from '../../../main/hosts/cli/commands/config-lists.ts';
import { loadFrom } from '../../core/compose/support/cases.ts';

/* What the flags of `config` list and leave undone. Expectations are what docker compose 2.40.3 printed for this file. */

const text = `name: demo
services:
  web:
    image: nginx:\${TAG:-1.25}
    depends_on: {db: {condition: service_started, required: false}}
    links: [cache]
    networks: [front]
    volumes: ["./html:/html", "data:/data"]
    command: echo \${X:+y} $\${NO} \${A:-\${B}}
    user: \${USER_ID:?need}
  db:
    build: ./db
    network_mode: service:cache
    profiles: [full]
  cache: {image: redis, environment: [C], env_file: ./c.env}
  ai: {image: x, models: [llm]}
networks: {front: {}, unused: {}}
volumes: {data: {}, other: {external: true}}
models: {llm: {model: ai/smollm2}}
`;
const files = { '/p/compose.yaml': text, '/p/c.env': 'W=1\n' };

async function read(options: Partial<LoadOptions> = {}): Promise<Project> {
  const { project, diagnostics } = await loadFrom(files, { environment: { USER_ID: '5', TAG: '2' }, ...options });
  if (project === undefined) throw new Error(JSON.stringify(diagnostics));
  return project;
}

const keys = (value: unknown): readonly string[] => Object.keys(value ?? {});

describe('config lists', () => {
  it.each([
    ['services', ['ai', 'cache', 'web']],
    ['volumes', ['data']],
    ['networks', ['default', 'front']],
    ['models', ['ai/smollm2']],
    ['profiles', ['full']],
    ['images', ['nginx:2', 'redis', 'x']],
  ] as const)('%s', async (what, expected) => {
    expect(listNames(await read(), what, false)).toEqual(expected);
  });

  it('without an env file that is not there', async () => {
    const { project } = await loadFrom(
      { '/p/compose.yaml': text },
      {
        environment: { USER_ID: '5' },
        ...readingFor('services', {}),
      },
    );
    expect(project && listNames(project, 'services', false)).toEqual(['ai', 'cache', 'web']);
    const whole = await loadFrom(
      { '/p/compose.yaml': text },
      { environment: { USER_ID: '5' }, ...readingFor(undefined, {}) },
    );
    expect(whole.diagnostics.at(-1)).toMatchObject({ severity: 'error', message: expect.stringContaining('c.env') });
    expect(whole.project).toBeUndefined();
  });

  it('inactive services too where variables are left', async () => {
    expect(listNames(await read({ interpolate: false }), 'services', true)).toEqual(['ai', 'cache', 'db', 'web']);
  });

  it('the hash of docker compose', async () => {
    const { project } = await loadFrom({ '/p/compose.yaml': 'services: {a: {image: a}}' });
    expect(hashes([...(project?.services.values() ?? [])])).toEqual([
      ['a', 'ead32641ace023dfb5148a9f4e8937d023a3b7fcc8af8f3e47f76229311a2be6'],
    ]);
  });

  it('variables with what stands in for them', async () => {
    const plain = toConfig(await read({ interpolate: false }), { format: 'yaml', literal: true });
    expect(variableRecords(usedVariables(textsOf(plain)))).toEqual({
      A: { Name: 'A', DefaultValue: `\${B}`, PresenceValue: '', Required: false },
      B: { Name: 'B', DefaultValue: '', PresenceValue: '', Required: false },
      TAG: { Name: 'TAG', DefaultValue: '1.25', PresenceValue: '', Required: false },
      USER_ID: { Name: 'USER_ID', DefaultValue: '', PresenceValue: '', Required: true },
      X: { Name: 'X', DefaultValue: '', PresenceValue: 'y', Required: false },
    });
  });
});

describe('config of some services', () => {
  it('has what they depend on and what these use, and nothing else', async () => {
    const printed = toConfig(selectServices(await read(), ['web']), { format: 'yaml' });
    expect(keys(printed.services)).toEqual(['cache', 'web']);
    expect(keys(printed.networks)).toEqual(['default', 'front']);
    expect(keys((printed.services as Record<string, { depends_on?: object }>).web?.depends_on)).toEqual(['cache']);
    expect(printed.models).toBeUndefined();
  });

  it('activates the profile of the one that is named', async () => {
    const printed = toConfig(selectServices(await read({ services: ['db'] }), ['db']), { format: 'yaml' });
    expect(keys(printed.services)).toEqual(['cache', 'db']);
    expect(printed.volumes).toBeUndefined();
  });
});

describe('config leaves undone what it is told to', () => {
  it('--no-interpolate: variables, with single dollar signs', async () => {
    const printed = toConfig(await read({ interpolate: false }), { format: 'yaml', literal: true, withFiles: true });
    expect(printed.services).toMatchObject({
      web: { image: `nginx:\${TAG:-1.25}`, command: `echo \${X:+y} $\${NO} \${A:-\${B}}` },
      cache: { environment: { C: null }, env_file: [{ path: '/p/c.env', required: true }] },
    });
    expect(keys(printed.networks)).toEqual(['default', 'front', 'unused']);
  });

  it('--no-normalize: names, the default network, implied dependencies', async () => {
    const printed = toConfig(await read({ normalize: false }), { format: 'yaml' });
    expect(printed.networks).toEqual({ front: {} });
    expect(keys((printed.services as Record<string, { depends_on?: object }>).web?.depends_on)).toEqual(['db']);
    expect((printed.services as Record<string, object>).ai).toEqual({ image: 'x', models: { llm: null } });
  });

  it('--no-path-resolution: relative paths', async () => {
    const printed = toConfig(await read({ resolvePaths: false }), { format: 'yaml' });
    expect(printed.services).toMatchObject({ web: { volumes: [{ source: './html' }, { source: 'data' }] } });
    // The file is found all the same.
    expect(printed.services).toMatchObject({ cache: { environment: { C: null, W: '1' } } });
  });

  it('--no-consistency: references to what is not there', async () => {
    const broken = { '/p/compose.yaml': 'services: {a: {image: a, networks: [nope]}}' };
    expect((await loadFrom(broken)).project).toBeUndefined();
    expect((await loadFrom(broken, { consistency: false })).project).toBeDefined();
  });

  it('--no-env-resolution: env files, which may be missing', async () => {
    const missing = { '/p/compose.yaml': 'services: {a: {image: a, env_file: nope.env}}' };
    expect((await loadFrom(missing)).project).toBeUndefined();
    const { project } = await loadFrom(missing, { resolveFiles: false });
    const printed = project && toConfig(project, { format: 'yaml', withFiles: true });
    expect(printed?.services).toMatchObject({ a: { env_file: [{ path: '/p/nope.env', required: true }] } });
  });
});
