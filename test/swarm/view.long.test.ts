import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppFailure } from '../../main/core/app-failure.ts';
import { createSwarmStand, type StackPlace, type SwarmStand } from '../support/swarm-stand.ts';
import { type SeenSwarm, watchSwarm } from './seen-swarm.ts';
import { standInSwarm } from './stand.ts';

/*
 * What an open page says of a Swarm whose machines fail, and how soon (must-show 4 of issue 5): three managers and a worker, as
 * `docker swarm` makes them, with its heartbeat of 5 s. Seen from the second manager, which at first is not the leader.
 */

const swarm = standInSwarm({ nodes: 4, managers: 3 });
let stand: SwarmStand;
let seen: SeenSwarm;
let place: StackPlace;

beforeAll(async () => {
  stand = await createSwarmStand(swarm.lab.node(2));
  place = await stand.put('seen', { 'compose.yaml': compose(1), 'password.txt': 'secret' });
  await stand.deploy(place);
  seen = await watchSwarm(stand.app);
});
afterAll(async () => {
  await seen?.close();
  await stand?.close();
});

const service = (version: number, deploy: string): string => `
    image: claude-env/base
    init: true
    stop_grace_period: 1s
    command: [sleep, "10000"]
    environment: {VERSION: "${version}"}
    secrets: [password]
    deploy: {${deploy}, restart_policy: {delay: 0s}, update_config: {monitor: 500ms, parallelism: 0}}`;
const compose = (version: number): string => `
services:
  web: ${service(version, 'replicas: 3')}
  each: ${service(version, 'mode: global')}
secrets: {password: {file: ./password.txt}}
`;
const noneRunsOn = (node: string): boolean =>
  Object.values(seen.state().services).every(({ tasks }) =>
    tasks.every((task) => task.node !== node || task.state !== 'running' || task.desired !== 'running'),
  );
const isAway = (node: string): boolean => seen.node(node) === 'down' || seen.node(node) === 'disconnected';
const isHealthy = (): boolean => {
  const services = Object.values(seen.state().services);
  return services.length >= 2 && services.every(({ aggregate }) => aggregate === 'healthy');
};
const part = () => seen.state().part;
const quorum = () => {
  const now = part();
  return now.kind === 'manager' ? now.quorum : undefined;
};
const saysNoQuorum = (words: RegExp): boolean => {
  const now = part();
  return now.kind === 'no-quorum' && words.test(now.error.message);
};
/** Everything as it was deployed, whatever happened: nothing is lost, and a deploy has nothing to do. */
async function expectWhole(): Promise<void> {
  await seen.within(120, performance.now(), 'every task runs again', isHealthy);
  expect(await stand.secrets(place.name)).toEqual(['seen_password']);
  expect((await stand.plan(place)).steps.filter(({ kind }) => kind !== 'wait-converged')).toEqual([]);
}

describe('a worker', { timeout: 240_000 }, () => {
  it.each([
    ['is killed and started', 'kill', 'start'],
    ['loses its link and gets it back', 'cut', 'heal'],
  ] as const)('that %s is seen to go and to come within 10 s each', async (_what, away, back) => {
    const worker = swarm.lab.node(4);
    await expectWhole();
    let begun = performance.now();
    await worker[away]();
    await seen.within(10, begun, `worker: ${away}`, () => isAway('n4') && noneRunsOn('n4'));
    // What `team nodes` prints, as long as the program runs.
    const { nodes } = await stand.app.services.team.view({});
    expect(nodes.find(({ hostname }) => hostname === 'n4')?.state).not.toBe('ready');
    begun = performance.now();
    await worker[back]();
    await seen.within(10, begun, `worker: ${back}`, () => seen.node('n4') === 'ready');
    await expectWhole();
  });

  it('whose tasks keep ending says so within 12 s', async () => {
    const { docker } = swarm.lab.node(1);
    const { id } = await docker.createService({
      Name: 'loop',
      TaskTemplate: {
        ContainerSpec: { Image: 'claude-env/base', Command: ['sh', '-c', 'sleep 3; exit 3'], Init: true },
        RestartPolicy: { Condition: 'any', Delay: 0 },
        Placement: { Constraints: ['node.hostname == n4'] },
      },
    });
    const service = () => seen.state().services[id];
    const failed = () => service()?.tasks.findLast((task) => task.failed);
    const isTold = () => failed() !== undefined && /degraded|failed/.test(service()?.aggregate ?? '');
    await seen.within(60, performance.now(), 'tasks that keep ending, from their service on', isTold);
    const { at = '', exitCode } = failed() ?? {};
    const late = (Date.now() - Date.parse(at)) / 1000;
    console.log(
      `tasks that keep ending on another machine: seen ${late.toFixed(1)} s after the first end, promised 12 s`,
    );
    expect(late).toBeLessThan(12);
    expect(exitCode).toBe(3);
    expect(service()?.reason).toContain('exit code 3');
    await docker.getService(id).remove();
    await seen.within(10, performance.now(), 'that service is gone', () => seen.state().services[id] === undefined);
  });
});

describe('the managers', { timeout: 300_000 }, () => {
  it('that lose their leader choose another one, which is told meanwhile', async () => {
    await expectWhole();
    const begun = performance.now();
    await swarm.lab.node(1).kill();
    await seen.within(
      10,
      begun,
      'leader killed: who answers',
      () => saysNoQuorum(/2 of 3 managers answer/) && isAway('n1'),
    );
    expect(Object.keys(seen.state().services)).toHaveLength(2);
    await seen.within(45, begun, 'leader killed: another one', () => quorum()?.reachable === 2);
    expect(Object.values(seen.state().nodes).find(({ leader }) => leader)?.hostname).toMatch(/n[23]/);
    await seen.within(150, begun, 'leader killed: what runs without it', () => isHealthy() && isAway('n1'));
    const back = performance.now();
    await swarm.lab.node(1).start();
    await seen.within(
      120,
      back,
      'the former leader answers',
      () => quorum()?.reachable === 3 && seen.node('n1') === 'ready',
    );
    await expectWhole();
  });

  it('that are too few are said to be that, nothing is shown as empty, and one goes on by the guide', async () => {
    await expectWhole();
    const begun = performance.now();
    await Promise.all([swarm.lab.node(1).kill(), swarm.lab.node(3).kill()]);
    await seen.within(10, begun, 'quorum lost', () => saysNoQuorum(/Only 1 of 3 managers answer/));
    expect(Object.keys(seen.state().services)).toHaveLength(2);
    // Of a Swarm that this machine did not join by an invite nothing is remembered: that is all that there is to say then.
    const problem = await stand.app.services.team.view({}).then(
      (view) => view.problem,
      (failure: AppFailure) => failure.error,
    );
    expect(problem?.code).toBe('swarm.no-quorum');
    await stand.put(place.name, { 'compose.yaml': compose(2) });
    const refused = await stand.deploy(place).catch((error: AppFailure) => error.error.code);
    expect(refused).toBe('swarm.no-quorum');
    await stand.put(place.name, { 'compose.yaml': compose(1) });

    const recovering = performance.now();
    await stand.app.services.team.recover({});
    await seen.within(120, recovering, 'recovered', () => quorum()?.managers === 1);
    expect(Object.keys(seen.state().services)).toHaveLength(2);
    for (const { hostname, id } of Object.values(seen.state().nodes)) {
      if (hostname === 'n1' || hostname === 'n3') await swarm.lab.node(2).docker.getNode(id).remove({ force: true });
    }
    await expectWhole();
    await stand.put(place.name, { 'compose.yaml': compose(2) });
    await stand.deploy(place);
    await seen.within(10, performance.now(), 'the next deploy', isHealthy);
    expect(JSON.stringify(await stand.specs(place.name))).not.toContain('VERSION=1');
  });
});
