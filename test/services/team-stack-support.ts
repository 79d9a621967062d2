import type { SwarmNode } from '../../main/core/swarm/membership.ts';
import type { ObservedStack } from '../../main/core/swarm/observed.ts';
import type { EngineConnection } from '../../main/services/ports.ts';
import { memberNode, memberSelf, observedStack } from '../support/builders-swarm.ts';
import { realEngineOnly } from '../support/fake-conversations.ts';
import { createFakeEngine } from '../support/fake-engine.ts';
import { createWorld } from './support.ts';

/* Where `team up` is planned and prepared on fakes: one machine, one Swarm. */

export const server = { 'io.claude-env.role': 'server' };
export const stackLabels = (key: string) => ({ 'com.docker.stack.namespace': 'claude-team', 'io.claude-env.key': key });

/** One manager that is a server, asked by somebody who has every image. `observed` may be changed between two looks. */
export function teamStackWorld(
  options: {
    observed?: Partial<ObservedStack>;
    swarm?: string;
    readonly environment?: Record<string, string>;
    readonly connection?: Partial<Pick<EngineConnection, 'image' | 'askRegistry'>>;
  } = {},
) {
  const nodes: SwarmNode[] = [
    memberNode({
      id: 'n1',
      hostname: 'n1',
      address: '10.0.0.1',
      labels: server,
      role: 'manager',
      manager: { leader: true, reachable: true, address: '10.0.0.1:2377' },
    }),
  ];
  const marks: string[] = [];
  const engineId = createFakeEngine().id;
  const made = createWorld({
    ...(options.environment === undefined ? {} : { environment: options.environment }),
    documents: {
      teams: {
        version: 1,
        teams: [
          {
            engine: engineId,
            nodeId: 'n1',
            team: 'Falcon',
            caDigest: '',
            role: 'manager',
            machine: 'server',
            managers: [],
            joinedAt: 0,
          },
        ],
      },
    },
    prepare: ({ connection }) =>
      Object.assign(connection, {
        membership: {
          ...realEngineOnly.membership,
          self: async () => memberSelf({ manager: true, nodeId: 'n1' }),
          nodes: async () => nodes,
          swarm: async () => ({ id: options.swarm ?? 'swarm1', labels: {} }),
          changeNode: async (id: string, { labels }: { readonly labels: Readonly<Record<string, string>> }) => {
            marks.push(id);
            const at = nodes.findIndex((node) => node.id === id);
            const node = nodes[at];
            if (node !== undefined) nodes[at] = { ...node, labels: { ...node.labels, ...labels } };
          },
        },
        swarmStacks: { observe: async () => observedStack('claude-team', options.observed) },
        image: async (tag: string) => ({ id: `sha256:${tag}`, tags: [tag], platform: 'linux/amd64', bytes: 1 }),
        ...options.connection,
      }),
  });
  const { teamStack } = made.services;
  return { ...made, teamStack, marks, nodes };
}

export const kinds = (steps: readonly { readonly kind: string }[]) => steps.map(({ kind }) => kind);
