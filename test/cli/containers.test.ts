import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containersOf, createWorkbench, program, type Workbench } from './support.ts';

/* The commands about single containers, on a real engine: what they leave behind is looked at, not what they say. */
let bench: Workbench;
let project: string;
let file: string;
beforeAll(async () => {
  bench = await createWorkbench();
  project = bench.engine.uniqueName('parts');
  file = await bench.file(
    'parts/compose.yaml',
    `name: ${project}
services:
  web:
    image: ${bench.engine.base}
    command: [sh, -c, 'trap "touch /hup" HUP; while :; do sleep 0.1; done']
    stop_grace_period: 1s
    depends_on: [db]
    volumes: [/nameless]
    ports: ['127.0.0.1::80']
  db:
    image: ${bench.engine.base}
    command: [sleep, infinity]
    init: true
    stop_grace_period: 1s
  fixed:
    image: ${bench.engine.base}
    command: [sleep, infinity]
    init: true
    container_name: ${project}-fixed
    ports: ['127.0.0.1:39472:80']
    profiles: [never]
`,
  );
  expect((await on('up', '--scale', 'web=2')).code).toBe(0);
});
afterAll(() => bench.remove());

const on = (...args: string[]) => bench.run(['-f', file, ...args]);
const names = async () => (await containersOf(bench.engine, project)).map(({ Names }) => Names[0]?.slice(1)).sort();
const states = async () =>
  Object.fromEntries(
    (await containersOf(bench.engine, project)).map(({ Names, State }) => [Names[0]?.slice(1), State]),
  );
const inside = async (service: string, ...command: string[]) => (await on('exec', '-T', service, ...command)).stdout;

describe('scale', () => {
  it('adds and takes away, the highest number first; a later up goes back to the file', async () => {
    expect(await names()).toEqual([`${project}-db-1`, `${project}-web-1`, `${project}-web-2`]);
    expect((await on('scale', 'web=4', '--no-deps')).code).toBe(0);
    expect((await names()).filter((name) => name?.includes('web'))).toHaveLength(4);
    expect((await on('scale', 'web=2')).code).toBe(0);
    expect(await names()).toEqual([`${project}-db-1`, `${project}-web-1`, `${project}-web-2`]);
    expect((await on('up')).code).toBe(0);
    expect(await names()).toEqual([`${project}-db-1`, `${project}-web-1`]);
  });

  it('refuses what containers cannot share, and changes nothing', async () => {
    const before = await names();
    const { code, stderr } = await on('scale', 'fixed=2');
    expect(code).toBe(4);
    expect(stderr).toContain('compose.yaml:');
    expect(stderr).toMatch(/container_name[\s\S]*39472/);
    expect(await names()).toEqual(before);
    for (const wrong of ['web', 'web=-1', 'web=1001', 'wbe=2']) expect((await on('scale', wrong)).code, wrong).toBe(2);
  });
});

describe('cp', () => {
  it('brings a folder out and in again', async () => {
    await inside('db', 'sh', '-c', 'mkdir -p /data/sub && echo deep > /data/sub/file');
    expect((await on('cp', 'db:/data', './out')).code).toBe(0);
    expect(await readFile(join(bench.folder, 'out/sub/file'), 'utf8')).toBe('deep\n');
    await writeFile(join(bench.folder, 'out/more'), 'more\n');
    expect((await on('cp', './out/.', 'db:/data')).code).toBe(0);
    expect(await inside('db', 'cat', '/data/more', '/data/sub/file')).toBe('more\ndeep\n');
  });

  it('goes into every container of a service, or into the one that is named', async () => {
    await on('scale', 'web=2');
    await bench.file('note', 'text\n');
    expect((await on('cp', 'note', 'web:/tmp/all')).code).toBe(0);
    expect((await on('cp', '--index', '2', 'note', 'web:/tmp/second')).code).toBe(0);
    const found = await Promise.all(
      ['1', '2'].map(async (index) =>
        (await on('exec', '-T', '--index', index, 'web', 'ls', '/tmp')).stdout.split('\n'),
      ),
    );
    expect(found[0]).toContain('all');
    expect(found[0]).not.toContain('second');
    expect(found[1]).toEqual(expect.arrayContaining(['all', 'second']));
    await on('scale', 'web=1');
  });

  it('writes an archive to standard output and reads one', async () => {
    const out = bench.launch(process.execPath, [
      '-e',
      `
      const { spawn } = require('node:child_process');
      const [program, file] = process.argv.slice(1);
      const from = spawn(process.execPath, [program, '-f', file, 'cp', 'db:/data', '-'], { stdio: ['ignore', 'pipe', 'inherit'] });
      const to = spawn(process.execPath, [program, '-f', file, 'cp', '-', 'db:/tmp'], { stdio: [from.stdout, 'inherit', 'inherit'] });
      to.on('close', (code) => process.exit(code ?? 1));
    `,
      program,
      file,
    ]);
    expect((await out.finished).code).toBe(0);
    expect(await inside('db', 'cat', '/tmp/data/sub/file')).toBe('deep\n');
  });

  it('says what is wrong with the command line', async () => {
    await mkdir(join(bench.folder, 'dir'), { recursive: true });
    for (const [from, to] of [
      ['db:/a', 'web:/b'],
      ['a', 'b'],
      ['db:/nothing', '.'],
      ['dir', 'db:/etc/hostname'],
      ['nobody:/a', '.'],
    ]) {
      expect((await on('cp', from ?? '', to ?? '')).code, `${from} ${to}`).toBe(2);
    }
  });
});

describe('signals, pauses, removal', () => {
  it('kill sends the signal that is named', async () => {
    expect((await on('kill', '-s', 'hup', 'web')).code).toBe(0);
    const { stdout } = await on('exec', '-T', 'web', 'sh', '-c', 'until [ -e /hup ]; do sleep 0.05; done; echo came');
    expect(stdout).toBe('came\n');
    expect((await on('kill', '-s', 'no signal', 'web')).code).toBe(2);
  });

  it('pause and unpause', async () => {
    expect((await on('pause', 'web')).code).toBe(0);
    expect(await states()).toMatchObject({ [`${project}-web-1`]: 'paused', [`${project}-db-1`]: 'running' });
    expect((await on('unpause')).code).toBe(0);
    expect(await states()).toMatchObject({ [`${project}-web-1`]: 'running' });
  });

  it('exec -d comes back at once', async () => {
    expect(await on('exec', '-d', 'db', 'sh', '-c', 'echo $$ > /tmp/pid; exec sleep 1000')).toMatchObject({
      code: 0,
      stdout: '',
    });
    const line = 'until [ -s /tmp/pid ]; do sleep 0.05; done; cat /proc/$(cat /tmp/pid)/cmdline | tr "\\0" " "';
    expect((await inside('db', 'sh', '-c', line)).trim()).toBe('sleep 1000');
  });

  it('kill, then rm: only what is stopped goes; anonymous volumes only when told and confirmed', async () => {
    expect((await on('kill', 'web')).code).toBe(0);
    expect(await states()).toMatchObject({ [`${project}-web-1`]: 'exited' });
    expect((await on('rm', '-v')).code, 'loses a volume, and nobody can be asked').toBe(2);
    const { Mounts } = await bench.engine.docker.getContainer(`${project}-web-1`).inspect();
    const volume = Mounts[0]?.Name ?? '';
    expect((await on('rm', '-v', '-f')).code).toBe(0);
    expect(await names()).toEqual([`${project}-db-1`]);
    await expect(bench.engine.docker.getVolume(volume).inspect()).rejects.toMatchObject({ statusCode: 404 });
    expect((await on('rm', '--stop', 'db')).code).toBe(0);
    expect(await names()).toEqual([]);
  });
});

describe('questions', () => {
  beforeAll(async () => {
    expect((await on('up')).code).toBe(0);
  });

  it('port', async () => {
    const { stdout } = await on('port', 'web', '80');
    const { NetworkSettings } = await bench.engine.docker.getContainer(`${project}-web-1`).inspect();
    expect(stdout).toBe(`127.0.0.1:${NetworkSettings.Ports['80/tcp']?.[0]?.HostPort}\n`);
    expect((await on('port', 'web', '81')).code).toBe(1);
    expect((await on('port', 'web', 'x')).code).toBe(2);
  });

  it('top and images', async () => {
    const tables = await bench.json<{ container: string; processes: string[][] }[]>(['-f', file, 'top', 'db']);
    expect(tables.map(({ container }) => container)).toEqual([`${project}-db-1`]);
    expect(tables[0]?.processes.flat().join(' ')).toContain('sleep infinity');
    const images = await bench.json<{ container: string; id: string }[]>(['-f', file, 'images']);
    const { Image } = await bench.engine.docker.getContainer(`${project}-db-1`).inspect();
    expect(images.find(({ container }) => container === `${project}-db-1`)?.id).toBe(Image);
  });

  it('ps is status', async () => {
    const [ps, status] = await Promise.all(
      ['ps', 'status'].map((name) => bench.json<{ stack: string }>(['-f', file, name])),
    );
    expect(ps?.stack).toBe(status?.stack);
  });
});
