import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';

/* A program of three files, run on the code that V8 made of them before. */

const main = 'main-AAAAAAAA.cjs';
const shared = 'shared-BBBBBBBB.cjs';
const other = 'other-CCCCCCCC.cjs';
const posix = process.platform !== 'win32';

let folder = '';
let program = '';
let cache = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'claude-env-code-'));
  program = join(folder, 'program');
  cache = join(folder, 'cache');
  await mkdir(program);
  await writeFile(
    join(program, 'start.mjs'),
    `import { createRequire } from 'node:module';
import { keepCode } from ${JSON.stringify(new URL('../../main/platform/code-cache.ts', import.meta.url).href)};
keepCode(import.meta.dirname, ${JSON.stringify(cache)});
createRequire(import.meta.url)('./${main}');`,
  );
  await file(
    main,
    `const { say } = require('./${shared}');
say('first');
if (process.argv[2] === 'other') Promise.resolve().then(() => require('./${other}'));`,
  );
  await file(
    shared,
    `exports.say = (word) => console.log(word);
exports.sayMore = (word) => { const words = [word, 'and', 'more']; for (const each of words) console.log(each); };`,
  );
  await file(
    other,
    `const { sep } = require('node:path'); require('./${shared}').sayMore(typeof sep + __filename.slice(-4));`,
  );
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const file = (name: string, text: string) => writeFile(join(program, name), text);
async function run(...words: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(program, 'start.mjs'), ...words]);
  return stdout;
}
const keptNames = async () => (await readdir(cache)).map((name) => name.replace(/\.[\da-f]+$/, '')).sort();
async function kept(name: string): Promise<{ path: string; code: Buffer; changed: number }> {
  const path = join(cache, (await readdir(cache)).find((one) => one.startsWith(name)) ?? '');
  return { path, code: await readFile(path), changed: (await stat(path)).mtimeMs };
}

it('keeps the code of what was loaded, for its user alone, and runs from it as before', async () => {
  expect(await run()).toBe('first\n');
  expect(await keptNames()).toEqual([main, shared]);
  if (posix) {
    expect((await stat(cache)).mode & 0o777).toBe(0o700);
    expect((await stat((await kept(main)).path)).mode & 0o777).toBe(0o600);
  }
  const { path } = await kept(main);
  await utimes(path, 1e9, 1e9);
  expect(await run()).toBe('first\n');
  expect((await kept(main)).changed).toBe(1e12);
});

it('adds the functions that another command calls', async () => {
  await run();
  const { code } = await kept(shared);
  expect(await run('other')).toBe('first\nstring.cjs\nand\nmore\n');
  expect(await keptNames()).toEqual([main, other, shared]);
  expect((await kept(shared)).code.length).toBeGreaterThan(code.length);
});

it.each([
  ['a byte differs', (code: Buffer) => code.map((byte, at) => (at === 400 ? byte ^ 0x15 : byte))],
  ['its end is missing', (code: Buffer) => code.subarray(0, -100)],
  ['it is empty', () => Buffer.alloc(0)],
])('makes the code anew when %s', async (_what, damage) => {
  await run();
  const { path, code } = await kept(shared);
  await writeFile(path, damage(code));
  expect(await run()).toBe('first\n');
  expect((await kept(shared)).code.length).toBe(code.length);
});

it('leaves a file alone whose name does not say its content', async () => {
  await file('plain.cjs', `console.log('one')`);
  await file(main, `require('./plain.cjs')`);
  expect(await run()).toBe('one\n');
  await file('plain.cjs', `console.log('two')`);
  expect(await run()).toBe('two\n');
  expect(await keptNames()).toEqual([main]);
});

it.runIf(posix)('takes nothing from a folder that others may write to', async () => {
  await mkdir(cache);
  await chmod(cache, 0o777);
  expect(await run()).toBe('first\n');
  expect(await readdir(cache)).toEqual([]);
});

it('runs where nothing can be kept', async () => {
  await writeFile(cache, 'a file stands here');
  expect(await run()).toBe('first\n');
});

it('forgets what nobody has written for a week', async () => {
  await mkdir(cache, { mode: 0o700 });
  const old = join(cache, 'main-ZZZZZZZZ.cjs.1');
  await writeFile(old, '');
  await utimes(old, 1e9, 1e9);
  await mkdir(join(cache, 'v24.0.0'));
  await utimes(join(cache, 'v24.0.0'), 1e9, 1e9);
  await run();
  expect(await keptNames()).toEqual([main, shared]);
});
