import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { testEngine } from '../support/engine.ts';

/** A user with a home of their own and one small project running on the test engine. */
export interface Desk {
  readonly project: string;
  readonly start: () => Promise<void>;
  readonly end: () => Promise<void>;
  readonly home: () => string;
  readonly env: () => NodeJS.ProcessEnv;
  /** The project's one container. */
  readonly container: () => Docker.Container;
}

export function createDesk(): Desk {
  const engine = testEngine();
  const project = engine.uniqueName('desk');
  let home = '';
  const container = () => engine.docker.getContainer(`${project}-web-1`);
  return {
    project,
    home: () => home,
    container,
    env: () => ({
      ...process.env,
      HOME: home,
      XDG_CONFIG_HOME: join(home, '.config'),
      CLAUDE_ENV_STATE: join(home, 'state'),
      DOCKER_HOST: engine.address,
    }),
    start: async () => {
      home = await mkdtemp(join(tmpdir(), 'claude-env-desk-'));
      await engine.docker.createContainer({
        name: `${project}-web-1`,
        Image: engine.base,
        Cmd: ['sleep', 'infinity'],
        Labels: {
          'com.docker.compose.project': project,
          'com.docker.compose.service': 'web',
          'com.docker.compose.container-number': '1',
          'com.docker.compose.oneoff': 'False',
          'com.docker.compose.config-hash': '0'.repeat(64),
        },
        HostConfig: { Init: true },
      });
      await container().start();
    },
    end: async () => {
      await engine.cleanUp();
      await rm(home, { recursive: true, force: true });
    },
  };
}
