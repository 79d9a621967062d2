import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../main/core/app-failure.ts';
import { deferred } from '../../main/services/deferred.ts';
import type { TeamStackPlan } from '../../main/services/team-stack/index.ts';
import { createTeamStackRuns, type TeamStackRunsOptions } from '../../main/services/team-stack/runs.ts';
import type { Operation, Plan } from '../../preload/contract/model.ts';
import type { TeamStackRun } from '../../preload/contract/team-stack.ts';
import { createFakeLog } from '../support/fake-engine-world.ts';
import { plan, step } from '../support/scenarios-plans.ts';

/* The run of `team up` that a page starts: what it waits for, what ends it, and what it never does without having shown it. */

const ended = (state: Operation['state'], error?: Operation['error']): Operation => ({
  ...{ id: 'o', stack: 'e/claude-team', action: 'build', state, startedAt: '', steps: [], progress: {} },
  ...(error === undefined ? {} : { error }),
});
const noKeychain = new AppFailure({ code: 'keychain.locked', message: 'The keychain is locked.' });
const make = { kind: 'make-value', name: 'CLAUDE_ENV_TEAM_DB_PASSWORD', what: 'password', cause: 'none yet' } as const;

function world() {
  const called: string[] = [];
  const state = {
    steps: [make] as TeamStackPlan['steps'],
    builds: [step('b', 'build-image', 'gateway', 'gateway', 'missing')] as Plan['steps'],
    deploys: [step('d', 'create-service', 'gateway', 'gateway', 'not there')] as Plan['steps'],
    problems: [] as Plan['problems'],
    unkept: false,
    locked: false,
  };
  const operations = new Map([
    ['build', deferred<Operation>()],
    ['deploy', deferred<Operation>()],
  ]);
  const note = (text: string) => void called.push(text);
  const planned = (choices: object): TeamStackPlan => ({
    ...{ team: 'Falcon', engine: 'e', swarm: 's', notes: ['it forgets', 'worth knowing'], forgets: 'it forgets' },
    steps: state.steps,
    addresses: ['10.0.0.1:8443'],
    target: { engine: 'e', files: ['/compose.yaml'] },
    build: { engine: 'e', files: ['/compose.yaml', '/build.yaml'] },
    options: { prune: true },
    record: { swarm: 's', choices: { names: [], port: 8443, monitoring: false, ...choices } },
  });
  const options: TeamStackRunsOptions = {
    teamStack: {
      plan: async ({ choices }) => planned(choices),
      prepare: async () => {
        note('prepare');
        state.steps = [];
        const person = { name: 'anna' };
        const unkept = { team: 'Falcon', addresses: [], ca: '', caDigest: '', token: 'cet_secret', person };
        return state.unkept ? { unkept } : {};
      },
      keep: async ({ record }) => note(`keep ${record.choices.port}`),
      there: async () => ({
        team: 'Falcon',
        choices: { names: [], port: 8443, monitoring: false, allowedSigners: 'anna ssh-ed25519 AAAA' },
        target: { engine: 'e' },
        only: ['password'],
      }),
    },
    stacks: {
      plan: async () =>
        plan({
          ...{ stack: 'e/claude-team', action: 'build', steps: state.builds, command: '', fingerprint: 'b1' },
          problems: state.problems,
        }),
      run: async (_target, action, { fingerprint }) => {
        note(`${action} ${fingerprint}`);
        state.builds = [];
        return { operation: 'build' };
      },
    },
    swarm: {
      plan: async () =>
        plan({
          ...{ stack: 'e/claude-team', action: 'deploy', steps: state.deploys, command: '', fingerprint: 'd1' },
          credentials: [{ name: 'DB', source: 'team', services: ['db'], agreed: false }],
        }),
      run: async (_target, { kind }, { fingerprint, agree }) => {
        note(`${kind} ${fingerprint} ${agree?.join()}`);
        return { operation: 'deploy' };
      },
    },
    operations: {
      finished: (id) => (operations.get(id) ?? deferred<Operation>()).promise,
      cancel: (id) => {
        note(`cancel ${id}`);
        operations.get(id)?.resolve(ended('cancelled'));
      },
    },
    keychain: {
      get: async () => undefined,
      set: async () => {
        if (state.locked) throw noKeychain;
      },
      delete: async () => true,
      close: () => undefined,
    },
    credentials: {
      remove: async ({ name }) => {
        note(`remove ${name}`);
        return true;
      },
    },
    clock: { now: () => 0, after: () => () => undefined, sleep: async () => undefined },
    ids: { random: () => 'id', sha256: (text) => text },
    log: createFakeLog().log,
    retryLink: () => note('retry link'),
  };
  const runs = createTeamStackRuns(options);
  const seen: (TeamStackRun | null)[] = [];
  const stop = runs.follow('e', ({ run }) => seen.push(run));
  /** The next frame of that phase, or the one that was. */
  const phase = (wanted: TeamStackRun['phase'], operation?: string) =>
    new Promise<TeamStackRun>((resolve) => {
      const end = runs.follow('e', ({ run }) => {
        const isIt =
          run?.phase === wanted && (operation === undefined || ('operation' in run && run.operation === operation));
        if (!isIt) return;
        resolve(run);
        queueMicrotask(() => end());
      });
    });
  const asked = { engine: 'e', choices: {} };
  const start = async () => runs.run(asked, (await runs.plan(asked)).fingerprint);
  return { runs, state, called, seen, stop, phase, asked, start, operations };
}

describe('the services, set up from a page', () => {
  it('are made, built and deployed in this order, and each phase is told with its operation', async () => {
    const { start, phase, operations, called, seen, runs } = world();
    await start();
    await phase('building', 'build');
    expect(called).toEqual(['prepare', 'build b1']);
    operations.get('build')?.resolve(ended('done'));
    await phase('deploying', 'deploy');
    // What was agreed to once is what the stack gives: nobody is asked in between.
    expect(called.slice(2)).toEqual(['deploy d1 DB', 'keep 8443']);
    operations.get('deploy')?.resolve(ended('done'));
    expect(await phase('done')).toEqual({ phase: 'done', team: 'Falcon', addresses: ['10.0.0.1:8443'] });
    expect(called.at(-1)).toBe('retry link');
    expect(seen.map((run) => run?.phase)).toEqual([
      ...[undefined, 'preparing', 'building', 'building', 'deploying', 'deploying', 'done'],
    ]);
    runs.dismiss('e');
    expect(seen.at(-1)).toBeNull();
  });

  it('are shown with the stack’s own plan where nothing has to be made or built, and with nothing that is no news', async () => {
    const { runs, state, asked } = world();
    expect(await runs.plan(asked)).toMatchObject({
      steps: [{ kind: 'make-value', target: 'password', cause: 'none yet' }],
      build: { steps: [{ target: 'gateway' }] },
      notes: ['worth knowing'],
    });
    expect((await runs.plan(asked)).deploy).toBeUndefined();
    Object.assign(state, { steps: [], builds: [], deploys: [] });
    const nothing = await runs.plan(asked);
    expect([nothing.build, nothing.deploy?.steps]).toEqual([undefined, []]);
    // Files of others than the page's options are not told.
    expect(await runs.look('e')).toEqual({
      team: 'Falcon',
      options: { names: [], port: 8443, registry: '', configRepo: '', configBranch: '', monitoring: false },
      only: ['password'],
    });
  });

  it('are only made of what was shown', async () => {
    const { runs, state, asked, called } = world();
    const { fingerprint } = await runs.plan(asked);
    state.steps = [];
    await expect(runs.run(asked, fingerprint)).rejects.toMatchObject({ error: { code: 'plan.changed' } });
    const other = { engine: 'e', choices: { port: 9443 } };
    await expect(runs.run(other, (await runs.plan(asked)).fingerprint)).rejects.toMatchObject({
      error: { code: 'plan.changed' },
    });
    expect(called).toEqual([]);
  });

  it('are not made where something stands in the way, nobody could keep the keys, or one is on its way', async () => {
    const { runs, state, asked, called, start, phase } = world();
    state.problems = [{ severity: 'error', rule: 'x', message: 'no such folder' }];
    await expect(start()).rejects.toMatchObject({ error: { code: 'file.invalid' } });
    state.problems = [];
    state.locked = true;
    expect((await runs.plan(asked)).trouble).toEqual(noKeychain.error);
    await expect(start()).rejects.toMatchObject({ error: noKeychain.error });
    // What is there already needs no keychain.
    Object.assign(state, { steps: [] });
    expect((await runs.plan(asked)).trouble).toBeUndefined();
    expect(called).toEqual([]);
    await start();
    await phase('building', 'build');
    await expect(runs.run(asked, (await runs.plan(asked)).fingerprint)).rejects.toMatchObject({
      error: { code: 'stack.busy' },
    });
  });

  it('make nobody an operator whose token nobody has, and never tell it', async () => {
    const { start, state, phase, called, seen } = world();
    state.unkept = true;
    await start();
    expect(await phase('failed')).toMatchObject({ error: { code: 'keychain.failed' } });
    expect(called).toEqual(['prepare', 'remove CLAUDE_ENV_TEAM_FIRST_OPERATOR']);
    expect(JSON.stringify(seen)).not.toContain('cet_');
  });

  it('stop where they are cancelled, by the run or by its operation, and with the program', async () => {
    const first = world();
    await first.start();
    await first.phase('building', 'build');
    first.runs.cancel('e');
    await first.phase('cancelled');
    expect(first.called).toEqual(['prepare', 'build b1', 'cancel build']);

    const second = world();
    await second.start();
    await second.phase('building', 'build');
    second.operations.get('build')?.resolve(ended('cancelled'));
    await second.phase('cancelled');
    expect(second.called).toEqual(['prepare', 'build b1']);

    const third = world();
    await third.start();
    await third.phase('building', 'build');
    third.runs.close();
    await third.phase('cancelled');
  });

  it('say what a build or a deploy ended with, and can be gone on with', async () => {
    const { start, phase, operations, called } = world();
    await start();
    await phase('building', 'build');
    const error = { code: 'image.build-failed', message: 'step 5 failed' } as const;
    operations.get('build')?.resolve(ended('failed', error));
    expect(await phase('failed')).toEqual({ phase: 'failed', team: 'Falcon', error });
    await start();
    await phase('deploying', 'deploy');
    // The keys were made the first time.
    expect(called).toEqual(['prepare', 'build b1', 'deploy d1 DB', 'keep 8443']);
  });
});
