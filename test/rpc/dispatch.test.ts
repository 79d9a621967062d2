import { afterEach, describe, expect, it, vi } from 'vitest';
import { AppFailure } from '../../main/core/app-failure.ts';
import { methods } from '../../preload/contract/api.ts';
import { appError } from '../../preload/contract/errors.ts';
import { serverMessage } from '../../preload/contract/wire.ts';
import { connect } from './support.ts';

/** An input for every method that fits the contract. */
const inputs: { readonly [M in keyof typeof methods]: unknown } = {
  'app.info': {},
  'app.doctor': {},
  'engines.retry': { engine: 'default' },
  'stacks.open': { files: ['/x/compose.yaml'] },
  'stacks.locate': { stack: 'e/p', files: ['/moved/compose.yaml'] },
  'stacks.forget': { stack: 'e/p' },
  'stacks.files': { stack: 'e/p' },
  'stacks.plan': { stack: 'e/p', action: 'up' },
  'stacks.run': { stack: 'e/p', action: 'up', fingerprint: 'f' },
  'swarm.plan': { engine: 'e', stack: 'shop', change: { kind: 'scale', service: 'shop_web', replicas: 2 } },
  'swarm.run': { engine: 'e', stack: 'shop', change: { kind: 'rollback', services: ['shop_web'] }, fingerprint: 'f' },
  'swarm.history': { engine: 'e', stack: 'shop' },
  'swarm.backups': { stack: 'shop' },
  'swarm.removeBackup': { backup: '20260101-080000-aaaaaa' },
  'swarm.tryPorts': { engine: 'e', stack: 'shop' },
  'team.addresses': { engine: 'e' },
  'team.create': { engine: 'e', name: 'Falcon', machine: 'server', encrypt: true },
  'team.invites': { engine: 'e' },
  'team.invite': { engine: 'e', role: 'worker', machine: 'laptop', lasts: 3600 },
  'team.rotate': { engine: 'e', role: 'worker' },
  'team.readInvite': { invite: 'claude-env-team-1-aaaa-bbbb' },
  'team.tryInvite': { invite: 'claude-env-team-1-aaaa-bbbb' },
  'team.rejoin': { engine: 'e', advertise: '10.0.0.9' },
  'team.adviseNode': { engine: 'e', node: 'abc', action: 'promote' },
  'team.changeNode': { engine: 'e', node: 'abc', action: 'drain' },
  'team.adviseLeaving': { engine: 'e' },
  'team.leave': { engine: 'e', withoutBackup: false },
  'team.autolock': { engine: 'e', on: true },
  'team.unlock': { engine: 'e' },
  'team.guideBackup': { engine: 'e' },
  'team.recover': { engine: 'e' },
  'team.label': { engine: 'e', node: 'abc', labels: { disk: 'ssd', old: null } },
  'teamMember.diff': {},
  'teamMember.apply': { environment: 'local', sha: 'a'.repeat(40) },
  'teamMember.undo': {},
  'teamStack.look': { engine: 'e' },
  'teamStack.plan': { engine: 'e', options: {} },
  'teamStack.run': { engine: 'e', options: { port: 9443 }, fingerprint: 'f' },
  'teamStack.cancel': { engine: 'e' },
  'teamStack.dismiss': { engine: 'e' },
  'teamServices.retry': {},
  'teamServices.leave': {},
  'teamServices.renewToken': {},
  'teamServices.invitePerson': { name: 'Bo', role: 'guest', lasts: 3600 },
  'teamServices.approveInvite': { id: 'i1' },
  'teamServices.withdrawInvite': { id: 'i1' },
  'teamServices.setRole': { person: 'p1', role: 'member' },
  'teamServices.adviseRemoval': { person: 'p1' },
  'teamServices.removePerson': { person: 'p1', engine: 'e' },
  'teamServices.approveRevision': { sha: 'a'.repeat(40) },
  'teamServices.syncConfig': {},
  'teamServices.openIncident': { title: 'gateway is slow' },
  'teamServices.changeIncident': { id: '7', owner: 'me' },
  'operations.cancel': { operation: 'o' },
  'operations.dismiss': { operation: 'o' },
  'environments.list': {},
  'environments.save': { name: 'local', workspace: '/w', ports: {}, hostClaude: false, dockerSocket: false },
  'environments.remove': { name: 'local' },
  'credentials.set': { key: { scope: 'user', name: 'TOKEN' }, value: 'v', keep: 'keychain' },
  'credentials.remove': { key: { scope: 'project', project: 'p', name: 'TOKEN' } },
  'credentials.retry': {},
  'credentials.proposeImport': { file: '/x/.env' },
  'credentials.import': { file: '/x/.env', names: ['A'], to: { scope: 'user' }, replace: false },
  'credentials.undoImport': { file: '/x/.env' },
  'credentials.team': { engine: 'e' },
  'registries.list': {},
  'registries.login': { registry: 'ghcr.io', user: 'me', password: 'p', keep: 'keychain' },
  'registries.logout': { registry: 'ghcr.io' },
  'editor.link': { service: 'e/p/s' },
  'settings.get': {},
  'settings.set': { theme: 'dark', build: {} },
  'desktop.pickFolder': { title: 'x' },
  'desktop.pickFiles': { title: 'x' },
  'desktop.revealCredential': { key: { scope: 'user', name: 'TOKEN' } },
  'desktop.openExternal': { url: 'https://example.org' },
};
const desktop = {
  pickFolder: async () => ({ path: '/picked' }),
  pickFiles: async () => ({ paths: ['/picked'] }),
  revealCredential: async () => ({ value: 'v' }),
  openExternal: async () => ({}),
};

afterEach(() => vi.useRealTimers());

describe('calls', () => {
  it.each(Object.keys(methods) as (keyof typeof methods)[])(
    '%s answers in the contract’s own shape',
    async (method) => {
      const page = connect({ desktop });
      const answer = await page.ask(method, inputs[method]);
      expect(answer).toMatchObject({ t: 'result', id: 1 });
      if (answer?.t === 'result') methods[method].output.parse(answer.output);
    },
  );

  it.each(['desktop.pickFolder', 'desktop.pickFiles', 'desktop.revealCredential', 'desktop.openExternal'] as const)(
    '%s is refused where there is no desktop',
    async (method) => {
      expect(await connect().ask(method, inputs[method])).toMatchObject({ t: 'error', error: { code: 'unsupported' } });
    },
  );

  it.each([
    ['stacks.plan', { stack: '../../etc', action: 'up' }],
    ['stacks.plan', { stack: 'e/p', action: 'format' }],
    ['swarm.plan', { engine: 'e', stack: '../../etc', change: { kind: 'rollback', services: ['web'] } }],
    ['swarm.plan', { engine: 'e', stack: 'shop', change: { kind: 'scale', service: 'web', replicas: 1e9 } }],
    ['swarm.run', { engine: 'e', stack: 'shop', change: { kind: 'explode' }, fingerprint: 'f' }],
    ['swarm.plan', { engine: 'e', change: { kind: 'deploy', files: [], options: {} } }],
    ['swarm.removeBackup', { backup: '../../etc/passwd' }],
    ['swarm.plan', { engine: 'e', stack: 'shop', change: { kind: 'restore-volume', from: 'a/b' } }],
    ['stacks.open', { files: [] }],
    ['environments.save', { name: 'Local!', workspace: '/w' }],
    ['nope', {}],
    ['__proto__', {}],
    ['toString', {}],
    ['app.info', 'text'],
  ])('%s with %j is refused before any service is asked', async (method, input) => {
    const page = connect();
    expect(await page.ask(method, input)).toMatchObject({ t: 'error', error: { code: 'input.invalid' } });
    expect(page.called).toEqual([]);
  });

  it('a failure crosses whole; a defect becomes a log id, and nothing of the input is logged', async () => {
    const page = connect();
    const known = new AppFailure({ code: 'plan.changed', message: 'moved', hint: 'look again' });
    Object.assign(page.services.stacks, { run: () => Promise.reject(known) });
    expect(await page.ask('stacks.run', inputs['stacks.run'])).toMatchObject({ t: 'error', error: known.error });

    Object.assign(page.services.settings, { set: () => Promise.reject(new TypeError('oops')) });
    const answer = await page.ask('settings.set', { theme: 'dark', build: { httpProxy: 'http://user:hunter2@p' } }, 2);
    const [line] = page.lines;
    expect(answer).toMatchObject({
      t: 'error',
      error: {
        code: 'internal',
        message: expect.stringContaining(String((line?.fields as { id: string } | undefined)?.id)),
      },
    });
    expect(JSON.stringify(page.lines)).toContain('oops');
    expect(JSON.stringify(page.lines)).not.toContain('hunter2');
    expect(JSON.stringify(answer)).not.toContain('oops');
  });

  it('answers nothing after the connection was closed', async () => {
    const page = connect();
    page.connection.receive({ t: 'call', id: 1, method: 'app.info', input: {} });
    page.connection.close();
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(page.sent).toEqual([]);
  });
});

describe('whatever a page sends', () => {
  const cyclic: Record<string, unknown> = { t: 'call', id: 1, method: 'app.info' };
  cyclic.input = cyclic;
  const odd: unknown[] = [
    undefined,
    null,
    0,
    Number.NaN,
    'not json',
    '{"t":"call"',
    '',
    '[]',
    [],
    {},
    () => undefined,
    Symbol('x'),
    10n,
    cyclic,
    new Map(),
    { t: 'call' },
    { t: 'call', id: -1, method: 'app.info' },
    { t: 'call', id: 1.5, method: 'app.info' },
    { t: 'call', id: 1, method: 7 },
    { t: 'call', id: 1, method: 'x'.repeat(65) },
    { t: 'open', id: 1, stream: 'live', input: 'text' },
    { t: 'open', id: 1, stream: '__proto__', input: {} },
    { t: 'close', id: 99 },
    { t: 'evil', id: 1 },
    { t: 'call', id: 1, method: 'app.info', input: 'x'.repeat(2_000_000) },
    JSON.stringify({ t: 'call', id: 1, method: 'settings.set', input: { theme: 'x'.repeat(2_000_000) } }),
    '{"t":"call","id":1,"method":"app.info","input":{"__proto__":{"polluted":1}}}',
    JSON.stringify({ t: 'open', id: 1, stream: 'logs', input: { services: Array(65).fill('e/p/s') } }),
  ];

  it.each(odd.map((message, index) => [index, message] as const))(
    'message %i harms nothing',
    async (_index, message) => {
      const page = connect();
      page.connection.receive(message);
      await new Promise<void>((resolve) => setImmediate(resolve));
      for (const answer of page.sent) {
        serverMessage.parse(answer);
        if (answer.t === 'error') appError.parse(answer.error);
      }
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
      expect(await page.ask('settings.get', {}, 77)).toMatchObject({ t: 'result' });
    },
  );

  it('random messages neither throw nor leave anything open', async () => {
    const page = connect({ desktop });
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    const pick = <T>(all: readonly T[]): T => all[random(all.length)] as T;
    const values = [undefined, null, 0, -1, 1.5, 'x', '', [], {}, true, 'live', 'logs', 'e/p', { services: ['e/p/s'] }];
    for (let round = 0; round < 3_000; round += 1) {
      const message: Record<string, unknown> = { t: pick(['call', 'open', 'close', 'hello', 'x', 3]) };
      for (const key of ['id', 'method', 'stream', 'input', 'key', 'protocol']) {
        if (random(3) > 0) message[key] = pick<unknown>([...values, ...Object.keys(methods)]);
      }
      page.connection.receive(random(2) === 0 ? message : JSON.stringify(message));
    }
    await new Promise<void>((resolve) => setImmediate(resolve));
    for (const answer of page.sent) serverMessage.parse(answer);
    page.connection.close();
    expect([page.live.size, page.operations.size]).toEqual([0, 0]);
    expect(page.logs.every(({ signal }) => signal.aborted)).toBe(true);
  });

  it('a page cannot open streams or calls without end', async () => {
    const page = connect();
    for (let id = 0; id < 100; id += 1) page.connection.receive({ t: 'open', id, stream: 'live', input: {} });
    expect(page.live.size).toBe(64);
    Object.assign(page.services, { info: () => new Promise(() => undefined) });
    for (let id = 1000; id < 1400; id += 1) page.connection.receive({ t: 'call', id, method: 'app.info', input: {} });
    expect(page.sent.filter((message) => message.t === 'error').length).toBe(36 + 144);
    page.connection.close();
  });
});

describe('subscriptions', () => {
  it('begin with a snapshot, end with close, and leave others alone', () => {
    const page = connect();
    page.connection.receive({ t: 'open', id: 1, stream: 'live', input: {} });
    page.connection.receive({ t: 'open', id: 2, stream: 'live', input: {} });
    page.connection.receive({ t: 'close', id: 1 });
    page.emitLive({ kind: 'patches', seq: 1, patches: [] });
    expect(page.frames(1)).toHaveLength(1);
    expect(page.frames(2)).toMatchObject([
      { kind: 'snapshot', seq: 0 },
      { kind: 'patches', seq: 1 },
    ]);
    page.connection.close();
    expect(page.live.size).toBe(0);
  });

  it('a number in use cannot be opened twice', () => {
    const page = connect();
    page.connection.receive({ t: 'open', id: 1, stream: 'live', input: {} });
    page.connection.receive({ t: 'open', id: 1, stream: 'operations', input: {} });
    expect(page.sent.at(-1)).toMatchObject({ t: 'error', id: 1, error: { code: 'input.invalid' } });
    expect(page.operations.size).toBe(0);
  });

  it('a stream that is over says so, one that broke says why', async () => {
    const page = connect();
    page.connection.receive({ t: 'open', id: 1, stream: 'logs', input: { services: ['e/p/a'] } });
    page.connection.receive({ t: 'open', id: 2, stream: 'logs', input: { services: ['e/p/b'] } });
    page.logs[0]?.end();
    page.logs[1]?.end(new AppFailure({ code: 'stack.not-found', message: 'gone' }));
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(page.sent).toEqual([
      { t: 'end', id: 1 },
      { t: 'end', id: 2, error: { code: 'stack.not-found', message: 'gone' } },
    ]);
  });

  it('greets', () => {
    const page = connect();
    page.connection.receive({ t: 'hello', protocol: 1, key: '' });
    expect(page.sent).toEqual([{ t: 'welcome', protocol: 1 }]);
  });
});

describe('a page that reads slowly', () => {
  const full = 2 * 1024 * 1024;

  it('gets one fresh snapshot instead of the patches it missed, without a hole', () => {
    vi.useFakeTimers();
    const page = connect();
    page.connection.receive({ t: 'open', id: 1, stream: 'live', input: {} });
    page.emitLive({ kind: 'patches', seq: 1, patches: [] });
    page.fill(full);
    for (let seq = 2; seq < 10_000; seq += 1) page.emitLive({ kind: 'patches', seq, patches: [] });
    vi.advanceTimersByTime(1_000);
    expect(page.frames(1)).toHaveLength(2);
    expect(page.snapshots()).toBe(1);
    page.fill(0);
    vi.advanceTimersByTime(50);
    page.emitLive({ kind: 'patches', seq: 1, patches: [] });
    expect(page.frames(1)).toMatchObject([
      { kind: 'snapshot', seq: 0 },
      { kind: 'patches', seq: 1 },
      { kind: 'snapshot', seq: 2 },
      { kind: 'patches', seq: 3 },
    ]);
    expect(page.live.size).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is told how many log lines were left out', () => {
    vi.useFakeTimers();
    const page = connect();
    page.connection.receive({
      t: 'open',
      id: 1,
      stream: 'logs',
      input: { services: ['e/p/a', 'e/p/b'], follow: true },
    });
    const line = (service: string, seq: number) =>
      ({ seq, service, container: 'c', stream: 'stdout', text: 'x' }) as const;
    page.fill(full);
    for (let seq = 0; seq < 500; seq += 1)
      page.logs[0]?.push({ kind: 'lines', lines: [line('e/p/a', seq), line('e/p/b', seq)] });
    expect(page.frames(1)).toEqual([]);
    page.fill(0);
    vi.advanceTimersByTime(50);
    page.logs[0]?.push({ kind: 'lines', lines: [line('e/p/a', 1000)] });
    expect(page.frames(1)).toMatchObject([
      { kind: 'gap', service: 'e/p/a', reason: expect.stringContaining('500') },
      { kind: 'gap', service: 'e/p/b', reason: expect.stringContaining('500') },
      { kind: 'lines' },
    ]);
  });

  it('learns what was dismissed meanwhile', () => {
    vi.useFakeTimers();
    const page = connect();
    page.connection.receive({ t: 'open', id: 1, stream: 'operations', input: {} });
    page.fill(full);
    page.emitOperations({ kind: 'progress', operation: 'o', progress: { step: 'a', state: 'running' } });
    page.emitOperations({ kind: 'dismissed', operation: 'o' });
    page.fill(0);
    vi.advanceTimersByTime(50);
    expect(page.frames(1)).toEqual([{ kind: 'dismissed', operation: 'o' }]);
    expect(page.operations.size).toBe(1);
  });

  it('leaves no timer behind when it goes away', () => {
    vi.useFakeTimers();
    const page = connect();
    page.connection.receive({ t: 'open', id: 1, stream: 'live', input: {} });
    page.fill(full);
    page.emitLive({ kind: 'patches', seq: 1, patches: [] });
    page.connection.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
