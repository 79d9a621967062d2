import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listCarried } from '../../resources/images/devcontainer/init/team/commands.mjs';
import { toDiff } from '../../resources/images/devcontainer/init/team/diff-text.mjs';
import { planConfig } from '../../resources/images/devcontainer/init/team/plan.mjs';
import {
  mergeSettings,
  parseSettings,
  takeOutSettings,
} from '../../resources/images/devcontainer/init/team/settings.mjs';
import { createStore } from '../../resources/images/devcontainer/init/team/store.mjs';

type Files = Readonly<Record<string, string>>;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'claude-env-team-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (files: Files) => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
};
/** Everything in the folder but our own: path to text. */
const contents = (): Files =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .map((entry) => ({ entry, path: join(entry.parentPath, entry.name).slice(folder.length + 1) }))
      .filter(({ path }) => !path.startsWith('claude-env'))
      .map(({ entry, path }) => [
        path,
        entry.isFile() ? readFileSync(join(folder, path), 'utf8') : entry.isDirectory() ? '/' : 'link',
      ])
      .sort(),
  );
const plan = (revision: string, team: Files) => {
  const store = createStore(folder);
  const files = new Map(
    Object.entries(team).map(([path, text]) => [path, { data: Buffer.from(text), executable: text.startsWith('#!') }]),
  );
  return planConfig({ wanted: { team: 'acme', revision, files }, record: store.record(), look: store.look });
};
const apply = (revision: string, team: Files) => {
  const planned = plan(revision, team);
  createStore(folder).apply(planned);
  return planned.changes.map(({ path, kind }) => `${kind} ${path}`);
};
const undo = () => {
  const store = createStore(folder);
  const planned = planConfig({ wanted: null, record: store.record(), look: store.look });
  store.apply(planned);
  return planned.changes.map(({ path, kind }) => `${kind} ${path}`);
};
const drifted = () => {
  const store = createStore(folder);
  return planConfig({ wanted: null, record: store.record(), look: store.look }).drifted;
};

const users: Files = {
  'CLAUDE.md': 'mine\n',
  'settings.json': '{"model":"opus",\n "permissions": {"allow": ["Read"]}}',
  'commands/mine.md': 'my own',
  'commands/same.md': 'same',
};
const teams: Files = {
  'CLAUDE.md': 'ours',
  'settings.json': '{"model": "sonnet", "permissions": {"allow": ["Read", "Bash(ls)"]}, "hooks": {"Stop": [{"x": 1}]}}',
  'commands/mine.md': 'theirs',
  'commands/same.md': 'same',
  'commands/deep/new.md': 'new',
  'hooks/check.sh': '#!/bin/sh\n',
};

describe('applying and undoing the team’s configuration', () => {
  it('adds to what the user has, replaces nothing of it, and undoes to the byte', () => {
    put(users);
    const before = contents();
    expect(apply('a', teams)).toEqual([
      'add CLAUDE.md',
      'add commands/deep/new.md',
      'keep-yours commands/mine.md',
      'same commands/same.md',
      'add hooks/check.sh',
      'add settings.json',
    ]);
    const after = contents();
    expect(after['CLAUDE.md']).toMatch(/^mine\n\n<!-- claude-env.*\nours\n<!-- claude-env.*\n$/);
    expect(JSON.parse(after['settings.json'] ?? '')).toEqual({
      model: 'opus',
      permissions: { allow: ['Read', 'Bash(ls)'] },
      hooks: { Stop: [{ x: 1 }] },
    });
    expect(after).toMatchObject({ 'commands/mine.md': 'my own', 'commands/deep/new.md': 'new' });
    expect(statSync(join(folder, 'hooks/check.sh')).mode & 0o777).toBe(0o755);
    expect(drifted()).toEqual([]);
    undo();
    expect(contents()).toEqual(before);
    expect(createStore(folder).record()).toBeNull();
  });

  it('leaves nothing behind where there was nothing', () => {
    apply('a', teams);
    expect(undo()).not.toContain('keep-yours CLAUDE.md');
    expect(contents()).toEqual({});
  });

  it('goes from one revision to the next as if it had been the first', () => {
    put(users);
    const before = contents();
    apply('a', teams);
    const { 'commands/deep/new.md': _gone, ...rest } = teams;
    const next = { ...rest, 'CLAUDE.md': 'ours, two', 'settings.json': '{"env": {"A": "1"}}', 'agents/x.md': 'x' };
    expect(apply('b', next)).toEqual([
      'change CLAUDE.md',
      'add agents/x.md',
      'remove commands/deep/new.md',
      'keep-yours commands/mine.md',
      'same commands/same.md',
      'same hooks/check.sh',
      'change settings.json',
    ]);
    expect(JSON.parse(contents()['settings.json'] ?? '')).toEqual({
      model: 'opus',
      permissions: { allow: ['Read'] },
      env: { A: '1' },
    });
    expect(contents()['CLAUDE.md']).not.toMatch(/ours\n/);
    expect(apply('b', next).filter((line) => !/^(same|keep)/.test(line))).toEqual([]);
    undo();
    expect(contents()).toEqual(before);
  });

  it('keeps what somebody changed since, says which, and takes out only its own', () => {
    put(users);
    apply('a', teams);
    put({ 'hooks/check.sh': 'changed' });
    rmSync(join(folder, 'commands/deep/new.md'));
    const settings = parseSettings(contents()['settings.json'] ?? '', 'your') as {
      theme?: string;
      permissions: { allow: string[] };
    };
    settings.theme = 'dark';
    settings.permissions.allow.push('Write');
    put({ 'settings.json': JSON.stringify(settings), 'CLAUDE.md': `first\n${contents()['CLAUDE.md']}last\n` });
    expect(drifted()).toEqual(['commands/deep/new.md', 'hooks/check.sh']);
    expect(apply('b', { ...teams, 'hooks/check.sh': '#!/bin/sh\ntwo' })).toContain('keep-yours hooks/check.sh');
    expect(existsSync(join(folder, 'commands/deep/new.md'))).toBe(false);
    undo();
    expect(JSON.parse(contents()['settings.json'] ?? '')).toEqual({
      model: 'opus',
      permissions: { allow: ['Read', 'Write'] },
      theme: 'dark',
    });
    expect(contents()).toMatchObject({ 'CLAUDE.md': 'first\nmine\nlast\n', 'hooks/check.sh': 'changed' });
  });

  it('says that a part of settings.json or CLAUDE.md was changed since, and leaves that', () => {
    apply('a', teams);
    put({
      'settings.json': '{"model":"haiku"}',
      'CLAUDE.md': (contents()['CLAUDE.md'] ?? '').replace('ours', 'mine now'),
    });
    expect(drifted()).toEqual(['CLAUDE.md', 'settings.json']);
    undo();
    expect(contents()['settings.json']).toMatch(/haiku/);
    expect(contents()['CLAUDE.md']).toMatch(/mine now/);
  });

  it('writes through no link and over no folder', () => {
    const outside = mkdtempSync(join(tmpdir(), 'claude-env-outside-'));
    symlinkSync(outside, join(folder, 'commands'));
    symlinkSync(join(outside, 'secret'), join(folder, 'CLAUDE.md'));
    mkdirSync(join(folder, 'hooks/check.sh'), { recursive: true });
    expect(apply('a', { ...teams, 'settings.json': '{}' })).toEqual([
      'keep-yours CLAUDE.md',
      'keep-yours commands/deep/new.md',
      'keep-yours commands/mine.md',
      'keep-yours commands/same.md',
      'keep-yours hooks/check.sh',
    ]);
    expect(readdirSync(outside)).toEqual([]);
    rmSync(outside, { recursive: true });
  });

  it('leaves a settings.json alone that cannot be read, and refuses a team’s', () => {
    put({ 'settings.json': '{ broken' });
    expect(apply('a', teams)).toContain('keep-yours settings.json');
    expect(contents()['settings.json']).toBe('{ broken');
    for (const bad of ['{', '[]', '{"a":{"__proto__":{"b":1}}}', `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`])
      expect(() => plan('b', { 'settings.json': bad }), bad).toThrow(/team’s settings.json/);
  });

  it('shows the team’s part alone, whatever else is in the file', async () => {
    put({ 'settings.json': '{"env":{"KEY":"c4nary"}}', 'CLAUDE.md': 'c4nary\n' });
    const diffs = await Promise.all(plan('a', teams).changes.map(toDiff));
    expect(diffs.join('')).not.toContain('c4nary');
    expect(diffs.join('')).toMatch(/^\+permissions\.allow\[\]: "Bash\(ls\)"$/m);
    expect(diffs.join('')).toMatch(/^\+ours$/m);
    expect(diffs.join('')).toMatch(/^\+#!\/bin\/sh$/m);
  });
});

it('takes out a block that a later revision could not put another one for', () => {
  put({ 'CLAUDE.md': 'mine\n' });
  apply('a', { 'CLAUDE.md': 'ours' });
  const withBlock = contents()['CLAUDE.md'] ?? '';
  // A text in which our own marks stand could not be found again.
  expect(apply('b', { 'CLAUDE.md': withBlock })).toEqual(['keep-yours CLAUDE.md']);
  expect(contents()).toEqual({ 'CLAUDE.md': withBlock });
  undo();
  expect(contents()).toEqual({ 'CLAUDE.md': 'mine\n' });
});

describe('what somebody agrees to', () => {
  it('cannot hide from him: what moves the cursor or turns a line is shown as what it is', async () => {
    const hidden = '\u001b[2K\u001b[1Aharmless \u202e evil\u200b\r';
    const bytes = { data: Buffer.from(`!\`${hidden}\`\n`), executable: false };
    const store = createStore(folder);
    const files = new Map([['commands/x.md', bytes]]);
    const [change] = planConfig({
      wanted: { team: 'acme', revision: 'a', files },
      record: null,
      look: store.look,
    }).changes;
    const shown = [
      change === undefined ? '' : await toDiff(change),
      ...listCarried(files, { env: { [hidden]: hidden } }).map(({ command }) => command),
    ];
    expect(shown).toHaveLength(3);
    for (const text of shown) {
      expect(text).toMatch(/\\u\{1b\}\[2K.*\\u\{202e\}/);
      expect(text).not.toMatch(/[^\P{C}\n\t]/u);
    }
  });

  it('has no letters and marks that nobody sees, and its pictures stay', async () => {
    const text = 'eval(\u3164)\u115f \u2764\ufe0f run\ufe0f\u{e0101}';
    const [change] = plan('a', { 'hooks/x.sh': text }).changes;
    expect(change === undefined ? '' : await toDiff(change)).toContain(
      '+eval(\\u{3164})\\u{115f} \u2764\ufe0f run\\u{fe0f}\\u{e0101}',
    );
  });
});

describe('a kill', () => {
  const next: Files = { 'CLAUDE.md': 'two', 'settings.json': '{"env":{"A":"2"}}', 'commands/b.md': 'b' };
  /** Ends it behind its n-th step, as a kill would; false when it has no such step. */
  const killed = (n: number, work: (onStep: () => void) => void): boolean => {
    let left = n;
    try {
      work(() => {
        left -= 1;
        if (left === 0) throw new Error('killed');
      });
      return false;
    } catch (error) {
      expect(String(error)).toContain('killed');
      return true;
    }
  };

  it('at whatever point leaves all of it or nothing, after the next run', () => {
    let step = 1;
    for (; ; step += 1) {
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
      put(users);
      const origin = contents();
      apply('a', teams);
      const before = contents();
      const planned = plan('b', next);
      if (!killed(step, (onStep) => createStore(folder).apply(planned, onStep))) break;
      const isWritten = createStore(folder).isUnfinished() || step > 1;
      // And once more, while the rest is done.
      killed(2, (onStep) => createStore(folder).recover(onStep));
      createStore(folder).recover();
      expect(createStore(folder).isUnfinished()).toBe(false);
      expect(createStore(folder).record()?.revision).toBe(isWritten ? 'b' : 'a');
      if (!isWritten) expect(contents()).toEqual(before);
      expect(drifted()).toEqual([]);
      undo();
      expect(contents()).toEqual(origin);
      expect(readdirSync(join(folder, 'claude-env/team'))).toEqual([]);
    }
    expect(step).toBeGreaterThan(7);
  });

  it('leaves alone what somebody put there in between', () => {
    const planned = plan('a', teams);
    killed(2, (onStep) => createStore(folder).apply(planned, onStep));
    put({ 'hooks/check.sh': 'mine' });
    chmodSync(join(folder, 'hooks/check.sh'), 0o644);
    createStore(folder).recover();
    expect(contents()['hooks/check.sh']).toBe('mine');
    expect(drifted()).toEqual(['hooks/check.sh']);
    undo();
    expect(contents()).toEqual({ hooks: '/', 'hooks/check.sh': 'mine' });
  });
});

describe('settings', () => {
  it('come out exactly as they went in, whatever the two are', () => {
    const samples: readonly Record<string, unknown>[] = [
      {},
      { a: 1 },
      { a: { b: [1, 2], c: {} } },
      { a: [] },
      { a: { b: {} } },
      { a: [{ x: 1 }, { x: 1 }], toString: 'x', d: null },
      { a: { b: [2, 3, 3] }, d: false },
    ];
    for (const user of samples) {
      for (const team of samples) {
        const { settings, parts } = mergeSettings(user, team);
        expect(takeOutSettings(settings, parts), JSON.stringify([user, team])).toEqual({ settings: user, missing: [] });
        expect(mergeSettings(settings, team).parts.filter(({ how }) => how !== 'object' && how !== 'list')).toEqual([]);
      }
    }
  });
});
