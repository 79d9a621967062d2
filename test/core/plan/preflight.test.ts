import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../../main/core/app-failure.ts';
import { load } from '../../../main/core/compose/load.ts';
import { pathsOf } from '../../../main/core/paths.ts';
import { planFor } from '../../../main/core/plan/actions.ts';
import type { Observed } from '../../../main/core/plan/plan.ts';
import { type Answers, type Look, preflight, toQuestions } from '../../../main/core/plan/preflight.ts';
import { locateProblems } from '../../../main/core/plan/problem.ts';
import { image, observed, sha256 } from '../../support/builders.ts';

/* From a file's text to what is said about it, each with the place of its key: "line:column rule". */

const file = '/srv/shop/compose.yaml';

interface World extends Partial<Omit<Answers, 'paths' | 'registry'>> {
  readonly there?: Readonly<Record<string, Look>>;
  readonly registry?: Readonly<
    Record<
      string,
      { kind: 'found'; platforms: string[] } | { kind: 'denied' | 'not-found' | 'unknown'; message: string }
    >
  >;
  readonly engine?: Partial<Observed>;
}

async function said(text: string, { there = {}, registry = {}, engine = {}, ...world }: World = {}) {
  const loaded = await load({
    files: [file],
    environment: {},
    platform: 'posix',
    readText: async (path) => {
      if (path === file) return text;
      throw new AppFailure({ code: 'file.not-found', message: path });
    },
  });
  const { project } = loaded;
  if (project === undefined) throw new Error(JSON.stringify(loaded.diagnostics));
  const seen = observed(engine);
  const plan = planFor('up', { project, name: project.name, observed: seen, options: {}, sha256 });
  const input = { project, plan, observed: seen, paths: pathsOf('posix') };
  const questions = toQuestions(input);
  const found = preflight(input, {
    place: 'here',
    facts: { rootDir: '/var/lib/docker', runtimes: ['runc'], hasDevices: false, cpus: 4 },
    freeBytes: 1e12,
    ...world,
    paths: new Map(questions.paths.map((path) => [path, there[path]])),
    registry: new Map(questions.references.flatMap((one) => (registry[one] ? [[one, registry[one]] as const] : []))),
  });
  const problems = locateProblems(found, loaded.where);
  return {
    questions,
    problems,
    lines: problems.map(({ severity, rule, where }) => `${where?.line}:${where?.column} ${severity} ${rule}`),
  };
}

const web = { images: { web: image('web') } };

describe('bind sources', () => {
  const text = `
services:
  web:
    image: web
    volumes:
      - ./there:/there
      - ./made:/made
      - type: bind
        source: ./not-made
        target: /not-made
        bind: {create_host_path: false}
`;
  it('are looked for where the engine is: made with a word about it, or missing', async () => {
    const { lines, questions } = await said(text, { engine: web, there: { '/srv/shop/there': 'directory' } });
    expect(questions.paths).toEqual(['/srv/shop/there', '/srv/shop/made', '/srv/shop/not-made']);
    expect(lines).toEqual(['7:9 warning bind-source-created', '9:9 error bind-source-missing']);
  });

  it('stop nothing where they cannot be seen, and are told apart from the other machine’s', async () => {
    const unsure = await said(text, { engine: web, place: 'unsure' });
    expect(unsure.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    const remote = await said(text, { engine: web, place: 'elsewhere', there: { '/srv/shop/there': 'directory' } });
    expect(remote.lines).toEqual(['6:9 warning bind-on-other-machine']);
  });

  it('are not asked about where nothing starts', async () => {
    const { questions, problems } = await said('services: {web: {image: web, volumes: ["./a:/a"], scale: 0}}', {
      engine: web,
    });
    expect([questions.paths, questions.facts, problems]).toEqual([[], false, []]);
  });
});

it('files of secrets and configs, devices, contexts and Dockerfiles are named at their keys, all at once', async () => {
  const { lines } = await said(
    `
services:
  web:
    image: web
    secrets: [key]
    configs: [conf]
    devices: ["/dev/none:/dev/none"]
  built:
    build: ./app
  other:
    build:
      context: ./gone
secrets:
  key:
    file: ./key.txt
configs:
  conf:
    file: ./conf.txt
`,
    { engine: web, there: { '/srv/shop/app': 'directory' } },
  );
  expect(lines).toEqual([
    '7:15 error device-missing',
    '9:5 error dockerfile-missing',
    '12:7 error build-context-missing',
    '15:5 error secret-file-missing',
    '18:5 error config-file-missing',
  ]);
});

describe('images', () => {
  const text = `
services:
  web:
    image: web
`;
  const ask = async (answer: Parameters<typeof said>[1] & object, more = '') => (await said(text + more, answer)).lines;

  it('that a registry does not have stop the plan; what it does not tell is said', async () => {
    expect(await ask({ registry: { web: { kind: 'not-found', message: 'no' } } })).toEqual([
      '4:5 error image-not-found',
    ]);
    expect(await ask({ registry: { web: { kind: 'denied', message: 'no' } } })).toEqual(['4:5 warning image-denied']);
    expect(await ask({ registry: { web: { kind: 'unknown', message: 'off' } } })).toEqual([
      '4:5 warning image-not-known',
    ]);
    expect(await ask({ registry: { web: { kind: 'found', platforms: [] } } })).toEqual([]);
  });

  it('that are on the engine are not asked for', async () => {
    expect((await said(text, { engine: web })).questions).toEqual({
      paths: [],
      references: [],
      facts: false,
      disk: false,
    });
  });

  it('have to be there for the platform', async () => {
    const arm = { kind: 'found', platforms: ['linux/arm64', 'unknown/unknown'] } as const;
    expect(await ask({ registry: { web: { ...arm, platforms: [...arm.platforms] } } })).toEqual([
      '4:5 error image-not-for-platform',
    ]);
    expect(
      await ask({ registry: { web: { ...arm, platforms: [...arm.platforms] } } }, '    platform: linux/arm64/v8\n'),
    ).toEqual(['5:5 warning platform-emulated']);
    expect(await ask({ engine: { images: { web: image('web', { arch: 'arm64' }) } } })).toEqual([
      '4:5 warning platform-emulated',
    ]);
    expect(await ask({ engine: { images: { web: image('web', { os: 'windows' }) } } })).toEqual([
      '4:5 error platform-impossible',
    ]);
    expect(
      await ask(
        { engine: { ...web, engine: { product: 'Docker Engine', apiVersion: '1.41', os: 'linux', arch: 'x86_64' } } },
        '    platform: linux/amd64\n',
      ),
    ).toEqual([]);
  });

  it('need room where somebody can say how much there is', async () => {
    const rules = async (freeBytes: number | undefined) =>
      (await said(text, { freeBytes })).problems.map(({ severity, rule, where }) => [severity, rule, where]);
    expect(await rules(1024 ** 3)).toEqual([['warning', 'disk-nearly-full', undefined]]);
    expect(await rules(1024 ** 2)).toEqual([['error', 'disk-nearly-full', undefined]]);
    expect(await rules(undefined)).toEqual([]);
    expect((await said(text, { engine: web, freeBytes: 0 })).problems).toEqual([]);
  });
});

it('runtimes, processors and GPUs are held against what the engine lists', async () => {
  const text = `
services:
  web:
    image: web
    runtime: runsc
    cpus: 9
    gpus: all
`;
  expect((await said(text, { engine: web })).lines).toEqual([
    '5:5 error unknown-runtime',
    '6:5 error too-many-cpus',
    '7:5 warning gpu-unknown',
  ]);
  const able = { rootDir: '/', runtimes: ['runc', 'runsc', 'nvidia'], hasDevices: false, cpus: 16 };
  expect((await said(text, { engine: web, facts: able })).lines).toEqual([]);
  expect(
    (await said(text.replace('runsc', 'io.containerd.x.v2'), { engine: web, facts: { ...able, runtimes: ['nvidia'] } }))
      .lines,
  ).toEqual([]);
});

describe('a secret in the environment', () => {
  const of = (environment: string): string => `
services:
  db:
    image: postgres:16
    environment:
${environment}
`;
  const engine = { images: { 'postgres:16': image('postgres:16') } };

  it('is advised into a file where the image reads one; it stops nothing and is not repeated', async () => {
    const { lines, problems } = await said(of('      POSTGRES_USER: me\n      POSTGRES_PASSWORD: hunter2'), { engine });
    expect(lines).toEqual(['7:7 warning secret-in-environment']);
    expect(problems[0]?.message).toContain('this image reads POSTGRES_PASSWORD_FILE');
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  it('is none where the file is used, or nothing is set', async () => {
    const texts = ['POSTGRES_PASSWORD_FILE: /run/secrets/p', 'POSTGRES_PASSWORD: ""', 'POSTGRES_PASSWORD:'];
    for (const text of texts) expect((await said(of(`      ${text}`), { engine })).lines).toEqual([]);
  });
});
