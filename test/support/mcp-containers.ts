import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { inRoot } from '../../scripts/setup/paths.mjs';
import type { TestEngine } from './engine.ts';
import { serviceKey } from './gateway-stand.ts';
import { provideModules } from './image-service.ts';
import { mcpModules } from './mcp.ts';

/*
 * The supervisor of MCP servers and the gateway in containers, as their images run them, but from this folder instead of built: the
 * engine's DNS then answers for `tasks.<service>` as a Swarm's does. Of an engine on this machine.
 */

const mcp = '/var/lib/mcp/sequential';
const startMcp = `mkdir -p ${mcp}/tmp && chown -R 3002:3002 ${mcp} && exec "$@"`;
const supervisor = ['node', '/opt/mcp/supervisor/main.mjs'];
const node = `${process.execPath}:/usr/local/bin/node:ro`;

/** Resolves when the container has said the words. */
async function waitForLine(container: Docker.Container, words: string): Promise<void> {
  const stream = await container.logs({ follow: true, stdout: true, stderr: true });
  let said = '';
  try {
    for await (const chunk of stream) {
      said += String(chunk);
      if (said.includes(words)) return;
    }
  } finally {
    (stream as unknown as { destroy: () => void }).destroy();
  }
  throw new Error(`The container ended before it had said "${words}":\n${said}`);
}

export interface McpStand {
  /** Address of the network's own side: containers reach this process there. */
  readonly host: string;
  /**
   * Starts one more replica of the server `sequential`, on one CPU alone if wanted; `preload` is a module that it loads first, which
   * finds files of its own in TLS_FOLDER, `folder` here. `address` as the gateway knows it.
   */
  readonly addReplica: (options?: {
    readonly cpu?: number;
    readonly preload?: { readonly module: string; readonly folder: string };
  }) => Promise<{
    readonly address: string;
    readonly kill: () => Promise<void>;
    /** Microseconds of CPU that it has taken. */
    readonly cpu: () => Promise<number>;
  }>;
  /** @returns its address inside of the engine's network: `http://address:port` */
  readonly startGateway: (env: Readonly<Record<string, string>>) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** A network for a gateway and replicas. `engine.cleanUp` removes what is in it. */
export async function createMcpStand(engine: TestEngine): Promise<McpStand> {
  const { docker, base, uniqueName } = engine;
  const name = uniqueName('mcp');
  const network = await docker.createNetwork({ Name: name });
  const info = (await network.inspect()) as { IPAM: { Config: { Gateway: string }[] } };
  const folder = await mkdtemp(join(tmpdir(), 'claude-env-mcp-stand-'));
  const key = join(folder, 'service-key');
  await writeFile(key, serviceKey, { mode: 0o644 });
  const host = info.IPAM.Config[0]?.Gateway ?? '';
  // Of replicas that are asked by their address: the first ones of the network.
  const addresses = Array.from({ length: 20 }, (_, index) => host.replace(/\d+$/, String(index + 2)));
  let count = 0;

  const start = async (options: {
    readonly create: Docker.ContainerCreateOptions;
    readonly aliases: readonly string[];
    readonly words: string;
  }) => {
    count += 1;
    const container = await docker.createContainer({
      ...options.create,
      Image: base,
      name: `${name}-${count}`,
      NetworkingConfig: { EndpointsConfig: { [name]: { Aliases: [...options.aliases] } } },
      HostConfig: { ...options.create.HostConfig, NetworkMode: name },
    });
    await container.start();
    await waitForLine(container, options.words);
    const { NetworkSettings } = await container.inspect();
    return { container, address: NetworkSettings.Networks[name]?.IPAddress ?? '' };
  };

  return {
    host,
    addReplica: async ({ cpu, preload } = {}) => {
      const [program = '', ...main] = supervisor;
      const started = preload === undefined ? supervisor : [program, '--import', '/opt/preload.mjs', ...main];
      const command = cpu === undefined ? started : ['taskset', '--cpu-list', String(cpu), ...started];
      const binds = [node, `${await mcpModules()}:/opt/mcp/node_modules:ro`];
      if (preload !== undefined)
        binds.push(`${preload.module}:/opt/preload.mjs:ro`, `${preload.folder}:/opt/preload:ro`);
      const { container, address } = await start({
        create: {
          Cmd: ['sh', '-c', startMcp, 'sh', ...command],
          Env: [
            'MCP_SERVERS=sequential',
            `MCP_ALLOWED_HOSTS=mcp-sequential,${addresses.join(',')}`,
            'TLS_FOLDER=/opt/preload',
          ],
          HostConfig: { Binds: [...binds, `${inRoot('resources/images/mcp/supervisor')}:/opt/mcp/supervisor:ro`] },
        },
        aliases: ['tasks.mcp-sequential'],
        words: 'sequential: ready',
      });
      return {
        address: `${address}:3002`,
        kill: () => container.kill(),
        cpu: async () =>
          (await container.stats({ stream: false, 'one-shot': true })).cpu_stats.cpu_usage.total_usage / 1000,
      };
    },
    startGateway: async (env) => {
      const { address } = await start({
        create: {
          Cmd: ['node', '/opt/service/gateway/main.mjs'],
          User: '10001:10001',
          Env: Object.entries({ GATEWAY_PLAIN: 'true', ...env }).map(([variable, value]) => `${variable}=${value}`),
          HostConfig: {
            Binds: [
              node,
              `${key}:/run/secrets/service-key:ro`,
              `${inRoot('resources/images/common/service')}:/opt/service/common/service:ro`,
              `${inRoot('resources/images/gateway')}:/opt/service/gateway:ro`,
              `${join(await provideModules('gateway'), 'node_modules')}:/opt/service/node_modules:ro`,
            ],
            ReadonlyRootfs: true,
            CapDrop: ['ALL'],
          },
        },
        aliases: ['tasks.gateway'],
        words: '"listening"',
      });
      return `http://${address}:8080`;
    },
    close: async () => {
      await engine.cleanUp();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
