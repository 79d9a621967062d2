import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import Docker from 'dockerode';

/*
 * The engine that tests may use. `npm test` starts one of its own (scripts/test-engine.mjs) and hands it over in
 *   CLAUDE_ENV_TEST_SOCKET       path of its unix socket (or npipe)
 *   CLAUDE_ENV_TEST_ENGINE_CTL   command that takes `stop`, `kill`, `start`, `status`; absent on a user's own engine,
 *                                where no fault may be injected
 *   CLAUDE_ENV_TEST_BASE         image that test images are built from
 */

const run = promisify(execFile);

export interface TestEngine {
  readonly socket: string;
  /** `unix://…`, what DOCKER_HOST takes. */
  readonly address: string;
  readonly docker: Docker;
  /** Debian with nothing but the essentials. */
  readonly base: string;
  /** False on a user's engine: skip what stops or kills it. */
  readonly canInjectFaults: boolean;
  /** A name nobody else has: usable as project, container, network, volume and image name. `cleanUp` knows it. */
  readonly uniqueName: (hint?: string) => string;
  /** Removes every container, network, volume and image whose name begins with one that `uniqueName` gave out. */
  readonly cleanUp: () => Promise<void>;
  /** Ends the engine in good order (SIGTERM: it stops its containers) and waits until it is gone. */
  readonly stop: () => Promise<void>;
  /** SIGKILL to the engine and everything in it, as a power cut would. */
  readonly kill: () => Promise<void>;
  /** Resolves when it answers again. */
  readonly start: () => Promise<void>;
  readonly restart: () => Promise<void>;
}

/** @throws when tests were started without an engine, naming the command that has one. */
export function testEngine(): TestEngine {
  const socket = process.env.CLAUDE_ENV_TEST_SOCKET;
  if (socket === undefined) {
    throw new Error(
      'No test engine: run `npm test -- --only docker`, or `node scripts/test-engine.mjs up` and export what it prints.',
    );
  }
  const docker = new Docker({ socketPath: socket });
  const names: string[] = [];
  const controlCommand = process.env.CLAUDE_ENV_TEST_ENGINE_CTL;

  const control = async (action: 'start' | 'stop' | 'kill'): Promise<void> => {
    if (controlCommand === undefined) throw new Error(`This engine is the user's: a test must not ${action} it.`);
    await run('/bin/sh', ['-c', `${controlCommand} ${action}`]);
  };

  return {
    socket,
    address: socket.startsWith('//./pipe/') ? `npipe://${socket}` : `unix://${socket}`,
    docker,
    base: process.env.CLAUDE_ENV_TEST_BASE ?? 'claude-env/base:latest',
    canInjectFaults: controlCommand !== undefined,
    uniqueName: (hint = 'test') => {
      const name = `cet${randomBytes(4).toString('hex')}-${hint}`;
      names.push(name);
      return name;
    },
    cleanUp: () => removeByName(docker, names),
    stop: () => control('stop'),
    kill: () => control('kill'),
    start: () => control('start'),
    restart: async () => {
      await control('stop');
      await control('start');
    },
  };
}

/** Something that goes away by itself while we remove it is fine. */
const ignoreGone = (error: unknown): void => {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  if (status !== 404 && status !== 409) throw error;
};

async function removeByName(docker: Docker, names: readonly string[]): Promise<void> {
  const ours = (name: string) => names.some((prefix) => name.startsWith(prefix));
  const containers = await docker.listContainers({ all: true });
  const mine = containers.filter(
    (container) =>
      container.Names.some((name) => ours(name.slice(1))) || ours(container.Labels['com.docker.compose.project'] ?? ''),
  );
  await Promise.all(
    mine.map((container) => docker.getContainer(container.Id).remove({ force: true, v: true }).catch(ignoreGone)),
  );
  const [networks, volumes, images] = await Promise.all([
    docker.listNetworks(),
    docker.listVolumes(),
    docker.listImages(),
  ]);
  await Promise.all([
    ...networks
      .filter((network) => ours(network.Name))
      .map((network) => docker.getNetwork(network.Id).remove().catch(ignoreGone)),
    ...volumes.Volumes.filter((volume) => ours(volume.Name)).map((volume) =>
      docker.getVolume(volume.Name).remove().catch(ignoreGone),
    ),
  ]);
  // One after the other: 20.10 removing two images with a common parent at once fails with "unrecognized image ID".
  for (const tag of images.flatMap((image) => image.RepoTags ?? []).filter(ours)) {
    await docker.getImage(tag).remove({ force: true }).catch(ignoreGone);
  }
}
