import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { deferred } from '../../main/services/deferred.ts';
import { planConfig } from '../../resources/images/devcontainer/init/team/plan.mjs';
import { createStore } from '../../resources/images/devcontainer/init/team/store.mjs';
import { watchState } from '../../resources/images/devcontainer/init/team/watch.mjs';

const [first, second] = ['a'.repeat(40), 'b'.repeat(40)];
const hook = { data: Buffer.from('#!/bin/sh\n'), executable: true };
const text = (data: string) => ({ data: Buffer.from(data), executable: false });
const files = new Map([
  ['CLAUDE.md', text('Be kind.\n')],
  ['hooks/check.sh', hook],
  ['skills/review/SKILL.md', text('Look twice.\n')],
]);

let folder: string;
let store: ReturnType<typeof createStore>;
const apply = (revision: string) => {
  const wanted = { team: 'Rocket', revision, files };
  store.apply(planConfig({ wanted, record: store.record(), look: store.look }));
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'claude-env-watch-'));
  store = createStore(folder);
  apply(first);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What is told, one after the other, by the kernel's events. */
async function watching(use: (next: () => Promise<object>, told: readonly object[]) => Promise<void>) {
  const over = deferred();
  const told: object[] = [];
  let taken = 0;
  let came = deferred();
  const watched = watchState({
    ...{ store, folder, until: over.promise, settle: 50 },
    tell: (state) => {
      told.push(state);
      came.resolve();
      came = deferred();
    },
  });
  const next = async (): Promise<object> => {
    if (told.length <= taken) await came.promise;
    taken += 1;
    return told[taken - 1] ?? {};
  };
  try {
    await use(next, told);
  } finally {
    over.resolve();
    await watched;
  }
}
const inFolder = (path: string) => join(folder, path);

it('tells at once what is there, then each change by hand and its end', async () => {
  await watching(async (next, told) => {
    expect(await next()).toEqual({ applied: first, drifted: [] });
    // Claude's own, in the same folder.
    writeFileSync(inFolder('.claude.json'), '{}');
    appendFileSync(inFolder('hooks/check.sh'), 'exit 1\n');
    expect(await next()).toEqual({ applied: first, drifted: ['hooks/check.sh'] });
    writeFileSync(inFolder('hooks/check.sh'), hook.data);
    expect(await next()).toEqual({ applied: first, drifted: [] });
    expect(told).toHaveLength(3);
  });
});

it('follows a folder that went and came back', async () => {
  await watching(async (next) => {
    await next();
    rmSync(inFolder('skills'), { recursive: true });
    expect(await next()).toEqual({ applied: first, drifted: ['skills/review/SKILL.md'] });
    mkdirSync(inFolder('skills/review'), { recursive: true });
    writeFileSync(inFolder('skills/review/SKILL.md'), 'Look twice.\n');
    expect(await next()).toEqual({ applied: first, drifted: [] });
    appendFileSync(inFolder('skills/review/SKILL.md'), 'Or thrice.\n');
    expect(await next()).toMatchObject({ drifted: ['skills/review/SKILL.md'] });
  });
});

it('tells of another revision, and of none, without a word in between', async () => {
  await watching(async (next) => {
    await next();
    apply(second);
    expect(await next()).toEqual({ applied: second, drifted: [] });
    store.apply(planConfig({ wanted: null, record: store.record(), look: store.look }));
    expect(await next()).toEqual({ applied: null, drifted: [] });
  });
});

it('ends with why, where what is applied cannot be read', async () => {
  writeFileSync(inFolder('claude-env/team/applied.json'), '{');
  await expect(
    watchState({ store, folder, tell: () => undefined, until: new Promise(() => undefined) }),
  ).rejects.toThrow(/JSON/);
});
