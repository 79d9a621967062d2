import type Docker from 'dockerode';
import type { ContainerInspectInfo } from 'dockerode';
import { AppFailure } from '../core/app-failure.ts';
import { label } from '../core/plan/labels.ts';
import type { Observed } from '../core/plan/plan.ts';
import type { EngineFacts } from '../core/plan/preflight.ts';
import { registryTitle } from '../core/registries/names.ts';
import type { Clock, EngineConnection, RegistryLogins } from '../services/ports.ts';
import { runAttached } from './attach.ts';
import { createDigestCache } from './build-digest.ts';
import { checkLogin } from './check-login.ts';
import type { Connection } from './connection.ts';
import { inspectAll } from './containers.ts';
import type { FoundEngine } from './contexts.ts';
import { copyIn, copyOut } from './copy.ts';
import { readDetails } from './details.ts';
import { isLocal } from './endpoint.ts';
import { runExec } from './exec.ts';
import { executeStep } from './execute.ts';
import { askRegistry, readFacts } from './facts.ts';
import type { Host } from './host.ts';
import { toSeenContainer } from './inspect.ts';
import { readLogs } from './logs.ts';
import type { MemoryHolds } from './memory-holds.ts';
import { createFindMissing } from './missing-secrets.ts';
import { inspectImage, observeProject, toImageFacts } from './observe.ts';
import { loadImage } from './send-image.ts';
import { createStackWatch } from './swarm-converge.ts';
import { createMembership } from './swarm-membership.ts';
import { createSwarmStacks } from './swarm-stacks.ts';
import { createVolumeAccess } from './volumes.ts';

export interface EngineConnectionOptions {
  readonly found: FoundEngine;
  readonly connection: Connection;
  readonly host: Host;
  readonly clock: Clock;
  readonly logins: RegistryLogins;
  readonly holds: MemoryHolds;
}

/** What the services see of one engine. */
export function createEngineConnection({
  found,
  connection,
  host,
  clock,
  logins,
  holds,
}: EngineConnectionOptions): EngineConnection {
  const digests = createDigestCache();
  const local = found.endpoint !== undefined && isLocal(found.endpoint);

  const engineFacts = (): Observed['engine'] => {
    const state = connection.state();
    if (state.kind === 'connected') return state;
    throw new AppFailure({ code: 'engine.unreachable', message: `${found.title} is not connected.`, retry: true });
  };

  const findMissing = createFindMissing();
  const seeAll = (docker: Docker, infos: readonly ContainerInspectInfo[], signal: AbortSignal) =>
    Promise.all(infos.map(async (info) => toSeenContainer(info, await findMissing(docker, info, signal))));

  let facts: Promise<EngineFacts> | undefined;
  const readOnce = async (): Promise<EngineFacts> => {
    try {
      return await connection.call('Asking the engine about itself', readFacts);
    } catch (error) {
      facts = undefined;
      throw error;
    }
  };

  const stackWatch = createStackWatch(connection, clock);

  return {
    id: found.id,
    swarmStacks: createSwarmStacks({ connection, logins, clock, engine: engineFacts }),
    membership: createMembership(connection),
    volumes: createVolumeAccess(connection),
    state: connection.state,
    watch: connection.watch,
    listContainers: (signal) =>
      connection.call(
        'Listing containers',
        async (docker, abort) => {
          const list = await docker.listContainers({
            all: true,
            filters: { label: [label.project] },
            abortSignal: abort,
          });
          const infos = await inspectAll(
            docker,
            list.map(({ Id }) => Id),
            abort,
          );
          return seeAll(docker, infos, abort);
        },
        { signal },
      ),
    inspectContainers: (ids, signal) =>
      connection.call(
        'Looking at containers',
        async (docker, abort) => seeAll(docker, await inspectAll(docker, ids, abort), abort),
        { signal },
      ),
    observe: (project, options, signal) =>
      connection.call(
        `Looking at project ${project}`,
        (docker, abort) =>
          observeProject({
            findMissing,
            docker,
            project,
            options,
            signal: abort,
            digests,
            local,
            host,
            logins,
            engine: engineFacts(),
          }),
        { signal },
      ),
    execute: (step, context) =>
      executeStep(step, {
        ...context,
        connection,
        clock,
        host,
        logins,
        holds,
        local,
        endpoint: found.endpoint,
        engine: engineFacts,
        stackWatch,
      }),
    logs: (container, options, onChunk, signal) =>
      connection.call(
        `Reading the log of ${container}`,
        (docker, abort) => readLogs({ docker, container, options, onChunk, signal: abort }),
        { signal },
      ),
    details: (wanted) =>
      connection.call('Looking at containers', (docker, abort) => readDetails(docker, wanted, abort)),
    facts: () => {
      facts ??= readOnce();
      return facts;
    },
    askRegistry: (image, signal) =>
      connection.call(
        `Asking the registry about ${image}`,
        async (docker, abort) => askRegistry({ docker, image, login: await logins.ofImage(image), signal: abort }),
        { signal },
      ),
    checkLogin: (auth, signal) =>
      connection.call(
        `Logging in to ${registryTitle(auth.serveraddress)}`,
        (docker, abort) => checkLogin({ docker, auth, signal: abort }),
        { signal },
      ),
    attach: (container, options) =>
      connection.call(
        `Running ${container}`,
        async (docker, abort) => {
          const onStart: typeof options.onStart = (control) => {
            void holds.release(container);
            options.onStart(control);
          };
          try {
            return await runAttached({ docker, container, options: { ...options, onStart }, signal: abort });
          } finally {
            await holds.release(container);
          }
        },
        { signal: options.signal },
      ),
    copyOut: (container, options, signal) =>
      connection.call(
        `Copying ${options.path} out of ${container.slice(0, 12)}`,
        (docker, abort) => copyOut({ docker, container, signal: abort }, options),
        { signal },
      ),
    copyIn: (container, options, signal) =>
      connection.call(
        `Copying to ${options.path} in ${container.slice(0, 12)}`,
        (docker, abort) => copyIn({ docker, container, signal: abort }, options),
        { signal },
      ),
    image: (reference, signal) =>
      connection.call(
        `Looking at image ${reference}`,
        async (docker, abort) => {
          const info = await inspectImage(docker, reference, abort);
          return info && toImageFacts(info);
        },
        { signal },
      ),
    loadImage: (archive, signal) =>
      connection.call('Loading an image', (docker, abort) => loadImage(docker, archive, abort), { signal }),
    processes: (container, signal) =>
      connection.call(
        `Looking at the processes of ${container.slice(0, 12)}`,
        async (docker, abort) => {
          const { Titles, Processes } = await docker.getContainer(container).top({ abortSignal: abort });
          return { titles: Titles, processes: Processes ?? [] };
        },
        { signal },
      ),
    exec: (container, options) =>
      connection.call(
        `Running ${options.command[0] ?? 'a command'} in ${container}`,
        (docker, abort) => runExec({ docker, container, options, signal: abort }),
        { signal: options.signal },
      ),
  };
}
