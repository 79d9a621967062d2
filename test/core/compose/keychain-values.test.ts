// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax under test
import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../../main/core/app-failure.ts';
import { toConfig } from '../../../main/core/compose/config.ts';
import { load } from '../../../main/core/compose/load.ts';
import type { LoadOptions } from '../../../main/core/compose/options.ts';
import { hiddenText, marksIn, marksWithin, type OpaqueValue, toMark, withoutMarks } from '../../../main/core/opaque.ts';
import { configHash, opaqueOf } from '../../../main/core/plan/config-hash.ts';
import { sha256 } from '../../support/builders.ts';

const value: OpaqueValue = { name: 'KEPT', source: 'user', edition: 'e1' };
const mark = toMark(value);

/** Files in memory; `KEPT` is the user's, `OURS` is the project's where it is called shop. */
async function read(files: string | Readonly<Record<string, string>>, options: Partial<LoadOptions> = {}) {
  const texts: Readonly<Record<string, string>> = typeof files === 'string' ? { 'compose.yaml': files } : files;
  return load({
    files: ['/p/compose.yaml'],
    environment: {},
    platform: 'posix',
    readText: async (path) => {
      const text = texts[path.replace('/p/', '')];
      if (text === undefined) throw new AppFailure({ code: 'file.not-found', message: `${path} is not there` });
      return text;
    },
    opaque: (project) =>
      new Map<string, OpaqueValue>([
        ['KEPT', value],
        ...(project === 'shop' ? [['OURS', { name: 'OURS', source: 'project', edition: 'e2' }] as const] : []),
      ]),
    ...options,
  });
}
const service = async (yaml: string, options: Partial<LoadOptions> = {}) => {
  const { project, diagnostics } = await read(`services:\n  web:\n    image: x\n${yaml}`, options);
  const web = project?.services.get('web');
  if (web === undefined) throw new Error(JSON.stringify(diagnostics));
  return web;
};
const environmentOf = async (text: string, options: Partial<LoadOptions> = {}) =>
  (await service(`    environment: {A: '${text}'}\n`, options)).environment?.get('A');

describe('a value of the keychain, by operator', () => {
  it.each([
    ['$KEPT', mark],
    ['${KEPT}', mark],
    ['a${KEPT}b', `a${mark}b`],
    ['${KEPT:-default}', mark],
    ['${KEPT-default}', mark],
    ['${KEPT:?needed}', mark],
    ['${KEPT?needed}', mark],
    ['${KEPT:+there}', 'there'],
    ['${KEPT+there}', 'there'],
    ['${NO:-${KEPT}}', mark],
    ['${NO:-$KEPT}!', `${mark}!`],
    ['${KEPT:+${KEPT}}', mark],
    ['$${KEPT}', '${KEPT}'],
    ['${OTHER:-d}', 'd'],
  ])('%s', async (text, expected) => expect(await environmentOf(text)).toBe(expected));

  it('comes after the environment, also where that is empty', async () => {
    expect(await environmentOf('${KEPT}', { environment: { KEPT: 'shell' } })).toBe('shell');
    expect(await environmentOf('${KEPT-x}', { environment: { KEPT: '' } })).toBe('');
  });

  it('comes after .env and --env-file, and after those of an include', async () => {
    const compose = 'services:\n  web:\n    image: x\n    environment: {A: "${KEPT}"}\n';
    const dotenv = await read({ 'compose.yaml': compose, '.env': 'KEPT=file\n' });
    expect(dotenv.project?.services.get('web')?.environment?.get('A')).toBe('file');
    const given = await read({ 'compose.yaml': compose, 'my.env': 'KEPT=given\n' }, { envFiles: ['/p/my.env'] });
    expect(given.project?.services.get('web')?.environment?.get('A')).toBe('given');
    const included = await read({
      'compose.yaml': 'include: [sub/compose.yaml]\n',
      'sub/compose.yaml': compose,
      'sub/.env': 'KEPT=included\n',
    });
    expect(included.project?.services.get('web')?.environment?.get('A')).toBe('included');
  });

  it('is the project’s only in the project of that name', async () => {
    expect(await environmentOf('${OURS:-none}', { projectName: 'shop' })).toBe(
      toMark({ name: 'OURS', source: 'project', edition: 'e2' }),
    );
    expect(await environmentOf('${OURS:-none}', { projectName: 'other' })).toBe('none');
  });

  it('names neither the project nor its profiles', async () => {
    const { project, diagnostics } = await read('name: my-${KEPT}\nservices: {web: {image: x}}\n');
    expect(project).toBeUndefined();
    expect(diagnostics).toContainEqual(expect.objectContaining({ rule: 'needs-value' }));
    const names = (): ReadonlyMap<string, OpaqueValue> =>
      new Map(['COMPOSE_PROJECT_NAME', 'COMPOSE_PROFILES'].map((name) => [name, { ...value, name }]));
    const plain = await read('services: {web: {image: x}, more: {image: x, profiles: [a]}}\n', { opaque: names });
    expect([plain.project?.name, [...(plain.project?.services.keys() ?? [])]]).toEqual(['p', ['web']]);
  });
});

describe('a place that hands the text on', () => {
  it.each([
    ['environment: ["A=${KEPT}"]'],
    ['environment: {KEPT: }'],
    ['environment: [KEPT]'],
    ['command: run --key ${KEPT}'],
    ['command: [run, "${KEPT}"]'],
    ['entrypoint: ["${KEPT}"]'],
    ['labels: {a: "${KEPT}"}'],
    ['labels: ["a=${KEPT}"]'],
    ['annotations: {a: "${KEPT}"}'],
    ['healthcheck: {test: "curl -u ${KEPT}"}'],
    ['healthcheck: {test: [CMD, curl, "${KEPT}"]}'],
    ['build: {context: ., args: {A: "${KEPT}"}}'],
    ['build: {context: ., args: [KEPT]}'],
    ['logging: {driver: syslog, options: {tag: "${KEPT}"}}'],
    ['post_start: [{command: [a, "${KEPT}"]}]'],
    ['pre_stop: [{command: a, environment: {A: "${KEPT}"}}]'],
    ['x-mine: {a: "${KEPT}"}'],
  ])('%s', async (line) => expect(marksWithin(await service(`    ${line}\n`))).toEqual([value]));

  it('also in files for the environment', async () => {
    const compose = 'services:\n  web:\n    image: x\n    env_file: web.env\n';
    const { project } = await read({ 'compose.yaml': compose, 'web.env': 'A=${KEPT}\nKEPT\n' });
    expect([...(project?.services.get('web')?.environment ?? [])]).toEqual([
      ['A', mark],
      ['KEPT', mark],
    ]);
  });

  it('also in what is made for the engine', async () => {
    const { project } = await read(`services:
  web: {image: x, volumes: ['vol:/v'], networks: [n], configs: [c]}
volumes: {vol: {driver_opts: {o: 'password=\${KEPT}'}}}
networks: {n: {labels: {a: '\${KEPT}'}}}
configs: {c: {content: 'key=\${KEPT}'}}
`);
    for (const part of [project?.volumes, project?.networks, project?.configs])
      expect(marksWithin(part)).toEqual([value]);
  });

  it('is one word of a command, whatever will be in it', async () => {
    expect((await service('    command: run ${KEPT} "a ${KEPT}"\n')).command).toEqual(['run', mark, `a ${mark}`]);
  });
});

describe('a place that has to be known', () => {
  it.each([
    ['ports: ["${KEPT}:80"]', 'ports[0]'],
    ['ports: [{target: 80, published: "${KEPT}"}]', 'ports[0].published'],
    ['image: app:${KEPT}', 'image'],
    ['mem_limit: ${KEPT}', 'mem_limit'],
    ['scale: ${KEPT}', 'scale'],
    ['privileged: ${KEPT}', 'privileged'],
    ['restart: ${KEPT}', 'restart'],
    ['stop_grace_period: ${KEPT}', 'stop_grace_period'],
    ['volumes: ["${KEPT}:/x"]', 'volumes[0]'],
    ['volumes: [{type: bind, source: "${KEPT}", target: /x}]', 'volumes[0].source'],
    ['container_name: ${KEPT}', 'container_name'],
    ['user: ${KEPT}', 'user'],
    ['hostname: ${KEPT}', 'hostname'],
    ['extra_hosts: ["db:${KEPT}"]', 'extra_hosts.db[0]'],
    ['environment: ["${KEPT}=1"]', 'environment[0]'],
    ['depends_on: ["${KEPT}"]', 'depends_on[0]'],
    ['env_file: ${KEPT}', 'env_file[0]'],
    ['extends: {service: a, file: "${KEPT}"}', 'extends.file'],
    ['build: {context: "${KEPT}"}', 'build.context'],
    ['build: {context: ., labels: {a: "${KEPT}"}}', 'build.labels.a'],
    ['build: {context: ., dockerfile_inline: "RUN ${KEPT}"}', 'build.dockerfile_inline'],
    ['dns: ${KEPT}', 'dns[0]'],
    ['tmpfs: ${KEPT}', 'tmpfs[0]'],
    ['gpus: ${KEPT}', 'gpus[0]'],
    ['healthcheck: {test: a, interval: "${KEPT}"}', 'healthcheck.interval'],
  ])('%s', async (line, place) => {
    const { project, diagnostics } = await read(`services:\n  web:\n    ${line}\n`);
    expect(project).toBeUndefined();
    const found = diagnostics.filter(({ rule }) => rule === 'needs-value');
    expect(found).toHaveLength(1);
    expect(found[0]?.message).toContain(`services.web.${place}\``);
    expect(found[0]?.message).toContain('`KEPT` (from the keychain, user)');
    expect(found[0]?.hint).toMatch(/^set KEPT in the environment/);
    expect(found[0]?.where).toMatchObject({ file: '/p/compose.yaml', line: 3 });
    expect(marksIn(JSON.stringify(diagnostics))).toEqual([]);
  });

  it('includes what is included', async () => {
    const { diagnostics } = await read('include: ["${KEPT}"]\nservices: {web: {image: x}}\n');
    expect(diagnostics).toContainEqual(
      expect.objectContaining({ rule: 'needs-value', where: expect.objectContaining({ line: 1 }) }),
    );
  });

  it('is served by the variable’s presence', async () => {
    expect((await service('    ports: ["${KEPT:+8080}:80"]\n')).ports?.[0]?.published).toBe('8080');
  });
});

describe('what is missing', () => {
  it('is listed with its place, required where it is required anywhere', async () => {
    const { missing } = await read(
      'services:\n  web:\n    image: x\n    environment: {A: "${ONE}", B: "${TWO:?say}", C: "${ONE:?}", D: "${KEPT}", E: "${THREE:-x}"}\n',
    );
    expect(missing?.map(({ name, required, message }) => [name, required, message])).toEqual([
      ['ONE', true, ''],
      ['TWO', true, 'say'],
    ]);
    expect(missing?.[1]?.where).toMatchObject({ line: 4 });
  });

  it('may be planned with marks in its place, but not where it has to be known', async () => {
    const missing: OpaqueValue = { name: 'TAG', source: 'missing', edition: '' };
    const opaque = () => new Map([['TAG', missing]]);
    expect(await environmentOf('${TAG:?}', { opaque })).toBe(toMark(missing));
    const { diagnostics } = await read('services: {web: {image: "x:${TAG:?}"}}\n', { opaque });
    expect(diagnostics).toEqual([expect.objectContaining({ message: 'required variable `TAG` is not set' })]);
  });
});

describe('what is said of it', () => {
  it('is hidden in config, with where it comes from', async () => {
    const { project } = await read(
      'services: {web: {image: x, command: "a $$ ${KEPT}", x-a: "${KEPT}"}}\nx-b: ${KEPT}\n',
    );
    if (project === undefined) throw new Error('it loads');
    for (const format of ['yaml', 'json'] as const) {
      const text = JSON.stringify(toConfig(project, { format }));
      expect(marksIn(text)).toEqual([]);
      expect(text).toContain(`${hiddenText} (from the keychain, user)`);
    }
  });

  it('stays as it is written without interpolation', async () => {
    expect(await environmentOf('${KEPT}', { interpolate: false })).toBe('${KEPT}');
  });

  it('counts in the hash as what a docker compose without the variable has', async () => {
    const yaml = '    environment: {A: "x${KEPT}", B: c, D: "${KEPT}", KEPT: }\n    command: [a, "${KEPT}"]\n';
    const ours = await service(yaml);
    const theirs = await service(yaml, { opaque: () => new Map() });
    expect(configHash(ours, sha256)).toBe(configHash(theirs, sha256));
    expect(opaqueOf(ours)).toEqual([value]);
    expect(withoutMarks(ours.environment?.get('A') ?? '')).toBe('x');
  });
});
