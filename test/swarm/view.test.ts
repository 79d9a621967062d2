import { expect, it } from 'vitest';
import { watchSwarm } from './seen-swarm.ts';
import { standInSwarm } from './stand.ts';

/* A worker that dies, on an open page; every other fault, and how soon each is seen: view.long.test.ts. */

const swarm = standInSwarm({ nodes: 2 });

it('a worker that is killed is seen to be away within 10 s, with what ran on it, though Swarm calls it ready for longer', async () => {
  const { stand, lab } = swarm;
  const compose = `
services:
  each: {image: claude-env/base, init: true, command: [sleep, "1000"], deploy: {mode: global, update_config: {monitor: 500ms}}}
`;
  await stand.deploy(await stand.put('seen', { 'compose.yaml': compose }));
  const seen = await watchSwarm(stand.app);
  try {
    const states = () => Object.values(seen.state().services).flatMap(({ tasks }) => tasks.map(({ state }) => state));
    await seen.within(10, performance.now(), 'a task a machine', () => states().join() === 'running,running');
    const begun = performance.now();
    await lab.node(2).kill();
    await seen.within(10, begun, 'a worker is killed', () => seen.node('n2') === 'disconnected');
    expect(states()).toEqual(expect.arrayContaining(['running', 'unknown']));
    const said = Object.values(seen.state().nodes).find(({ hostname }) => hostname === 'n2');
    expect(said?.message).toContain('does not answer');
  } finally {
    await seen.close();
  }
});
