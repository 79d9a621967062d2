import { describe, expect, test } from 'vitest';
import {
  actionMeans,
  actionTitle,
  actionWords,
  adviceText,
  nodeActions,
  overlayLook,
  servicesOn,
  teamNameMistake,
  untilText,
} from '../../renderer/show/team.ts';
import { fullSwarm, node, service, task } from '../support/scenarios-team.ts';

const server = node('falcon-1', '10.77.0.2', { role: 'manager', machine: 'server' });
const services = [
  service('team', 'api', { tasks: [task('a', 1), task('b', 2, { node: 'other' })] }),
  service('team', 'old', { tasks: [task('c', 1, { desired: 'shutdown', state: 'failed' })] }),
  service('team', 'lost', { tasks: [task('d', 1, { node: server.id })] }),
];

describe('what can be done with a node', () => {
  test('only its opposite of what it is', () => {
    expect(nodeActions(server)).toEqual(['pause', 'drain', 'demote', 'laptop']);
    expect(nodeActions(node('n', '', { availability: 'drain' }))).toEqual(['activate', 'promote', 'server']);
  });

  test('what works, or is this engine, is not taken off the list', () => {
    expect(nodeActions(node('n', '', { state: 'down' }))).toContain('remove');
    expect(nodeActions(node('n', '', { state: 'ready' }))).not.toContain('remove');
    expect(nodeActions(node('n', '', { state: 'unknown', here: true }))).not.toContain('remove');
  });
});

describe('what a change means', () => {
  test('services are named that have a task there now, by name or id of the node', () => {
    expect(servicesOn(server, services)).toEqual(['api', 'lost']);
    expect(actionMeans(server, 'drain', services).join(' ')).toMatch(/Its tasks end.*: api, lost\..*local volumes/);
    expect(actionMeans(node('n', ''), 'drain', services)).toEqual([
      'No task of a service runs on it, and it gets none any more.',
    ]);
  });

  test('who becomes a manager gets power over every machine', () => {
    expect(actionMeans(server, 'promote', [])[0]).toContain('run anything on every machine as root');
    expect(actionTitle(server, 'promote')).toBe('Promote falcon-1 to manager');
  });

  test('the command for a terminal names the node by its id', () => {
    const one = { ...server, id: 'abcdefghijklmnop' };
    expect(actionWords(one, 'drain')).toBe('team node drain abcdefghijkl');
    expect(actionWords(one, 'server')).toBe('team node role abcdefghijkl server');
    expect(actionWords(one, 'remove')).toBe('team node rm abcdefghijkl');
  });

  test('every action of every node says something', () => {
    for (const one of Object.values(fullSwarm.nodes))
      for (const action of nodeActions(one))
        expect(actionMeans(one, action, Object.values(fullSwarm.services)).join('')).not.toBe('');
  });
});

test('an overlay that was not tried is neither good nor bad', () => {
  const tone = (verdict: Parameters<typeof overlayLook>[0]['verdict']) => overlayLook({ verdict, says: '' }).tone;
  expect([tone('both'), tone('traffic'), tone('back'), tone('name')]).toEqual(['ok', 'bad', 'bad', 'bad']);
  expect(['ok', 'bad']).not.toContain(tone('skipped'));
  expect(tone('no-network')).toBe(tone('skipped'));
});

test('names, addresses and times', () => {
  expect(['Falcon', 'falcon 2', '4.x'].map(teamNameMistake)).toEqual([undefined, undefined, undefined]);
  expect(['', ' x', 'a'.repeat(41), 'a/b'].map((name) => teamNameMistake(name) === undefined)).toEqual(
    Array(4).fill(false),
  );
  expect(adviceText({ name: 'wlan0', address: 'a', verdict: 'doubtful', reasons: ['x', 'y'] })).toBe('wlan0: x; y');
  expect(untilText('2026-11-22T10:00:31.000Z')).toBe('2026-11-22 10:00 UTC');
});
