import type Docker from 'dockerode';
import { AppFailure } from '../core/app-failure.ts';
import type { SwarmChange, SwarmInit } from '../core/swarm/membership.ts';
import type { SwarmMembership } from '../services/ports.ts';
import type { Connection } from './connection.ts';
import { dial } from './dial.ts';
import { askSoon, sendToSwarm } from './swarm-call.ts';
import { toSwarmFailure } from './swarm-errors.ts';
import { createHearing } from './swarm-hearing.ts';
import { askForEncryption, askForMesh, callResponder, startResponder, stopProbe } from './swarm-probe.ts';
import { type RawInfo, type RawNode, type RawSwarm, toNode, toSelf, toSwarmState, withLabels } from './swarm-shapes.ts';

const listenAddress = '0.0.0.0:2377';

const initBody = ({ advertise, dataPathPort, addressPool, autolock, labels, forceNew }: SwarmInit) => ({
  ListenAddr: listenAddress,
  AdvertiseAddr: advertise,
  ...(dataPathPort === undefined ? {} : { DataPathPort: dataPathPort }),
  ...(addressPool === undefined ? {} : { DefaultAddrPool: [addressPool.base], SubnetSize: addressPool.size }),
  ...(forceNew === undefined ? {} : { ForceNewCluster: true }),
  Spec: {
    Labels: labels,
    EncryptionConfig: { AutoLockManagers: autolock },
    // A node is called down after three of these. Docker's 5 s each would show a dead machine as ready for 15 s and more.
    Dispatcher: { HeartbeatPeriod: 2_000_000_000 },
  },
});

const rotations = {
  worker: { rotateWorkerToken: true },
  manager: { rotateManagerToken: true },
  'unlock-key': { rotateManagerUnlockKey: true },
} as const;

/** Seen: a write of ours meets one of the engine's own (a node's status), which comes with a new version. */
async function withVersion(write: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await write();
    } catch (error) {
      const conflict = error instanceof Error && /update out of sequence/i.test(error.message);
      if (!conflict || tries === 5) throw error;
    }
  }
}

async function changeSwarm(docker: Docker, { labels, autolock, rotate }: SwarmChange, signal: AbortSignal) {
  await withVersion(async () => {
    const { Version, Spec } = await dial<RawSwarm>(docker, { method: 'GET', path: '/swarm', signal });
    await sendToSwarm(docker, {
      method: 'POST',
      path: '/swarm/update',
      query: { version: Version?.Index ?? 0, ...(rotate === undefined ? {} : rotations[rotate]) },
      body: {
        ...Spec,
        Labels: withLabels(Spec?.Labels, labels),
        ...(autolock === undefined ? {} : { EncryptionConfig: { AutoLockManagers: autolock } }),
      },
      signal,
    });
  });
}

/** One engine's part in a Swarm. Every method is one conversation; failures are `swarm.*` where the reason is known. */
export function createMembership(connection: Connection): SwarmMembership {
  const ask = <T>(doing: string, run: (docker: Docker, signal: AbortSignal) => Promise<T>, signal?: AbortSignal) =>
    connection.call(
      doing,
      async (docker, abort) => {
        try {
          return await run(docker, abort);
        } catch (error) {
          throw toSwarmFailure(doing, error);
        }
      },
      { signal },
    );
  const soon = <T>(doing: string, run: (docker: Docker, signal: AbortSignal) => Promise<T>, patience?: number) =>
    ask(doing, (docker, abort) => askSoon(abort, (signal) => run(docker, signal), patience));
  const hear = createHearing();

  return {
    self: (patience) =>
      soon(
        'Asking the engine about its Swarm',
        async (docker, signal) => toSelf(await dial<RawInfo>(docker, { method: 'GET', path: '/info', signal })),
        patience,
      ),
    swarm: () =>
      soon('Asking about the Swarm', async (docker, signal) =>
        toSwarmState(await dial<RawSwarm>(docker, { method: 'GET', path: '/swarm', signal })),
      ),
    nodes: () =>
      soon('Listing the Swarm’s nodes', async (docker, signal) =>
        (await dial<readonly RawNode[]>(docker, { method: 'GET', path: '/nodes', signal })).map(toNode),
      ),
    heard: () => soon('Asking whom the engine hears', hear).catch(() => undefined),
    init: (options) =>
      ask('Making a Swarm', async (docker, signal) => {
        await sendToSwarm(docker, { method: 'POST', path: '/swarm/init', body: initBody(options), signal });
      }),
    join: ({ managers, token, advertise }, signal) =>
      ask(
        'Joining the Swarm',
        async (docker, abort) => {
          const body = {
            ListenAddr: listenAddress,
            AdvertiseAddr: advertise ?? '',
            RemoteAddrs: managers,
            JoinToken: token,
          };
          await sendToSwarm(docker, { method: 'POST', path: '/swarm/join', body, signal: abort });
        },
        signal,
      ),
    leave: ({ force }) =>
      ask('Leaving the Swarm', async (docker, signal) => {
        await sendToSwarm(docker, { method: 'POST', path: '/swarm/leave', query: { force }, signal });
      }),
    unlock: (key, signal) =>
      ask(
        'Unlocking the Swarm',
        async (docker, abort) => {
          await sendToSwarm(docker, { method: 'POST', path: '/swarm/unlock', body: { UnlockKey: key }, signal: abort });
        },
        signal,
      ),
    unlockKey: () =>
      ask('Asking for the unlock key', async (docker, signal) => {
        const answer = await dial<{ readonly UnlockKey?: string }>(docker, {
          method: 'GET',
          path: '/swarm/unlockkey',
          signal,
        });
        return answer.UnlockKey ?? '';
      }),
    change: (change) => ask('Changing the Swarm', (docker, signal) => changeSwarm(docker, change, signal)),
    changeNode: (id, { role, availability, labels }) =>
      ask('Changing a node', (docker, signal) =>
        withVersion(async () => {
          const node = await dial<RawNode>(docker, { method: 'GET', path: `/nodes/${encodeURIComponent(id)}`, signal });
          await sendToSwarm(docker, {
            method: 'POST',
            path: `/nodes/${encodeURIComponent(id)}/update`,
            query: { version: node.Version?.Index ?? 0 },
            body: {
              ...node.Spec,
              ...(role === undefined ? {} : { Role: role }),
              ...(availability === undefined ? {} : { Availability: availability }),
              Labels: withLabels(node.Spec?.Labels, labels),
            },
            signal,
          });
        }),
      ),
    removeNode: (id, { force }) =>
      ask('Removing a node', async (docker, signal) => {
        const path = `/nodes/${encodeURIComponent(id)}`;
        await sendToSwarm(docker, { method: 'DELETE', path, query: { force }, signal });
      }),
    startResponder: (options) =>
      ask('Preparing a test of the overlay network', (docker, signal) => startResponder(docker, options, signal)),
    callResponder: (options, signal) =>
      ask('Testing the overlay network', (docker, abort) => callResponder(docker, options, abort), signal),
    encrypts: (image) =>
      ask('Asking the kernel for encryption', (docker, signal) => askForEncryption(docker, image, signal)),
    routes: (image) => ask('Asking the kernel for its mesh', (docker, signal) => askForMesh(docker, image, signal)),
    tasksHere: () =>
      ask('Looking at the Swarm’s tasks here', async (docker, signal) => {
        const serviceName = 'com.docker.swarm.service.name';
        const list = await docker.listContainers({ filters: { label: [serviceName] }, abortSignal: signal });
        return list.map(({ Labels }) => Labels[serviceName] ?? '');
      }),
    stopProbe: () => ask('Removing the overlay test', (docker, signal) => stopProbe(docker, signal)),
    localImage: (references) =>
      ask('Looking at images', async (docker, signal) => {
        for (const reference of references) {
          const found = await docker
            .getImage(reference)
            .inspect({ abortSignal: signal } as object)
            .then(() => true)
            .catch((error: unknown) => {
              if (error instanceof AppFailure) throw error;
              return false;
            });
          if (found) return reference;
        }
        return undefined;
      }),
  };
}
