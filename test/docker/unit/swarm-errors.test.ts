import { expect, it } from 'vitest';
import { toSwarmError } from '../../../main/docker/swarm-errors.ts';

// As engines 20.10.24 said them in the lab, and moby's sources have them.
it.each([
  [
    "rpc error: code = Unknown desc = The swarm does not have a leader. It's possible that too few managers are online. Make sure more than half of the managers are online.",
    'swarm.no-quorum',
  ],
  [
    'Swarm is encrypted and needs to be unlocked before it can be used. Please use "docker swarm unlock" to unlock it.',
    'swarm.locked',
  ],
  [
    "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. Please run this command on a manager node or promote the current node to a manager.",
    'swarm.not-manager',
  ],
  [
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
    'swarm.not-manager',
  ],
  ['This node is not part of a swarm', 'swarm.not-member'],
  [
    'This node is already part of a swarm. Use "docker swarm leave" to leave this swarm and join another one.',
    'swarm.already-member',
  ],
  [
    'rpc error: code = InvalidArgument desc = A valid join token is necessary to join this cluster',
    'swarm.invite-refused',
  ],
  ['invalid join token', 'swarm.invite-refused'],
  ['remote CA does not match fingerprint. Expected: 3f2a', 'swarm.other-certificate'],
  [
    'could not choose an IP address to advertise since this system has multiple addresses on different interfaces (10.0.0.4 on eth0 and 192.168.1.4 on wlan0) - specify one with --advertise-addr',
    'swarm.address',
  ],
  [
    'Timeout was reached before node joined. The attempt to join the swarm will continue in the background.',
    'swarm.unreachable',
  ],
  [
    'rpc error: code = Unavailable desc = connection error: desc = "transport: dial tcp 10.0.0.9:2377: connect: no route to host"',
    'swarm.unreachable',
  ],
  ['rpc error: code = Unknown desc = update out of sequence', 'swarm.conflict'],
  ['node 3f2a not found', 'swarm.node-not-found'],
])('%s', (sentence, code) => {
  const error = toSwarmError('Joining the Swarm', sentence);
  expect(error?.code).toBe(code);
  expect(error?.hint).toBeTruthy();
});

it('leaves what it does not know to the engine’s own words', () => {
  expect(toSwarmError('Joining', 'the moon is full')).toBeUndefined();
});
