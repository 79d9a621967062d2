import { describe, expect, it } from 'vitest';
import { createListeners } from '../../main/services/listeners.ts';
import type { ExecOptions } from '../../main/services/ports.ts';
import { createTeamMember, type MemberLink } from '../../main/services/team-member/index.ts';
import { seenContainer } from '../support/builders.ts';
import { createFakeEngine } from '../support/fake-engine.ts';
import { createFakeClock, createFakeIds, createFakeLog, createFakeState } from '../support/fake-engine-world.ts';

const [first, second] = ['a'.repeat(40), 'b'.repeat(40)];
const digest = 'e'.repeat(64);
const token = `cet_${'c4nary'.repeat(7)}`;
const team = { team: 'acme', addresses: ['10.0.0.1:8443'], ca: 'PEM', caDigest: 'd'.repeat(64) };
const stack = 'fake/claude-env-local';

/** A dev container that answers as the real one does. */
function setUp(state = createFakeState()) {
  const engine = createFakeEngine();
  const clock = createFakeClock();
  const { log, lines } = createFakeLog();
  const changed = createListeners<void>(log);
  const linkChanged = createListeners<void>(log);
  const world = {
    linked: true,
    offered: first as string | null,
    applied: null as string | null,
    fails: undefined as { code: string; message: string } | undefined,
    containers: [seenContainer('claude-env-local', 'claude-env', { labels: { 'io.claude-env.role': 'devcontainer' } })],
  };
  /** Of those in the container that wait for changes by hand. */
  const watching = new Set<(drifted: readonly string[]) => void>();
  const calls: { readonly command: string; readonly input: string }[] = [];
  const exec = async (_container: string, { command, input, onOutput }: ExecOptions) => {
    const line = command.slice(1).join(' ').replace(' --json', '');
    const say = (what: unknown) => onOutput('stdout', new TextEncoder().encode(`${JSON.stringify(what)}\n`));
    if (line === 'team watch') {
      const tell = (drifted: readonly string[]) => say({ result: { applied: world.applied, drifted } });
      watching.add(tell);
      for await (const _nothing of input ?? []);
      watching.delete(tell);
      return { exitCode: 0 };
    }
    let text = '';
    for await (const chunk of input ?? []) text += new TextDecoder().decode(chunk);
    calls.push({ command: line, input: text });
    const answer = (): unknown => {
      const now = () => ({ applied: world.applied, drifted: [] });
      const offered = world.offered === null ? null : { sha: world.offered };
      if (world.fails !== undefined) return { error: world.fails };
      if (line.startsWith('init')) {
        const server = { name: 'team-context7', outcome: 'registered', detail: 'https://10.0.0.1:8443/mcp/context7' };
        return { result: { ...now(), address: '10.0.0.1:8443', servers: [server], offered } };
      }
      if (line === 'team diff') {
        return {
          result: { ...now(), team: 'acme', offered, shared: true, digest, files: [], carries: [], ignored: ['x'] },
        };
      }
      world.applied = line.startsWith('team apply ') ? (line.split(' ')[2] ?? null) : null;
      return { result: { ...now(), written: ['CLAUDE.md'], kept: [] } };
    };
    onOutput('stdout', new TextEncoder().encode('initialized\n'));
    say(answer());
    return { exitCode: 0 };
  };
  const link: MemberLink = {
    link: async () => (world.linked ? team : undefined),
    token: async () => token,
    onChange: linkChanged.add,
  };
  const member = createTeamMember({
    engines: { ...engine.engines, get: () => ({ ...engine.connection, exec }) },
    live: {
      looked: async () => undefined,
      containers: () => world.containers,
      subscribe: (listener) => {
        const stop = changed.add(() => listener({ kind: 'patches', seq: 1, patches: [] }));
        changed.emit();
        return stop;
      },
    },
    environments: {
      list: async () => [
        { name: 'local', workspace: '/code', ports: {}, hostClaude: false, dockerSocket: false, stack },
      ],
    },
    link,
    state,
    clock,
    ids: createFakeIds(),
    log,
    program: 'claude-env',
  });
  const commands = () => calls.map(({ command }) => command);
  const restart = () => {
    world.containers = world.containers.map((one) => ({ ...one, startedAt: `${one.startedAt ?? ''}x` }));
    changed.emit();
  };
  return { member, world, watching, calls, commands, state, lines, restart, clock, live: changed, linkChanged };
}
const bring = 'init --mode=team --receive';

describe('what a team gives a dev container', () => {
  it('is brought once a start, by standard input alone', async () => {
    const { member, calls, commands, clock, live, restart, lines } = setUp();
    member.start();
    await clock.advance(0);
    live.emit();
    await clock.advance(0);
    expect(commands()).toEqual([bring]);
    expect(JSON.parse(calls[0]?.input ?? '')).toEqual({ team: 'acme', addresses: team.addresses, ca: 'PEM', token });
    restart();
    await clock.advance(0);
    expect(commands()).toEqual([bring, bring]);
    expect(JSON.stringify([commands(), lines])).not.toContain('c4nary');
    expect(await member.applied()).toEqual({ drifted: [] });
    member.close();
  });

  it('is watched where it is applied, by the container itself, and what was changed by hand is told', async () => {
    const { member, world, watching, clock, restart } = setUp();
    const heard: unknown[] = [];
    member.start();
    await clock.advance(0);
    expect(watching.size).toBe(0);
    await member.diff({});
    await member.apply({ sha: first });
    expect(watching.size).toBe(1);
    member.onChange(() => void member.applied().then((state) => heard.push(state)));
    for (const drifted of [[], ['CLAUDE.md'], ['CLAUDE.md'], []]) for (const tell of watching) tell(drifted);
    await clock.advance(0);
    expect(heard).toHaveLength(2);
    expect(await member.applied()).toEqual({ revision: first, drifted: [] });
    restart();
    await clock.advance(0);
    expect(watching.size).toBe(1);
    await member.undo({});
    await clock.advance(0);
    expect([watching.size, world.applied]).toEqual([0, null]);
    member.close();
  });

  it('is watched by no single command', async () => {
    const { member, watching } = setUp();
    await member.diff({});
    await member.apply({ sha: first });
    expect(watching.size).toBe(0);
    member.close();
  });

  it('goes to containers of our own environments only, whatever label others have', async () => {
    const { member, world, commands } = setUp();
    const labels = { 'io.claude-env.role': 'devcontainer' };
    world.containers = [
      seenContainer('evil', 'claude-env', { labels }),
      seenContainer('claude-env-local', 'mcp-bundle'),
      seenContainer('claude-env-local', 'claude-env', { labels, state: 'exited' }),
      seenContainer('claude-env-local', 'claude-env', { labels: { ...labels, 'com.docker.compose.oneoff': 'True' } }),
    ];
    expect(await member.bringNow()).toEqual([]);
    expect(commands()).toEqual([]);
  });

  it('asks before a revision is applied, and then never again for that one', async () => {
    const { member, world, commands, clock, restart } = setUp();
    member.start();
    await clock.advance(0);
    expect(commands()).toEqual([bring]);
    expect(await member.diff({})).toMatchObject({
      environment: 'local',
      offered: { sha: first },
      notes: [expect.stringContaining('shares this machine’s ~/.claude'), expect.stringContaining('Not taken')],
    });
    // What was not shown cannot be agreed to.
    await expect(member.apply({ sha: second })).rejects.toMatchObject({ error: { code: 'plan.changed' } });
    await member.apply({ sha: first });
    expect(await member.applied()).toEqual({ revision: first, drifted: [] });
    // A new volume has nothing of it.
    world.applied = null;
    restart();
    await clock.advance(0);
    expect(commands().slice(3)).toEqual([bring, `team apply ${first} --digest=${digest}`]);
    world.offered = second;
    restart();
    await clock.advance(0);
    expect(commands().slice(5)).toEqual([bring]);
    expect(world.applied).toBe(first);
    // Undone is undone: it does not come back with the next container.
    await member.undo({});
    world.offered = first;
    restart();
    await clock.advance(0);
    expect(commands().slice(6)).toEqual(['team undo', bring]);
    member.close();
  });

  it('is taken back when the team is left; where nothing runs, at the next start, by whatever program', async () => {
    const { member, world, commands, state } = setUp();
    await member.bringNow();
    expect(await member.leave()).toEqual([]);
    expect(commands()).toEqual([bring, 'team leave']);
    await member.bringNow();
    const { containers } = world;
    world.containers = [];
    expect(await member.leave()).toEqual([expect.stringContaining('at its next start')]);

    const later = setUp(state);
    later.world.linked = false;
    later.world.containers = containers;
    later.member.start();
    await later.clock.advance(0);
    expect(later.commands()).toEqual(['team leave']);
    later.restart();
    await later.clock.advance(0);
    expect(later.commands()).toEqual(['team leave']);
    expect(await later.member.applied()).toBeUndefined();
    later.member.close();
  });

  it('says what stands in the way, and is tried again when the link changes', async () => {
    const { member, world, commands, clock, linkChanged } = setUp();
    world.fails = { code: 'unreachable', message: 'none of the team’s servers answers' };
    member.start();
    await clock.advance(0);
    const frames: unknown[] = [];
    const stop = member.follow((frame) => frames.push(frame));
    expect(frames).toMatchObject([
      { environments: [{ name: 'local', state: 'failed', error: { code: 'team.unreachable' } }] },
    ]);
    world.fails = undefined;
    linkChanged.emit();
    await clock.advance(0);
    expect(frames.at(-1)).toMatchObject({ environments: [{ state: 'ready', servers: [{ name: 'team-context7' }] }] });
    expect(commands()).toEqual([bring, bring]);
    stop();
    member.close();
  });

  it('is nothing to ask about without a team, or without a dev container', async () => {
    const { member, world } = setUp();
    world.containers = [];
    await expect(member.diff({})).rejects.toMatchObject({ error: { code: 'stack.not-found' } });
    world.linked = false;
    await expect(member.apply({ sha: first })).rejects.toMatchObject({ error: { code: 'team.not-linked' } });
  });
});
