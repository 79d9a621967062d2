import { expect, it } from 'vitest';
import { createOwnEnvironment, environmentState } from '../../main/services/team-services/own-environment.ts';
import type { Aggregate } from '../../preload/contract/model.ts';

/* What the team is told of this machine, and when. */

const stacks = { 'e/local': { kind: 'local' }, 'e/two': { kind: 'local' }, 'e/shop': { kind: 'compose' } } as const;
const having = (...found: readonly (readonly [stack: string, name: string, aggregate: Aggregate])[]) => ({
  stacks,
  services: Object.fromEntries(
    found.map(([stack, name, aggregate]) => [`${stack}/${name}`, { stack, name, aggregate }]),
  ),
});

it.each([
  [having(), 'unknown'],
  [having(['e/local', 'claude-env', 'healthy'], ['e/local', 'mcp-bundle', 'failed']), 'running'],
  [having(['e/local', 'claude-env', 'working']), 'starting'],
  [having(['e/local', 'claude-env', 'stopped'], ['e/shop', 'claude-env', 'healthy']), 'stopped'],
  [having(['e/local', 'claude-env', 'stopped'], ['e/two', 'claude-env', 'failed']), 'failed'],
])('the dev container counts, of the stack that we ship: %#', (state, expected) => {
  expect(environmentState(state)).toBe(expected);
});

it('is told when it is another state, another configuration or another node, and not otherwise', async () => {
  let now = having(['e/local', 'claude-env', 'stopped']);
  const listeners = { live: () => {}, applied: () => {}, node: () => {} };
  const on = (which: keyof typeof listeners) => (listener: () => void) => {
    listeners[which] = listener;
    return () => {
      listeners[which] = () => {};
    };
  };
  const own = createOwnEnvironment({
    live: { state: () => now, subscribe: on('live') },
    machine: 'm'.repeat(80),
    applied: async () => ({ revision: 'a'.repeat(40), drifted: ['CLAUDE.md'] }),
    onApplied: on('applied'),
    node: async () => 'n2',
    onNode: on('node'),
  });
  let told = 0;
  const stop = own.onEnvironment(() => {
    told += 1;
  });
  listeners.live();
  expect(told).toBe(0);
  now = having(['e/local', 'claude-env', 'healthy']);
  listeners.live();
  listeners.live();
  listeners.applied();
  listeners.node();
  expect(told).toBe(3);
  expect(await own.environment()).toEqual({
    ...{ machine: 'm'.repeat(63), state: 'running', node: 'n2' },
    ...{ revision: 'a'.repeat(40), drifted: ['CLAUDE.md'] },
  });
  stop();
  listeners.node();
  expect(told).toBe(3);
});
