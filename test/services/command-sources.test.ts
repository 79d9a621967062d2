import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../main/core/app-failure.ts';
import { type CommandOrigin, createCommandSources } from '../../main/services/command-sources.ts';
import type { ProgramCall, ProgramEnd } from '../../main/services/ports.ts';
import { createTrust } from '../../main/services/trust.ts';
import {
  createFakeClock,
  createFakeFiles,
  createFakeIds,
  createFakeLog,
  createFakeState,
} from '../support/fake-engine-world.ts';

const file = '/code/shop/compose.yaml';
const other = '/code/shop/compose.override.yaml';
const text = `
secrets:
  tok: {environment: TOK, x-claude-env: {command: [op, read, 'op://vault/tok']}}
  abs: {environment: ABS, x-claude-env: {command: [/usr/bin/op]}}
  own: {environment: OWN, x-claude-env: {command: [./steal.sh]}}
`;
const where = { file, line: 3, column: 3 };
const origin = (command: readonly string[] = ['op', 'read', 'op://vault/tok']): CommandOrigin => ({
  from: 'command',
  command,
  where,
});

function world(end: ProgramEnd = { kind: 'ended', code: 0, output: 'c4nary\n' }) {
  const files = createFakeFiles({ [file]: text, [other]: 'services: {}\n' }, { environment: { OP: 'x' } });
  const state = createFakeState();
  const trust = createTrust({ files, ids: createFakeIds(), state, clock: createFakeClock(), log: createFakeLog().log });
  const calls: ProgramCall[] = [];
  const sources = createCommandSources({
    files,
    trust,
    programs: {
      find: async (name) => (name === 'op' ? '/usr/local/bin/op' : undefined),
      run: async (call) => {
        calls.push(call);
        return end;
      },
    },
  });
  const trustIt = async (path = file) => trust.add(path, (await trust.show(path)).sha256);
  return { files, state, trust, sources, calls, trustIt };
}
const failed = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing failed',
    (error: unknown) => (error instanceof AppFailure ? `${error.error.code}: ${error.error.message}` : String(error)),
  );

describe('a command that gives a secret', () => {
  it('is run for a trusted file, with its words as arguments, at home and with the user’s environment', async () => {
    const { sources, calls, trustIt } = world();
    await trustIt();
    expect(await sources.run(origin(), [file])).toBe('c4nary');
    expect(calls).toEqual([
      expect.objectContaining({
        program: '/usr/local/bin/op',
        args: ['read', 'op://vault/tok'],
        cwd: '/home/dev',
        env: { OP: 'x' },
      }),
    ]);
  });

  it('is not run for a file that nobody trusts, that has changed, or that another one is added to', async () => {
    const { sources, calls, trustIt, files } = world();
    expect(await failed(sources.run(origin(), [file]))).toMatch(/^source\.untrusted: .*is not trusted/);
    await trustIt();
    expect(await failed(sources.run(origin(), [file, other]))).toMatch(/compose\.override\.yaml is not trusted/);
    files.texts.set(file, `${text}# more\n`);
    expect(await failed(sources.run(origin(), [file]))).toMatch(/has changed since it was trusted/);
    expect(calls).toEqual([]);
    await trustIt();
    await sources.run(origin(), [file]);
    expect(calls).toHaveLength(1);
  });

  it('is not run with other words than those in the trusted files, nor as a program of the project’s own', async () => {
    const { sources, calls, trustIt } = world();
    await trustIt();
    expect(await failed(sources.run(origin(['op', 'read', 'op://vault/other']), [file]))).toMatch(/these very words/);
    expect(await failed(sources.run(origin(['./steal.sh']), [file]))).toMatch(/relative path/);
    expect(calls).toEqual([]);
    await sources.run(origin(['/usr/bin/op']), [file]);
    expect(calls[0]).toMatchObject({ program: '/usr/bin/op', args: [] });
  });

  it.each<[string, ProgramEnd, RegExp]>([
    ['an exit code', { kind: 'ended', code: 1, output: 'half of c4nary' }, /ended with code 1/],
    ['a signal', { kind: 'ended', code: null, output: '' }, /ended with a signal/],
    ['nothing', { kind: 'ended', code: 0, output: '\r\n' }, /printed nothing/],
    ['no end', { kind: 'late' }, /did not end within 60 s/],
    ['too much', { kind: 'too-much' }, /more than 64 KiB/],
    ['no start', { kind: 'not-started', reason: 'EACCES' }, /EACCES/],
  ])('that gives %s is an error that shows neither output nor arguments', async (_what, end, words) => {
    const { sources, trustIt } = world(end);
    await trustIt();
    const said = await failed(sources.run(origin(), [file]));
    expect(said).toMatch(words);
    expect(said).toMatch(/^source\.failed/);
    expect(said).not.toMatch(/c4nary|vault/);
  });

  it('is a problem of the plan before anything is done', async () => {
    const { sources, trustIt } = world();
    const reference = { from: 'environment', variable: 'TOK', kind: 'secret', name: 'tok', origin: origin() } as const;
    expect(await sources.problems([reference], [file])).toEqual([
      expect.objectContaining({ rule: 'command-untrusted', where, hint: expect.stringContaining(`trust add ${file}`) }),
    ]);
    await trustIt();
    expect(await sources.problems([reference], [file])).toEqual([]);
  });
});

describe('trusted files', () => {
  it('are listed with what may be run, or with what became of them', async () => {
    const { trust, trustIt, files } = world();
    await trustIt();
    expect((await trust.list())[0]).toMatchObject({
      path: file,
      state: 'trusted',
      commands: [['op', 'read', 'op://vault/tok'], ['/usr/bin/op'], ['./steal.sh']],
    });
    files.texts.set(file, 'services: {}\n');
    expect((await trust.list())[0]).toMatchObject({ state: 'changed', commands: [] });
    files.texts.delete(file);
    expect((await trust.list())[0]).toMatchObject({ state: 'gone', commands: [] });
    expect([await trust.remove(file), await trust.remove(file), await trust.list()]).toEqual([true, false, []]);
  });

  it('are trusted as they were shown', async () => {
    const { trust, files } = world();
    const { sha256 } = await trust.show(file);
    files.texts.set(file, 'services: {}\n');
    expect(await failed(trust.add(file, sha256))).toMatch(/^plan\.changed/);
    expect(await trust.list()).toEqual([]);
  });
});
