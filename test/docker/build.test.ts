import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Build } from '../../main/core/compose/project.ts';
import type { EngineSignal } from '../../main/core/seen.ts';
import { freePort } from '../support/ports.ts';
import { type Bench, folder, openBench, reporter } from './support.ts';

let bench: Bench;
const folders: (() => Promise<void>)[] = [];
beforeAll(async () => {
  bench = await openBench();
});
afterAll(async () => {
  await bench.close();
  for (const remove of folders) await remove();
});

async function contextOf(files: Readonly<Record<string, string>>): Promise<string> {
  const { path, remove } = await folder(files);
  folders.push(remove);
  return path;
}

const haveRegistry = await access('/usr/bin/docker-registry').then(
  () => true,
  () => false,
);

/** Debian's own, on a free port of the engine's network. */
async function startRegistry() {
  const root = await contextOf({});
  const address = `127.0.0.1:${await freePort()}`;
  const config = `version: 0.1\nlog: {level: info}\nstorage: {filesystem: {rootdirectory: ${root}/data}}\nhttp: {addr: "${address}"}\n`;
  await writeFile(`${root}/config.yml`, config);
  const child = spawn('/usr/bin/docker-registry', ['serve', `${root}/config.yml`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  for await (const line of createInterface({ input: child.stderr })) if (line.includes('listening on')) break;
  child.stderr.resume();
  return {
    address,
    tags: async (name: string) =>
      ((await (await fetch(`http://${address}/v2/${name}/tags/list`)).json()) as { tags: readonly string[] }).tags,
    close: async () => {
      child.kill();
      await once(child, 'close');
    },
  };
}

const noContext = new AbortController().signal;
const defaults = { kind: 'build-image', noCache: false, pull: false, labels: {} } as const;

/** What a command in the image prints. */
async function outputOf(image: string, line: string): Promise<readonly string[]> {
  const name = bench.engine.uniqueName('look');
  await bench.run({ kind: 'create-container', name, image, body: { Cmd: ['sh', '-c', line] }, connect: [] });
  await bench.run({ kind: 'start-container', container: name });
  await bench.run({ kind: 'wait-completed', container: name, optional: false });
  const lines: string[] = [];
  await bench.connection.logs(name, { follow: false, timestamps: false }, ({ text }) => lines.push(text), noContext);
  return lines;
}

describe('what is built', () => {
  test('.dockerignore, arguments, target, labels and tags', async () => {
    const context = await contextOf({
      Dockerfile: [
        `FROM ${bench.image} AS wanted`,
        'ARG GREETING=default',
        'ARG FROM_SETTINGS=default',
        'ARG UNSET=kept',
        'COPY . /app/',
        'RUN echo "$GREETING $FROM_SETTINGS $UNSET" >/greeting',
        'FROM wanted',
        'RUN exit 1',
      ].join('\n'),
      '.dockerignore': 'secret\nnode_modules\n!node_modules/kept\n',
      'a.txt': 'a',
      'sub/ü.txt': 'b',
      secret: 's',
      'node_modules/x': 'x',
      'node_modules/kept': 'k',
    });
    const image = `${bench.engine.uniqueName('built')}:1`;
    const other = `${bench.engine.uniqueName('tagged')}:2`;
    const build: Build = {
      context,
      target: 'wanted',
      tags: [other],
      labels: new Map([['from', 'file']]),
      args: new Map([
        ['GREETING', 'hello'],
        ['FROM_SETTINGS', null],
        ['UNSET', null],
      ]),
    };
    const settings = { args: { FROM_SETTINGS: 'settings', HTTP_PROXY: 'http://127.0.0.1:9' } };
    const { reports, report } = reporter();
    await bench.run({ ...defaults, image, build, digest: 'abc', labels: { by: 'us' } }, { build: settings, report });

    const { Config, Id } = await bench.engine.docker.getImage(image).inspect();
    expect(Config.Labels).toMatchObject({ from: 'file', by: 'us', 'io.claude-env.build-digest': 'abc' });
    expect((await bench.engine.docker.getImage(other).inspect()).Id).toBe(Id);
    const files = await outputOf(image, 'cat /greeting; cd /app; find . -type f | sort');
    expect(files).toEqual([
      'hello settings kept',
      './.dockerignore',
      './Dockerfile',
      './a.txt',
      './node_modules/kept',
      './sub/ü.txt',
    ]);
    expect(reports.map(({ message }) => message).join('\n')).toMatch(/^Step 1\/\d+: FROM \S+ AS wanted$/m);
    const fractions = reports.flatMap(({ fraction }) => (fraction === undefined ? [] : [fraction]));
    expect(fractions).toEqual([...fractions].sort((left, right) => left - right));
  });

  test('a Dockerfile written in the stack’s file, and one outside of the context, are not copied into the image', async () => {
    const elsewhere = await contextOf({ 'My.Dockerfile': `FROM ${bench.image}\nCOPY . /app/\n` });
    const context = await contextOf({ 'only.txt': 'x' });
    for (const how of [
      { dockerfile_inline: `FROM ${bench.image}\nCOPY . /app/\n` },
      { dockerfile: `${elsewhere}/My.Dockerfile` },
    ]) {
      const image = `${bench.engine.uniqueName('elsewhere')}:1`;
      await bench.run({ ...defaults, image, build: { context, ...how } });
      expect(await outputOf(image, 'cd /app; find . -type f')).toEqual(['./only.txt']);
    }
  });

  test('a Dockerfile’s own ignore file counts instead of .dockerignore', async () => {
    const context = await contextOf({
      'web.Dockerfile': `FROM ${bench.image}\nCOPY . /app/\n`,
      'web.Dockerfile.dockerignore': '*\n!kept\n',
      '.dockerignore': 'kept\n',
      kept: 'k',
      left: 'l',
    });
    const image = `${bench.engine.uniqueName('own-ignore')}:1`;
    await bench.run({ ...defaults, image, build: { context, dockerfile: 'web.Dockerfile' } });
    expect(await outputOf(image, 'cd /app; find . -type f')).toEqual(['./kept']);
  });

  test('arguments about platforms have values, as with BuildKit, and a build has the platform that is asked for', async () => {
    const inline = [
      'ARG BUILDPLATFORM',
      `FROM --platform=$BUILDPLATFORM ${bench.image}`,
      'ARG TARGETARCH',
      'ARG TARGETPLATFORM=kept',
      'RUN echo "$TARGETARCH $TARGETPLATFORM" >/platform',
    ].join('\n');
    const context = await contextOf({ file: '' });
    const image = `${bench.engine.uniqueName('platform')}:1`;
    const { Arch } = await bench.engine.docker.version();
    const build: Build = { context, dockerfile_inline: inline, platforms: [`linux/${Arch}`] };
    await bench.run({ ...defaults, image, build });
    expect(await outputOf(image, 'cat /platform')).toEqual([`${Arch} linux/${Arch}`]);
  });

  test('the machine’s certificate authorities go into the folder that the build names, and only there', async () => {
    const context = await contextOf({ Dockerfile: `FROM ${bench.image}\nCOPY . /app/\n`, 'extra-ca/README': 'r' });
    const settings = { args: {}, extraCa: '-----BEGIN CERTIFICATE-----\n' };
    const named = `${bench.engine.uniqueName('ca')}:1`;
    const own: Build = { context, extensions: { 'x-claude-env': { 'extra-ca': 'extra-ca' } } };
    await bench.run({ ...defaults, image: named, build: own }, { build: settings });
    expect(await outputOf(named, 'cat /app/extra-ca/extra-ca.pem')).toEqual(['-----BEGIN CERTIFICATE-----']);
    const foreign = `${bench.engine.uniqueName('ca')}:2`;
    await bench.run({ ...defaults, image: foreign, build: { context } }, { build: settings });
    expect(await outputOf(foreign, 'find /app -name "*.pem"')).toEqual([]);
  });
});

describe.skipIf(!haveRegistry)('what is pushed', () => {
  test('an image that was built; a registry that is not there is said', async () => {
    const registry = await startRegistry();
    try {
      const context = await contextOf({ Dockerfile: `FROM ${bench.image}\nCOPY file /file\n`, file: 'x' });
      const image = `${registry.address}/pushed:1`;
      await bench.run({ ...defaults, image, build: { context }, push: true });
      expect(await registry.tags('pushed')).toEqual(['1']);
      const lost = bench.run({ ...defaults, image: '127.0.0.1:9/pushed:1', build: { context }, push: true });
      await expect(lost).rejects.toMatchObject({
        error: { message: expect.stringMatching(/^Pushing 127\.0\.0\.1:9/) },
      });
    } finally {
      await registry.close();
    }
  });
});

describe('what does not work out', () => {
  test('a failing step is named, with its last lines', async () => {
    const context = await contextOf({
      Dockerfile: `FROM ${bench.image}\n\nRUN for i in $(seq 60); do echo line $i; done; echo broken pipe dream >&2; exit 9\n`,
    });
    const image = `${bench.engine.uniqueName('broken')}:1`;
    const failed = bench.run({ ...defaults, image, build: { context } });
    await expect(failed).rejects.toMatchObject({
      error: {
        code: 'image.build-failed',
        message: expect.stringMatching(/failed at Step 2\/\d+: RUN for i .*returned a non-zero code: 9/),
        where: { file: `${context}/Dockerfile`, line: 3, column: 1 },
        detail: expect.stringMatching(
          /^Step 2\/\d+ : RUN for[^\n]*\n[^\n]*\nline 2[0-9]\n[\s\S]*line 60\n[\s\S]*broken pipe dream/,
        ),
      },
    });
  });

  test('a missing Dockerfile, a missing context and a missing base image are said as such', async () => {
    const empty = await contextOf({ file: '' });
    const build = (given: Build) => bench.run({ ...defaults, image: 'localhost/never:1', build: given });
    await expect(build({ context: empty })).rejects.toMatchObject({ error: { code: 'file.not-found' } });
    await expect(build({ context: `${empty}/none`, dockerfile_inline: 'FROM x' })).rejects.toMatchObject({
      error: { code: 'file.not-found', message: expect.stringMatching(/build context/) },
    });
    await expect(build({ context: empty, dockerfile_inline: 'FROM 127.0.0.1:9/no/such:1\n' })).rejects.toMatchObject({
      error: { code: 'image.build-failed' },
    });
  });

  test('a cancelled build ends on the engine: the step’s process is gone', async () => {
    const context = await contextOf({ Dockerfile: `FROM ${bench.image}\nRUN echo begun; sleep 987\n` });
    const abort = new AbortController();
    const { report, seen } = reporter();
    const next = (action: string) =>
      new Promise<string>((resolve) => {
        const stop = bench.connection.watch((signal: EngineSignal) => {
          if (signal.kind !== 'event' || signal.event.type !== 'container' || signal.event.action !== action) return;
          stop();
          resolve(signal.event.id);
        });
      });
    const started = next('start');
    const destroyed = next('destroy');
    const image = `${bench.engine.uniqueName('cancelled')}:1`;
    const building = bench.run({ ...defaults, image, build: { context } }, { signal: abort.signal, report });
    const outcome = expect(building).rejects.toMatchObject({ error: { code: 'cancelled' } });
    await seen(/: begun/);
    const step = await started;
    abort.abort();
    await outcome;
    expect(await destroyed).toBe(step);
    await expect(bench.engine.docker.getContainer(step).inspect()).rejects.toMatchObject({ statusCode: 404 });
    await expect(bench.engine.docker.getImage(image).inspect()).rejects.toMatchObject({ statusCode: 404 });
  });
});

describe('digest', () => {
  test('changes with contents, arguments and certificates; not with time, ignored files or proxies', async () => {
    const context = await contextOf({
      Dockerfile: 'FROM scratch\n',
      '.dockerignore': 'ignored\n',
      a: '1',
      ignored: '1',
    });
    const observe = async (build: Build, args: Record<string, string> = {}) => {
      const { buildDigests } = await bench.connection.observe('none', {
        networks: [],
        volumes: [],
        images: [],
        ports: [],
        builds: { web: build },
        buildSettings: { args },
      });
      return buildDigests.web;
    };
    const first = await observe({ context });
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(await observe({ context }, { HTTP_PROXY: 'http://x' })).toBe(first);
    expect(await observe({ context, args: new Map([['A', '1']]) })).not.toBe(first);
    const { utimes } = await import('node:fs/promises');
    await writeFile(`${context}/ignored`, '2');
    await utimes(`${context}/a`, new Date(0), new Date(0));
    expect(await observe({ context })).toBe(first);
    await writeFile(`${context}/a`, '2');
    expect(await observe({ context })).not.toBe(first);
    expect(await observe({ context: 'https://example.org/repo.git' })).toBeUndefined();
    const named = await contextOf({ b: '1' });
    const withNamed: Build = { context, additional_contexts: new Map([['named', named]]) };
    const before = await observe(withNamed);
    await writeFile(`${named}/b`, '2');
    expect(await observe(withNamed)).not.toBe(before);
  });
});
