import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { TestEngine } from './engine.ts';
import { freePort } from './ports.ts';
import { provideStandIn, type StandIn } from './stand-ins.ts';

/*
 * Postgres and Redis of the team's stack, on the test engine, with ports that stay the same when they are started again.
 */

export interface TeamDatabases {
  /** The services' environment: where they are. */
  readonly env: Readonly<Record<string, string>>;
  /** The services' secrets: what opens them. */
  readonly secrets: Readonly<Record<'db-password' | 'redis-password', string>>;
  readonly stop: (which: StandIn) => Promise<void>;
  /** As a crash would end it. */
  readonly kill: (which: StandIn) => Promise<void>;
  /** Resolves when it takes connections. */
  readonly start: (which: StandIn) => Promise<void>;
  /** Lines of one column, past the services. */
  readonly read: (sql: string) => Promise<readonly string[]>;
}

/** `engine.cleanUp` takes them away. */
export async function startTeamDatabases(engine: TestEngine): Promise<TeamDatabases> {
  const { docker, base } = engine;
  const name = engine.uniqueName('db');
  const secrets = {
    'db-password': randomBytes(16).toString('hex'),
    'redis-password': randomBytes(16).toString('hex'),
  };
  const run = async (which: StandIn, port: number, options: { readonly Env?: string[]; readonly Cmd?: string[] }) => {
    const host = String(await freePort());
    const container = await docker.createContainer({
      name: `${name}-${which}`,
      Image: await provideStandIn(docker, which, { base }),
      ExposedPorts: { [`${port}/tcp`]: {} },
      HostConfig: { PortBindings: { [`${port}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: host }] } },
      ...options,
    });
    await container.start();
    return host;
  };
  const postgres = await run('postgres', 5432, {
    Env: ['POSTGRES_DB=claude_env', 'POSTGRES_USER=claude', `POSTGRES_PASSWORD=${secrets['db-password']}`],
  });
  const redis = await run('redis', 6379, { Cmd: ['redis-server', '--requirepass', secrets['redis-password']] });
  const container = (which: StandIn) => docker.getContainer(`${name}-${which}`);
  return {
    env: { DB_HOST: '127.0.0.1', DB_PORT: postgres, REDIS_HOST: '127.0.0.1', REDIS_PORT: redis },
    secrets,
    stop: async (which) => {
      await container(which).stop();
    },
    kill: async (which) => {
      await container(which).kill();
    },
    start: async (which) => {
      const tail = { follow: true as const, stdout: true, stderr: true, since: Math.floor(Date.now() / 1000) };
      await container(which).start();
      const stream = (await container(which).logs(tail)) as Readable;
      for await (const line of createInterface({ input: stream })) if (/ready to accept connections/i.test(line)) break;
      stream.destroy();
    },
    read: async (sql) => {
      const Cmd = [
        'psql',
        '--username=claude',
        '--dbname=claude_env',
        '--tuples-only',
        '--no-align',
        // On a terminal it waits for somebody to turn the page.
        '--pset=pager=off',
        `--command=${sql}`,
      ];
      const exec = await container('postgres').exec({ Cmd, AttachStdout: true, AttachStderr: true, Tty: true });
      const stream = await exec.start({ Tty: true });
      const text = (await stream.setEncoding('utf8').toArray()).join('');
      const { ExitCode } = await exec.inspect();
      if (ExitCode !== 0) throw new Error(text);
      return text.split(/\r?\n/).filter((line) => line !== '');
    },
  };
}
