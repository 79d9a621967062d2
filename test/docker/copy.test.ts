import { execFile } from 'node:child_process';
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import tar from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, openBench } from './support.ts';

/*
 * `cp` against the docker CLI: every source with every target, once with each, and what is there afterwards must be equal:
 * names, kinds, contents, modes, links, and whether it was refused. A target begins as it is made below, each time anew.
 */
const run = promisify(execFile);
const docker = process.env.CLAUDE_ENV_PEER_DOCKER ?? 'docker';

let bench: Bench;
let container: string;
let root: string;
beforeAll(async () => {
  bench = await openBench();
  root = await mkdtemp(join(tmpdir(), 'claude-env-copy-'));
  container = await bench.start(
    [
      'mkdir -p /src/dir/sub /src/empty && cd /src && echo one > file && chmod 640 file && echo two > dir/a',
      'echo three > dir/sub/b && chmod 750 dir/sub && ln -s a dir/inner && ln -s file link && ln -s dir dirlink',
      'ln -s /nowhere/at/all dangling && exec sleep 1000',
    ].join(' && '),
  );
  const targets = { command: ['sh', '-c', makeTargets], onOutput: () => undefined };
  expect(await bench.connection.exec(container, targets)).toEqual({ exitCode: 0 });
  await mkdir(join(root, 'src/dir/sub'), { recursive: true });
  await mkdir(join(root, 'src/empty'));
  await writeFile(join(root, 'src/file'), 'one\n');
  await chmod(join(root, 'src/file'), 0o640);
  await writeFile(join(root, 'src/dir/a'), 'two\n');
  await writeFile(join(root, 'src/dir/sub/b'), 'three\n');
  await chmod(join(root, 'src/dir/sub'), 0o750);
  await symlink('a', join(root, 'src/dir/inner'));
  await symlink('file', join(root, 'src/link'));
  await symlink('dir', join(root, 'src/dirlink'));
  await symlink('/nowhere/at/all', join(root, 'src/dangling'));
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
  await bench.close();
});

const sources = ['file', 'dir', 'dir/.', 'link', 'dirlink', 'dirlink/', 'dangling', 'none'];
const targets = ['there', 'old', 'old/', 'new', 'new/', 'no/new', 'door', 'same'];
const pairs = sources.flatMap((source) => targets.map((target) => ({ source, target })));

/** `there`: a folder; `old`: a file; `door`: a link to a folder; `same`: a folder with a file called `dir` or `file`'s rival. */
async function makeTarget(path: string): Promise<void> {
  await mkdir(join(path, 'there'), { recursive: true });
  await mkdir(join(path, 'behind'));
  await mkdir(join(path, 'same/dir'), { recursive: true });
  await mkdir(join(path, 'same/file'));
  await writeFile(join(path, 'same/dir/a'), 'older\n');
  await writeFile(join(path, 'old'), 'old\n');
  await symlink('behind', join(path, 'door'));
}

async function tree(path: string, name = ''): Promise<Record<string, string>> {
  const stats = await lstat(path);
  const mode = (stats.mode & 0o777).toString(8);
  if (stats.isSymbolicLink()) return { [name]: `link ${await readlink(path)}` };
  if (stats.isFile()) return { [name]: `file ${mode} ${await readFile(path, 'utf8')}` };
  let all: Record<string, string> = { [name]: `dir ${mode}` };
  for (const entry of (await readdir(path)).sort())
    all = { ...all, ...(await tree(join(path, entry), `${name}/${entry}`)) };
  return all;
}

const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    () => 'refused',
  );

describe.each([false, true])('out of a container, links followed: %s', (followLink) => {
  it.each(pairs)('$source to $target as docker cp does it', async ({ source, target }) => {
    const [theirs, ours] = [await mkdtemp(join(root, 't')), await mkdtemp(join(root, 'o'))];
    await Promise.all([makeTarget(theirs), makeTarget(ours)]);
    const args = ['cp', ...(followLink ? ['-L'] : []), `${container}:/src/${source}`, `${theirs}/${target}`];
    const [their, our] = await Promise.all([
      outcome(run(docker, args)),
      outcome(bench.connection.copyOut(container, { path: `/src/${source}`, to: `${ours}/${target}`, followLink })),
    ]);
    expect(our).toBe(their);
    expect(await tree(ours)).toEqual(await tree(theirs));
  });
});

async function archiveTree(path: string): Promise<Record<string, string>> {
  const entries: Record<string, string> = {};
  const extract = tar.extract();
  extract.on('entry', (header, content, next) => {
    const chunks: Buffer[] = [];
    content.on('data', (chunk: Buffer) => chunks.push(chunk));
    content.on('end', () => {
      const name = header.name.split('/').slice(1).join('/');
      const owner = `${header.uid}:${header.gid}`;
      entries[name] =
        `${header.type} ${header.mode?.toString(8)} ${owner} ${header.linkname ?? ''} ${Buffer.concat(chunks)}`;
      next();
    });
  });
  const archive = await bench.engine.docker.getContainer(container).getArchive({ path });
  await new Promise<void>((resolve, reject) => {
    extract.on('finish', resolve).on('error', reject);
    archive.pipe(extract);
  });
  return entries;
}

/** As many targets as these tests take, made in one go: a process in a container costs a tenth of a second. */
const enough = 2 * 2 * pairs.length + 2;
const makeTargets = `for n in $(seq ${enough}); do
  mkdir -p /made/$n/there /made/$n/behind /made/$n/same/dir /made/$n/same/file && cd /made/$n || exit
  echo older > same/dir/a; echo old > old; ln -s behind door
done`;
let taken = 0;
const takeTargetInside = (): string => {
  taken += 1;
  return `/made/${taken}`;
};

describe.each([
  { followLink: false, archive: false },
  { followLink: true, archive: true },
])('into a container, links followed: $followLink, owners kept: $archive', ({ followLink, archive }) => {
  it.each(pairs)('$source to $target as docker cp does it', async ({ source, target }) => {
    const [theirs, ours] = [takeTargetInside(), takeTargetInside()];
    const flags = [...(followLink ? ['-L'] : []), ...(archive ? ['-a'] : [])];
    const [their, our] = await Promise.all([
      outcome(run(docker, ['cp', ...flags, `${root}/src/${source}`, `${container}:${theirs}/${target}`])),
      outcome(
        bench.connection.copyIn(container, {
          from: `${root}/src/${source}`,
          path: `${ours}/${target}`,
          followLink,
          archive,
        }),
      ),
    ]);
    expect(our).toBe(their);
    expect(await archiveTree(ours)).toEqual(await archiveTree(theirs));
  });
});

describe('archives', () => {
  it('one goes out as it is and in again', async () => {
    const chunks: Uint8Array[] = [];
    const to = async (chunk: Uint8Array) => void chunks.push(chunk);
    await bench.connection.copyOut(container, { path: '/src/dir', to, followLink: false });
    const path = takeTargetInside();
    await bench.connection.copyIn(container, {
      from: stream(chunks),
      path: `${path}/there`,
      followLink: false,
      archive: false,
    });
    expect((await archiveTree(`${path}/there`))['dir/sub/b']).toContain('three');
  });

  it('one that breaks ends the copy with what broke it', async () => {
    const path = takeTargetInside();
    const from = (async function* () {
      yield new Uint8Array(512);
      throw new Error('the pipe broke');
    })();
    await expect(
      bench.connection.copyIn(container, { from, path: `${path}/there`, followLink: false, archive: false }),
    ).rejects.toThrow(/the pipe broke/);
  });

  it('what does not run is copied from as well', async () => {
    const stopped = await bench.start('echo left > /left');
    await bench.engine.docker.getContainer(stopped).wait();
    const to = join(root, 'left');
    await bench.connection.copyOut(stopped, { path: '/left', to, followLink: false });
    expect(await readFile(to, 'utf8')).toBe('left\n');
  });
});

async function* stream(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
