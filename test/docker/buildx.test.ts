import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Build } from '../../main/core/compose/project.ts';
import { readBuildContext } from '../../main/docker/build-context.ts';
import { observeBuilders } from '../../main/docker/build-needs.ts';
import { nodeHost } from '../../main/docker/host.ts';
import { type Bench, folder, hostFor, openBench, reporter } from './support.ts';

/* Builds through the CLI's plugin, on the engine's own BuildKit. */

const plugin = process.env.CLAUDE_ENV_PEER_BUILDX;
const haveBuildx =
  plugin !== undefined &&
  (await access(plugin).then(
    () => true,
    () => false,
  ));

let bench: Bench;
let config: Awaited<ReturnType<typeof folder>>;
const folders: (() => Promise<void>)[] = [];
const token = 's3cr3t-of-the-build';

beforeAll(async () => {
  config = await folder({ 'config.json': JSON.stringify({ cliPluginsExtraDirs: [dirname(plugin ?? '')] }) });
  bench = await openBench({ DOCKER_CONFIG: config.path, FROM_ENVIRONMENT: 'its value', HOME: config.path });
});
afterAll(async () => {
  await bench.close();
  await config.remove();
  for (const remove of folders) await remove();
});

async function contextOf(files: Readonly<Record<string, string>>): Promise<string> {
  const { path, remove } = await folder(files);
  folders.push(remove);
  return path;
}

const defaults = { kind: 'build-image', noCache: false, pull: false, labels: {} } as const;
const never = new AbortController().signal;

async function outputOf(image: string, line: string): Promise<readonly string[]> {
  const name = bench.engine.uniqueName('look');
  await bench.run({ kind: 'create-container', name, image, body: { Cmd: ['sh', '-c', line] }, connect: [] });
  await bench.run({ kind: 'start-container', container: name });
  await bench.run({ kind: 'wait-completed', container: name, optional: false });
  const lines: string[] = [];
  await bench.connection.logs(name, { follow: false, timestamps: false }, ({ text }) => lines.push(text), never);
  return lines;
}

describe.skipIf(!haveBuildx)('what goes through buildx', () => {
  test('secrets from a file and from a variable, arguments, target, labels and tags; the values stay out of the image', async () => {
    const context = await contextOf({
      Dockerfile: [
        `FROM ${bench.image} AS wanted`,
        'ARG GREETING=default',
        'ARG FROM_ENVIRONMENT=default',
        'ARG TARGETARCH',
        'RUN --mount=type=secret,id=filed --mount=type=secret,id=renamed \\',
        '    wc -c </run/secrets/filed >/sizes && wc -c </run/secrets/renamed >>/sizes && cat /run/secrets/renamed >&2',
        'RUN echo "$GREETING $FROM_ENVIRONMENT $(test -n "$TARGETARCH" && echo known)" >>/sizes',
        'FROM wanted',
        'RUN exit 1',
      ].join('\n'),
      'token.txt': 'twelve bytes',
    });
    const image = `${bench.engine.uniqueName('built')}:1`;
    const other = `${bench.engine.uniqueName('tagged')}:2`;
    const build: Build = {
      context,
      target: 'wanted',
      tags: [other],
      labels: new Map([['from', 'file, with a comma']]),
      args: new Map<string, string | null>([
        ['GREETING', 'hello "you"'],
        ['FROM_ENVIRONMENT', null],
      ]),
      secrets: [{ source: 'filed' }, { source: 'token', target: 'renamed' }],
    };
    const { reports, report } = reporter();
    await bench.run(
      {
        ...defaults,
        image,
        build,
        digest: 'abc',
        labels: { by: 'us' },
        needs: ['build.secrets'],
        secrets: [
          { id: 'filed', file: join(context, 'token.txt') },
          { id: 'renamed', value: { from: 'environment', variable: 'TOKEN', kind: 'secret', name: 'token' } },
        ],
      },
      {
        report,
        secrets: { has: async () => true, lookup: async ({ variable }) => (variable === 'TOKEN' ? token : undefined) },
      },
    );
    const { Config, Id } = await bench.engine.docker.getImage(image).inspect();
    expect(Config.Labels).toMatchObject({ from: 'file, with a comma', by: 'us', 'io.claude-env.build-digest': 'abc' });
    expect((await bench.engine.docker.getImage(other).inspect()).Id).toBe(Id);
    expect(await outputOf(image, 'cat /sizes')).toEqual(['12', String(token.length), 'hello "you" its value known']);
    const history = JSON.stringify(await bench.engine.docker.getImage(image).history());
    expect(history).not.toContain(token);
    expect(reports.map(({ message }) => message).join('\n')).toMatch(/^wanted 2\/3: RUN --mount=type=secret/m);
    const fractions = reports.flatMap(({ fraction }) => (fraction === undefined ? [] : [fraction]));
    expect(fractions).toEqual([...fractions].sort((left, right) => left - right));
  });

  test('a Dockerfile written in the stack’s file, and certificates for a build that names their folder', async () => {
    const context = await contextOf({ 'only.txt': 'x' });
    const inline = `FROM ${bench.image}\nRUN --mount=type=cache,target=/cache true\nCOPY . /app/\n`;
    const image = `${bench.engine.uniqueName('inline')}:1`;
    await bench.run({ ...defaults, image, build: { context, dockerfile_inline: inline }, needs: ['RUN --mount'] });
    expect(await outputOf(image, 'cd /app; find . -type f')).toEqual(['./only.txt']);

    const named = `${bench.engine.uniqueName('ca')}:1`;
    const build: Build = {
      context,
      dockerfile_inline: inline,
      extensions: { 'x-claude-env': { 'extra-ca': 'extra-ca' } },
    };
    const settings = { args: {}, extraCa: '-----BEGIN CERTIFICATE-----\n' };
    await bench.run({ ...defaults, image: named, build, needs: ['RUN --mount'] }, { build: settings });
    expect(await outputOf(named, 'cat /app/extra-ca/extra-ca.pem')).toEqual(['-----BEGIN CERTIFICATE-----']);
  });

  test('ours leaves out of a context what BuildKit leaves out', async () => {
    const tree = [
      'a',
      'b.md',
      'c.txt',
      'd/a',
      'd/b.md',
      'd/e/a',
      'd/e/f/b.md',
      'x/d/e/a',
      'x/m/n/o/a',
      '.h/a',
      '#c',
      'q?',
      '[z]',
    ];
    const rules = [
      '',
      '*',
      '*\n!d',
      '*\n!d/e',
      '**/e\n!zzz',
      '**/e\n!**/b.md',
      'd\n!d/e/a',
      '*.md\n!d/b.md',
      '**/*.md',
      '/d/\n#c\n\\#c',
      'd/*/a\n./x/../c.txt',
      '?\n[bc]*\n!c.txt',
      '**\n!**/a',
      'x/**/o\n.h',
      ' d \n! d/e/f',
      '**/m/**',
      'd\n!*/e/f',
    ];
    const compare = async (ignored: string): Promise<readonly string[]> => {
      const context = await contextOf({
        ...Object.fromEntries(tree.map((path) => [path, 'x'])),
        '.dockerignore': ignored,
      });
      const build: Build = { context, dockerfile_inline: `FROM ${bench.image}\nCOPY . /app/\n` };
      const image = `${bench.engine.uniqueName('ignoring')}:1`;
      await bench.run({ ...defaults, image, build, needs: ['a comparison'] });
      const theirs = await outputOf(image, 'cd /app && find . -type f -o -type d | sort');
      const { entries, dockerfile } = await readBuildContext(build, undefined);
      const added = new Set(['.dockerignore', dockerfile]);
      const shown = (path: string) => !added.has(path.slice(2));
      const ours = new Set(['.', ...entries.flatMap(({ path }) => [`./${path}`, ...parentsOf(`./${path}`)])]);
      const [left, right] = [[...theirs].filter(shown).sort(), [...ours].filter(shown).sort()];
      return JSON.stringify(left) === JSON.stringify(right) ? [] : [`${ignored}: ${left} against our ${right}`];
    };
    expect((await Promise.all(rules.map(compare))).flat()).toEqual([]);
  });

  test('a failing step is named with its last lines and its line in the Dockerfile', async () => {
    const dockerfile = `# one\nFROM ${bench.image}\n\nRUN --mount=type=cache,target=/c \\\n  for i in $(seq 60); do echo line $i; done; exit 9\n`;
    const context = await contextOf({ 'My.Dockerfile': dockerfile });
    const image = `${bench.engine.uniqueName('broken')}:1`;
    const build: Build = { context, dockerfile: 'My.Dockerfile' };
    await expect(bench.run({ ...defaults, image, build, needs: ['RUN --mount'] })).rejects.toMatchObject({
      error: {
        code: 'image.build-failed',
        message: expect.stringMatching(/failed at Step 2\/2: RUN --mount.*exit code: 9/),
        where: { file: join(context, 'My.Dockerfile'), line: 4, column: 1 },
        detail: expect.stringMatching(/line 60/),
      },
    });
  });

  test('a cancelled build ends on the engine', async () => {
    const inline = `FROM ${bench.image}\nRUN --mount=type=cache,target=/c echo begun; sleep 986\n`;
    const context = await contextOf({ file: '' });
    const abort = new AbortController();
    const { report, seen } = reporter();
    const image = `${bench.engine.uniqueName('cancelled')}:1`;
    const step = { ...defaults, image, build: { context, dockerfile_inline: inline }, needs: ['RUN --mount'] } as const;
    const outcome = expect(bench.run(step, { signal: abort.signal, report })).rejects.toMatchObject({
      error: { code: 'cancelled' },
    });
    await seen(/: begun/);
    // The shell's next command, which may not have begun with the word before it.
    await expect.poll(sleepers).toBe(1);
    abort.abort();
    await outcome;
    expect(await sleepers()).toBe(0);
    await expect(bench.engine.docker.getImage(image).inspect()).rejects.toMatchObject({ statusCode: 404 });
  });

  test('an additional context: used where the engine’s BuildKit knows them, else a hint that names the key', async () => {
    const other = await contextOf({ x: 'from elsewhere' });
    const inline = `FROM base\nCOPY --from=other x /x\n`;
    const context = await contextOf({ file: '' });
    const image = `${bench.engine.uniqueName('contexts')}:1`;
    const build: Build = {
      context,
      dockerfile_inline: inline,
      additional_contexts: new Map([
        ['other', other],
        ['base', `docker-image://${bench.image}`],
      ]),
    };
    const { Version } = await bench.engine.docker.version();
    const built = bench.run({ ...defaults, image, build, needs: ['build.additional_contexts'] });
    if (Number.parseInt(Version, 10) < 23) {
      await expect(built).rejects.toMatchObject({
        error: {
          code: 'image.build-failed',
          hint: expect.stringMatching(/build\.additional_contexts: Docker Engine 23/),
        },
      });
    } else {
      await built;
      expect(await outputOf(image, 'cat /x')).toEqual(['from elsewhere']);
    }
  });
});

describe('what a build needs', () => {
  test('keys and Dockerfiles that ask for BuildKit are seen, and the plugin’s version where it is there', async () => {
    const context = await contextOf({
      Dockerfile: 'FROM x\nRUN <<EOF\nRUN --mount=type=cache true\nEOF\nCOPY --link a b\n',
    });
    const builds = { web: { context }, plain: { context, dockerfile_inline: 'FROM x\nRUN --mountain\n' } };
    const bare = { ...hostFor('unix:///nowhere'), exists: async () => false };
    expect(await observeBuilders(builds, bare)).toEqual({
      builders: { dockerfiles: { web: ['COPY --link (line 5)', 'a here-document (line 2)'] } },
    });
    if (!haveBuildx) return;
    const host = { ...hostFor('unix:///nowhere', { DOCKER_CONFIG: config.path }), readText: nodeHost().readText };
    const { builders } = await observeBuilders(builds, host);
    expect(builders?.buildx).toMatch(/^v?\d+\.\d+/);
    expect(await observeBuilders({ plain: builds.plain }, host)).toEqual({ builders: { dockerfiles: {} } });
  });
});

/** Processes of this test's endless step, wherever on this machine the engine put them. */
async function sleepers(): Promise<number> {
  const { readdir, readFile } = await import('node:fs/promises');
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line === 'sleep\x00986\x00').length;
}

const parentsOf = (path: string): readonly string[] => {
  const parent = dirname(path);
  return parent === '.' ? [] : [parent, ...parentsOf(parent)];
};
