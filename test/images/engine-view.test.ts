import { afterEach, describe, expect, it, vi } from 'vitest';
import { toDeploys, toNode, toService, toTask, withRunning } from '../../resources/images/engine-view/src/answers.mjs';
import { createChanges } from '../../resources/images/engine-view/src/changes.mjs';
import { becomeReader } from '../../resources/images/engine-view/src/identity.mjs';
import { createLook } from '../../resources/images/engine-view/src/look.mjs';
import { toShownError } from '../../resources/images/engine-view/src/task-error.mjs';

/* What is chosen of the engine's answers, how often it is asked, and as whom. test/swarm/engine-view.test.ts has the real engine. */

describe('what passes of an answer', () => {
  it('is what is named, and of labels what ours say', () => {
    const spec = {
      Name: 'web_api',
      Labels: { 'com.docker.stack.namespace': 'web', 'io.claude-env.canary': '2', 'io.claude-env.canary.by': 'anna@l' },
      TaskTemplate: {
        ContainerSpec: {
          Image: 'api:1@sha256:ab',
          Env: ['TOKEN=canary'],
          Args: ['--password=canary'],
          Labels: { note: 'canary' },
        },
      },
      Mode: { Replicated: { Replicas: 3 } },
    };
    const answer = {
      ID: 's1',
      UpdatedAt: '2026-01-01T00:00:00Z',
      Spec: { ...spec, Extra: 'canary' },
      PreviousSpec: spec,
    };
    const shown = toService({ ...answer, UpdateStatus: { State: 'paused', Message: 'canary' } });
    expect(shown).toEqual({
      id: 's1',
      name: 'web_api',
      stack: 'web',
      mode: 'replicated',
      desired: 0,
      image: 'api:1',
      digest: 'sha256:ab',
      update: { state: 'paused' },
      updatedAt: '2026-01-01T00:00:00Z',
      canary: { tasks: 2, by: 'anna@l', since: '' },
      ports: [],
    });
  });

  it('says of a node what kind of machine it is, and none of its labels', () => {
    const labels = { 'io.claude-env.role': 'server', zone: 'canary' };
    const node = toNode({
      ID: 'n1',
      Spec: { Role: 'manager', Labels: labels },
      Status: { State: 'ready', Addr: '0.0.0.0' },
      ManagerStatus: { Addr: '10.0.0.5:2377', Reachability: 'unreachable' },
      Description: { TLSInfo: { TrustRoot: 'canary' } },
    });
    expect(node).toMatchObject({ machine: 'server', address: '10.0.0.5', reachable: false });
    expect(JSON.stringify(node)).not.toContain('canary');
  });

  it.each([
    ['task: non-zero exit (3)', 'task: non-zero exit (3)'],
    ['task: non-zero exit (137): dockerexec: unhealthy container', 'unhealthy container, exit 137'],
    [
      'no suitable node (insufficient resources on 2 nodes; scheduling constraints not satisfied on 1 node)',
      'no suitable node (insufficient resources on 2 nodes; scheduling constraints not satisfied on 1 node)',
    ],
    ['No such image: registry:5000/team/api:2', 'No such image: registry:5000/team/api:2'],
    ['starting container failed: OCI: exec: "/bin/x --password=canary"', 'its container could not be started'],
    [
      'invalid mount config for type "bind": bind source path does not exist: /home/canary',
      'what it mounts is not there',
    ],
    ['task: non-zero exit (1): canary', 'task: non-zero exit (1)'],
    ['something new: canary', 'its own reason is for operators: claude-env stack ps'],
    ['', ''],
  ])('of the error %j: %j', (error, shown) => {
    expect(toShownError(error)).toBe(shown);
    const task = toTask({ Status: { Err: error } });
    if (shown === '') expect(task).not.toHaveProperty('error');
    else expect(task).toHaveProperty('error', shown);
  });

  it('counts no task of a node that went away', () => {
    const task = { ServiceID: 's', DesiredState: 'running', Status: { State: 'running' } };
    const tasks = [
      toTask({ ...task, NodeID: 'gone' }),
      toTask({ ...task, NodeID: 'here' }),
      toTask({ ...task, NodeID: 'here', DesiredState: 'shutdown' }),
    ];
    const nodes = [
      toNode({ ID: 'gone', Status: { State: 'down' } }),
      toNode({ ID: 'here', Status: { State: 'ready' } }),
    ];
    expect(withRunning([toService({ ID: 's' })], tasks, nodes)).toMatchObject([{ id: 's', running: 1 }]);
  });

  it('of a record who, when and which services; neither its data nor the values in its causes', () => {
    const record = (labels: Record<string, string>) => ({
      Spec: {
        Name: 'web_deploy-1',
        Data: 'Y2FuYXJ5',
        Labels: {
          'com.docker.stack.namespace': 'web',
          'io.claude-env.deploy': '1',
          ...Object.fromEntries(Object.entries(labels).map(([name, value]) => [`io.claude-env.deploy.${name}`, value])),
        },
      },
    });
    const changes = 'back to deploy 3 by anna@laptop: update api: environment.LEVEL canary → x; create db: not there';
    const deploys = toDeploys([
      record({ number: '4', who: 'ben@desk', at: '2026-01-01T00:00:00Z', changes: 'update api: image changed' }),
      record({ number: '5', who: 'ben@desk', at: '2026-01-02T00:00:00Z', changes }),
      { Spec: { Name: 'other', Labels: {} } },
    ]);
    expect(deploys).toEqual([
      {
        stack: 'web',
        number: 5,
        who: 'ben@desk',
        at: '2026-01-02T00:00:00Z',
        what: 'back to deploy 3, update api, create db',
      },
      { stack: 'web', number: 4, who: 'ben@desk', at: '2026-01-01T00:00:00Z', what: 'update api' },
    ]);
  });
});

/** An engine that counts questions and answers when it is told to. */
function slowEngine() {
  const asked: string[] = [];
  const open: ((answer: unknown) => void)[] = [];
  const fail: ((error: Error) => void)[] = [];
  return {
    asked,
    answer: (value: unknown) => open.shift()?.(value),
    fail: () => fail.pop()?.(new Error('gone')),
    ask: (question: string) => {
      asked.push(question);
      return new Promise((resolve, reject) => {
        open.push(resolve);
        fail.push(reject);
      });
    },
    follow: () => Promise.resolve(),
    close: () => undefined,
  };
}

describe('how often the engine is asked', () => {
  it('once for all who ask while it answers, and for two seconds after', async () => {
    let now = 0;
    const engine = slowEngine();
    const look = createLook(engine, { now: () => now });
    const both = [look.nodes(), look.nodes()];
    expect(engine.asked).toEqual(['nodes']);
    engine.answer([{ ID: 'n1' }]);
    await Promise.all(both);
    now = 1999;
    await look.nodes();
    expect(engine.asked).toHaveLength(1);
    now = 2000;
    const late = look.nodes();
    expect(engine.asked).toHaveLength(2);
    engine.answer([]);
    expect(await late).toEqual([]);
  });

  it('anew after an event, and after a failure', async () => {
    const engine = slowEngine();
    const look = createLook(engine, { now: () => 0 });
    const first = look.nodes();
    engine.answer([]);
    await first;
    look.forget();
    const second = look.nodes();
    expect(engine.asked).toHaveLength(2);
    engine.fail();
    await expect(second).rejects.toThrow('gone');
    look.nodes();
    expect(engine.asked).toHaveLength(3);
  });
});

describe('who listens for changes', () => {
  afterEach(() => {
    vi.useRealTimers();
  });
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const second = 1000;

  /** An engine whose number of tasks the test decides, and whose events it makes. */
  function changing() {
    const state: { tasks: number; asked: number; onEvent: () => void } = {
      tasks: 0,
      asked: 0,
      onEvent: () => undefined,
    };
    const engine = {
      ask: async (question: string) => {
        if (question === 'tasks') state.asked += 1;
        return question === 'tasks' ? Array.from({ length: state.tasks }, (_, id) => ({ ID: `t${id}` })) : [];
      },
      follow: (onEvent: () => void) => {
        state.onEvent = onEvent;
        return new Promise<void>(() => undefined);
      },
      close: () => undefined,
    };
    const look = createLook(engine);
    const changes = createChanges({ engine, look, log: quiet });
    changes.follow();
    return { state, changes };
  }

  it('is told at once, and of tasks within two seconds; nobody is asked when nobody listens', async () => {
    vi.useFakeTimers();
    const { state, changes } = changing();
    await vi.advanceTimersByTimeAsync(60 * second);
    expect(state.asked).toBe(0);
    let told = 0;
    const end = changes.listen(() => {
      told += 1;
    });
    expect(told).toBe(1);
    await vi.advanceTimersByTimeAsync(10 * second);
    expect(told).toBe(1);
    state.tasks = 1;
    await vi.advanceTimersByTimeAsync(2 * second);
    expect(told).toBe(2);
    let late = 0;
    changes.listen(() => {
      late += 1;
    })();
    expect([told, late]).toEqual([2, 1]);
    end();
    const before = state.asked;
    state.tasks = 2;
    await vi.advanceTimersByTimeAsync(60 * second);
    expect([told, state.asked]).toEqual([2, before]);
    changes.stop();
  });

  it('costs a manager with many tasks no more than it can give', async () => {
    vi.useFakeTimers();
    const { state, changes } = changing();
    state.tasks = 400;
    changes.listen(() => undefined);
    await vi.advanceTimersByTimeAsync(0);
    const before = state.asked;
    await vi.advanceTimersByTimeAsync(32 * second);
    expect(state.asked - before).toBe(4);
    changes.stop();
  });

  it('is told of events at once, of a thousand together once', async () => {
    vi.useFakeTimers();
    const { state, changes } = changing();
    let told = 0;
    changes.listen(() => {
      told += 1;
    });
    await vi.advanceTimersByTimeAsync(0);
    const before = state.asked;
    state.tasks = 3;
    for (let event = 0; event < 1000; event++) state.onEvent();
    await vi.advanceTimersByTimeAsync(300);
    expect([told, state.asked]).toEqual([2, before + 1]);
    changes.stop();
  });
});

describe('who it becomes', () => {
  const socket = (mode: number) => ({ stat: () => ({ gid: 118, mode: 0o140_000 | mode }) });
  function root(refuse = false) {
    const calls: unknown[] = [];
    const call = (name: string) => (value: unknown) => {
      if (refuse) throw Object.assign(new Error('not permitted'), { code: 'EPERM' });
      calls.push([name, value]);
    };
    const identity = {
      getuid: () => 0,
      setgroups: call('groups'),
      setgid: call('gid'),
      setuid: call('uid'),
    };
    return { calls, identity };
  }

  it('another user with the socket’s group alone; the user last, with whom the right to change goes', () => {
    const { calls, identity } = root();
    expect(becomeReader('/x', { identity, ...socket(0o660) }).user).toBe('other');
    expect(calls).toEqual([
      ['groups', [118]],
      ['gid', 10001],
      ['uid', 10001],
    ]);
  });

  it('nobody else where only the owner may use the socket, or without the right to change', () => {
    const { calls, identity } = root();
    expect(becomeReader('/x', { identity, ...socket(0o600) }).user).toBe('root');
    expect(calls).toEqual([]);
    expect(becomeReader('/x', { identity: root(true).identity, ...socket(0o660) }).user).toBe('root');
    expect(becomeReader('/x', { identity: { ...identity, getuid: () => 1000 }, ...socket(0o660) }).user).toBe('same');
  });
});
