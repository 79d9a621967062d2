import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../main/core/app-failure.ts';
import { createCredentials } from '../../main/services/credentials.ts';
import type { GitHistory } from '../../main/services/env-history.ts';
import { createEnvImport } from '../../main/services/env-import.ts';
import { createEnvReaders } from '../../main/services/env-readers.ts';
import {
  createFakeClock,
  createFakeFiles,
  createFakeKeychain,
  createFakeLog,
  createFakeState,
} from '../support/fake-engine-world.ts';

const canary = 'c4nary-value';
const source = `PORT=80\nexport DB_PASSWORD="${canary}" # mine\nTOKEN=t0ken-value\n`;
const moved =
  'PORT=80\n# DB_PASSWORD is in the keychain (claude-env) # mine\n# TOKEN is in the keychain (claude-env)\n';
const file = '/code/shop/.env';
const user = { scope: 'user' } as const;

function world(
  options: {
    text?: string;
    texts?: Readonly<Record<string, string>>;
    history?: GitHistory;
    stacks?: readonly { stack: string; files: string[]; envFiles: string[]; profiles: string[]; services: string[] }[];
  } = {},
) {
  const switches = { locked: false };
  const keychain = createFakeKeychain(switches);
  const state = createFakeState();
  const clock = createFakeClock();
  const { log } = createFakeLog();
  const files = createFakeFiles({ [file]: options.text ?? source, ...options.texts });
  const credentials = createCredentials({ keychain, state, clock, log });
  /** In the order in which they were written. */
  const written: string[] = [];
  const agreed: string[] = [];
  let fail: Error | undefined;
  const imports = createEnvImport({
    files,
    changes: {
      replace: async (path, { from, to }) => {
        if (fail !== undefined) throw fail;
        expect(files.texts.get(path)).toBe(from);
        written.push(`file with ${keychain.values.size} in the keychain`);
        files.texts.set(path, to);
      },
    },
    credentials,
    consents: { add: async (folder, names) => void agreed.push(`${folder}: ${names.join(' ')}`) },
    readers: createEnvReaders({
      files,
      known: { list: async () => options.stacks ?? [] },
      broughtUp: { list: async () => [] },
    }),
    history: async () => options.history ?? { kind: 'none' },
    state,
    clock,
    log,
  });
  const breakWriting = () => {
    fail = new AppFailure({ code: 'file.invalid', message: 'no room' });
  };
  return { imports, files, keychain, credentials, state, switches, written, agreed, breakWriting };
}
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing failed',
    (error: unknown) => (error instanceof AppFailure ? `${error.error.code}: ${error.error.message}` : String(error)),
  );

describe('importing a .env', () => {
  it('proposes by name, and shows no value', async () => {
    const proposal = await world().imports.propose(file);
    expect(proposal.entries).toEqual([
      { name: 'PORT', line: 1 },
      { name: 'DB_PASSWORD', line: 2, sign: 'name' },
      { name: 'TOKEN', line: 3, sign: 'name' },
    ]);
    expect(JSON.stringify(proposal)).not.toContain(canary);
  });

  it('moves values to the keychain first, then takes the lines out; what undoes it has no value', async () => {
    const { imports, files, keychain, state, written } = world();
    await imports.move({ file, names: ['DB_PASSWORD', 'TOKEN'], to: { scope: 'project', project: 'shop' } });
    expect(files.texts.get(file)).toBe(moved);
    expect([...keychain.values]).toEqual([
      ['project/shop/DB_PASSWORD', canary],
      ['project/shop/TOKEN', 't0ken-value'],
    ]);
    expect(written).toEqual(['file with 2 in the keychain']);
    expect(JSON.stringify([...state.documents])).not.toContain(canary);
    expect((await imports.propose(file)).undo).toEqual(['DB_PASSWORD', 'TOKEN']);
  });

  it('puts the file back byte by byte, and the keychain keeps the values', async () => {
    const { imports, files, keychain, state } = world();
    await imports.move({ file, names: ['DB_PASSWORD'], to: user });
    await imports.move({ file, names: ['TOKEN'], to: user });
    expect(files.texts.get(file)).toBe(moved);
    expect(await imports.undo(file)).toEqual({ file, restored: ['DB_PASSWORD', 'TOKEN'], left: [] });
    expect(files.texts.get(file)).toBe(source);
    expect(keychain.values.size).toBe(2);
    expect(await state.read('env-imports')).toEqual({ version: 1, 'env-imports': [] });
    expect(await codeOf(imports.undo(file))).toMatch(/^input\.invalid: Nothing was moved/);
  });

  it('changes neither file nor keychain where a name cannot be moved, is not there, or has another value', async () => {
    const { imports, files, keychain, credentials } = world({ text: `${source}URL=x:$TOKEN\n` });
    await credentials.set({ scope: 'user', name: 'DB_PASSWORD' }, 'another');
    const before = [...keychain.values];
    for (const names of [['TOKEN'], ['NOBODY'], ['DB_PASSWORD'], []]) {
      expect(await codeOf(imports.move({ file, names, to: user }))).toMatch(/^input\.invalid/);
    }
    expect(files.texts.get(file)).toContain(canary);
    expect([...keychain.values]).toEqual(before);
    await imports.move({ file, names: ['DB_PASSWORD'], to: user, replace: true });
    expect(keychain.values.get('user/DB_PASSWORD')).toBe(canary);
  });

  it('leaves the file where the keychain is locked, and does it at the second try', async () => {
    const { imports, files, switches } = world();
    switches.locked = true;
    expect(await codeOf(imports.move({ file, names: ['TOKEN'], to: user }))).toMatch(/^keychain\.locked/);
    expect(files.texts.get(file)).toBe(source);
    switches.locked = false;
    await imports.move({ file, names: ['TOKEN', 'DB_PASSWORD'], to: user });
    expect(files.texts.get(file)).toBe(moved);
  });

  it('leaves nothing to undo where the file could not be written', async () => {
    const { imports, state, breakWriting } = world();
    breakWriting();
    expect(await codeOf(imports.move({ file, names: ['TOKEN'], to: user }))).toMatch(/no room/);
    expect(await state.read('env-imports')).toEqual({ version: 1, 'env-imports': [] });
  });

  it.each(['the keychain', 'what undoes it'])(
    'ended right after %s was written, is done by the second try',
    async (at) => {
      const { imports, files, keychain, state } = world();
      const { set } = keychain;
      const { write } = state;
      const dead = async () => {
        throw new Error('killed');
      };
      if (at === 'the keychain') {
        // The first value is in, the program is not there for the second.
        const killed = (account: string, value: string) => (account === 'user/TOKEN' ? dead() : set(account, value));
        Object.assign(keychain, { set: killed });
      } else {
        const killed = (name: string, value: unknown) =>
          name === 'env-imports' ? write(name, value).then(dead) : write(name, value);
        Object.assign(state, { write: killed });
      }
      const names = ['DB_PASSWORD', 'TOKEN'];
      await expect(imports.move({ file, names, to: user })).rejects.toThrow('killed');
      expect(files.texts.get(file)).toBe(source);

      Object.assign(keychain, { set });
      Object.assign(state, { write });
      await imports.move({ file, names, to: user });
      expect(files.texts.get(file)).toBe(moved);
      await imports.undo(file);
      expect(files.texts.get(file)).toBe(source);
    },
  );

  it('puts back what the keychain has now, and says what it has no longer', async () => {
    const { imports, files, credentials } = world();
    await imports.move({ file, names: ['DB_PASSWORD', 'TOKEN'], to: user });
    await credentials.set({ scope: 'user', name: 'TOKEN' }, 'rotated');
    await credentials.remove({ scope: 'user', name: 'DB_PASSWORD' });
    const undone = await imports.undo(file);
    expect(undone).toMatchObject({ restored: ['TOKEN'], left: [{ name: 'DB_PASSWORD' }] });
    expect(files.texts.get(file)).toContain('TOKEN=rotated\n');
    expect((await imports.propose(file)).undo).toEqual(['DB_PASSWORD']);
  });

  it('is consent for the project beside the file, and for nobody else', async () => {
    const texts = { '/code/shop/compose.yaml': 'services: {web: {image: x}}\n' };
    const { imports, agreed } = world({ texts });
    await imports.move({ file, names: ['DB_PASSWORD'], to: { scope: 'project', project: 'other' } });
    expect(agreed).toEqual([]);
    await imports.move({ file, names: ['TOKEN'], to: { scope: 'project', project: 'shop' } });
    expect(agreed).toEqual(['/code/shop: TOKEN']);
  });

  it('refuses a file whose meaning is not clear, with the line', async () => {
    const { imports } = world({ text: 'A=1\nB="open\n' });
    expect(await codeOf(imports.propose(file))).toMatch(/^file\.invalid: \/code\/shop\/\.env:2: .*quote/);
  });
});

describe('what is said about the file', () => {
  const compose = 'services: {web: {image: x, env_file: .env}, db: {image: y}}\n';
  it('git’s history, services that get all of it, and other projects that read it', async () => {
    const { imports } = world({
      history: { kind: 'committed', commit: 'abc1234' },
      texts: { '/code/shop/compose.yaml': compose, '/code/other/compose.yaml': 'services: {a: {image: x}}\n' },
      stacks: [
        { stack: 'env/other', files: ['/code/other/compose.yaml'], envFiles: [file], profiles: [], services: [] },
        { stack: 'env/alone', files: ['/code/other/compose.yaml'], envFiles: [], profiles: [], services: [] },
      ],
    });
    const { project, warnings } = await imports.propose(file);
    expect(project).toBe('shop');
    expect(warnings.map(({ rule, message }) => [rule, message])).toEqual([
      ['env-in-git', expect.stringContaining('abc1234')],
      ['env-file-reader', expect.stringMatching(/service web of shop/)],
      ['env-shared', expect.stringMatching(/project other reads/)],
    ]);
  });
});
