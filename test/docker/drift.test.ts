import { execFile } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Project } from '../../main/core/compose/project.ts';
import { planFor } from '../../main/core/plan/actions.ts';
import { findDrift, toDetailsWanted } from '../../main/core/plan/drift.ts';
import { toDriftOptions } from '../../main/services/drift.ts';
import { toObserveOptions } from '../../main/services/observe-options.ts';
import type { DriftItem } from '../../preload/contract/model.ts';
import { peerBinary } from '../core/compose/support/live-peer.ts';
import { loadProject, sha256 } from '../support/builders.ts';
import { type Bench, folder, openBench, toContext } from './support.ts';

/*
 * What was made from a file does not differ from it, whoever made it, key by key; what was changed is named. The
 * comparison is asked without regard to the configuration hash, which would hide its mistakes.
 */

const peer = peerBinary();
const run = promisify(execFile);

let bench: Bench;
let name: string;
/** It has something of everything that a container inherits. */
let image: string;
let place: { path: string; remove: () => Promise<void> };
let file: string;

const dockerfile = (base: string): string => `FROM ${base}
ENV FROM_IMAGE=1 SHARED=image
LABEL from.image=1
EXPOSE 7777/tcp
VOLUME /from-image
WORKDIR /work
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=7s --retries=9 CMD true
CMD ["sleep", "600"]
`;

beforeAll(async () => {
  bench = await openBench();
  image = `${bench.engine.uniqueName('generous')}:latest`;
  const context = await folder({ Dockerfile: dockerfile(bench.image) });
  await bench.run({
    kind: 'build-image',
    image,
    build: { context: context.path },
    noCache: false,
    pull: false,
    labels: {},
  });
  await context.remove();
  name = bench.engine.uniqueName('drift').toLowerCase();
  place = await folder({});
  await cp(join(import.meta.dirname, '../core/plan/hashes'), place.path, { recursive: true });
  file = join(place.path, 'compose.yaml');
});
afterAll(async () => {
  await place?.remove();
  await bench?.close();
});

/** One service a key, and networks, volumes, secrets and configs with everything on them. */
async function everyKey(change: (text: string) => string = (text) => text): Promise<Project> {
  const text = await readFile(join(import.meta.dirname, '../core/plan/hashes/compose.yaml'), 'utf8');
  await writeFile(file, change(text.replaceAll('claude-env/test-busybox', image).replaceAll('hashes', name)));
  return loadProject(file);
}

async function driftOf(project: Project, distrust = true): Promise<readonly DriftItem[]> {
  const observed = await bench.connection.observe(project.name, toDriftOptions(project));
  const details = await bench.connection.details(toDetailsWanted(observed));
  return findDrift({ project, observed, details, sha256, distrust });
}

const said = (items: readonly DriftItem[]): readonly string[] =>
  items
    // They are created and never started: not every key of the file works on every machine.
    .filter(({ key }) => key !== 'state')
    // A kernel without weights for block devices: the engine leaves them out.
    .filter(({ key, engine }) => !(key.startsWith('blkio_config.weight') && engine === undefined))
    .map(
      ({ subject, name: of, key, change, file: left, engine }) =>
        `${subject} ${of} ${key} ${change}: ${left} | ${engine}`,
    );

const compose = (...args: readonly string[]) =>
  run(peer ?? '', ['-f', file, ...args], { env: { ...process.env, DOCKER_HOST: bench.engine.address } });

async function createOurs(project: Project): Promise<void> {
  const observed = await bench.connection.observe(project.name, toDriftOptions(project));
  const { steps } = planFor('up', { project, name: project.name, observed, options: {}, sha256 });
  for (const step of steps) if (step.kind.startsWith('create-')) await bench.connection.execute(step, toContext());
}

async function removeAll(project: Project): Promise<void> {
  const observed = await bench.connection.observe(project.name, toObserveOptions(project, 'down', { args: {} }));
  const { steps } = planFor('down', { project, name: project.name, observed, options: { volumes: true }, sha256 });
  for (const step of steps) await bench.connection.execute(step, toContext());
}

const makers = [
  ['docker compose 2.40.3', peer === undefined, () => compose('create').then(() => undefined)],
  ['claude-env', false, createOurs],
] as const;

describe.each(makers)('made by %s', (_maker, isMissing, create) => {
  let project: Project;
  beforeAll(async () => {
    project = await everyKey();
    if (!isMissing) await create(project);
  });
  afterAll(() => removeAll(project));

  test.skipIf(isMissing)('no key of the same file differs', async () => {
    expect(said(await driftOf(project))).toEqual([]);
    // With the hash trusted, as in the product.
    expect((await driftOf(project, false)).filter(({ key }) => key !== 'state')).toEqual([]);
  });

  test.skipIf(isMissing)('exactly what was changed in the file is named', async () => {
    const changed = await everyKey((text) =>
      edits.reduce((now, [before, after]) => replaced(now, before, after), text),
    );
    const found = (await driftOf(changed, false)).filter(({ key }) => key !== 'state');
    expect(found.map(({ name: of, key, change }) => `${of.replace(name, 'hashes')} ${key} ${change}`).sort()).toEqual(
      [...expected].sort(),
    );
    expect(JSON.stringify(found)).not.toContain('hunter2');
  });
});

describe('changed on the engine, not in the file', () => {
  let project: Project;
  const main = (): string => `${project.name}-web-1`;
  beforeAll(async () => {
    const text = `
name: ${name}-two
services:
  web:
    image: ${image}
    command: sleep 600
    networks: [front, back]
    mem_limit: 64m
  pair:
    image: ${image}
    scale: 2
networks: {front: {}, back: {}}
volumes: {}
`;
    await writeFile(file, text);
    project = await loadProject(file);
    const observed = await bench.connection.observe(project.name, toDriftOptions(project));
    const { steps } = planFor('up', { project, name: project.name, observed, options: {}, sha256 });
    for (const step of steps) await bench.connection.execute(step, toContext());
  });
  afterAll(() => removeAll(project));

  const keys = async (): Promise<readonly string[]> =>
    (await driftOf(project, false)).map(({ name: of, key, change, file: left, engine }) =>
      `${of} ${key} ${change}: ${left} | ${engine}`.replaceAll(project.name, 'p'),
    );

  test('nothing, as long as nothing was', async () => {
    expect(await keys()).toEqual([]);
  });

  test('limits, networks, names, replicas, what is stopped, what is left over', async () => {
    const { docker } = bench.engine;
    await docker.getContainer(main()).update({ Memory: 96 * 1024 * 1024, MemorySwap: 192 * 1024 * 1024 });
    await docker.getNetwork(`${project.name}_back`).disconnect({ Container: main(), Force: true });
    await docker.getContainer(`${project.name}-pair-2`).remove({ force: true });
    await docker.getContainer(`${project.name}-pair-1`).stop({ t: 0 });
    await docker.createVolume({ Name: `${project.name}_old`, Labels: { 'com.docker.compose.project': project.name } });
    expect(await keys()).toEqual([
      'web mem_limit changed: 64m | 96m',
      'web networks.back only-in-file: connected | undefined',
      'pair scale changed: 2 containers | 1 container',
      'pair state changed: running | exited with code 137',
      'p_old  extra: undefined | undefined',
    ]);
  });
});

test('an image that its reference no longer means is named, and what came from it is no difference', async () => {
  await writeFile(file, `name: ${name}-three\nservices: {web: {image: "${image}"}}\n`);
  const project = await loadProject(file);
  await createOurs(project);
  const [repo = '', tag = ''] = image.split(':');
  await bench.engine.docker.getImage(bench.image).tag({ repo, tag });
  const items = (await driftOf(project)).filter(({ key }) => key !== 'state');
  expect(items.map(({ key, change }) => `${key} ${change}`)).toEqual(['image newer']);
  await removeAll(project);
});

/** Every edit of the file and, below, what it amounts to. */
const edits: readonly (readonly [before: string, after: string])[] = [
  ["command: sh -c 'echo", "command: sh -c 'printf"],
  ['      B: "2"\n', '      B: "3"\n      DB_PASSWORD: hunter2\n'],
  ['      EMPTY: ""\n', ''],
  ['"18080:80"', '"18088:80"'],
  ['expose: ["3000", 4000]', 'expose: ["3000"]'],
  ['- /tmp:/host:ro', '- /tmp:/host'],
  ['tmpfs: { size: 10485760, mode: 0o1770 }', 'tmpfs: { size: 20971520, mode: 0o1770 }'],
  ['aliases: [www, web]', 'aliases: [www]'],
  ['interval: 1m30s', 'interval: 1m'],
  ['memory: 50M', 'memory: 60M'],
  ['cap_add: [NET_ADMIN, SYS_TIME]', 'cap_add: [NET_ADMIN]'],
  ['privileged: true\n    group_add', 'group_add'],
  ['nproc: 65535', 'nproc: 65534'],
  ['com.example.a: "1"', 'com.example.a: "2"'],
  ['max-size: 10m', 'max-size: 11m'],
  ['stop_signal: SIGINT', 'stop_signal: SIGTERM'],
  ['dns_search: example.org', 'dns_search: example.com'],
  ['net.core.somaxconn: 1024', 'net.core.somaxconn: 1025'],
  ['tmpfs: /run\n', 'tmpfs: /running\n'],
  ['mac_address: 02:42:ac:11:65:43', 'mac_address: 02:42:ac:11:65:44'],
  ['tier: front', 'tier: back'],
  ['keep: "yes"', 'keep: "no"'],
  ['  init-false:\n', '  renamed:\n'],
];
const expected: readonly string[] = [
  'command-string command changed',
  'environment-map environment.B changed',
  'environment-map environment.DB_PASSWORD only-in-file',
  'environment-map environment.EMPTY only-on-engine',
  'ports-short ports.80/tcp changed',
  'expose expose changed',
  'volumes-short volumes./host changed',
  'volumes-long volumes./scratch changed',
  'networks networks.front changed',
  'healthcheck healthcheck.interval changed',
  'deploy mem_limit changed',
  'security cap_add changed',
  'security privileged only-on-engine',
  'ulimits ulimits.nproc changed',
  'labels labels.com.example.a changed',
  'logging logging.max-size changed',
  // SIGTERM is what a container without a word about it gets, but the image here has another one.
  'names stop_signal changed',
  'dns dns_search changed',
  'kernel sysctls.net.core.somaxconn changed',
  'tmpfs-one tmpfs./run only-on-engine',
  'tmpfs-one tmpfs./running only-in-file',
  'mac mac_address changed',
  'hashes_front labels.tier changed',
  'hashes_labelled labels.keep changed',
  'renamed  missing',
  'init-false  extra',
];

function replaced(text: string, before: string, after: string): string {
  if (!text.includes(before)) throw new Error(`the file has no ${before}`);
  return text.replace(before, after);
}
