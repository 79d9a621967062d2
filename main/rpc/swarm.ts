import type { SwarmChange, swarmMethods } from '../../preload/contract/swarm-change.ts';
import { deploysOf } from '../core/swarm/record.ts';
import type { Services, StackTarget } from '../services/services.ts';
import type { StackRequest } from '../services/swarm-plan.ts';
import type { ServiceHandlers, StreamHandlers } from './handlers.ts';

type SwarmHandlers = Pick<ServiceHandlers, keyof typeof swarmMethods>;

function toStackRequest(change: SwarmChange): StackRequest {
  switch (change.kind) {
    case 'deploy': {
      const { ordered, canary, registry } = change.options;
      const options = {
        ...toKeeping(change.options),
        ...(ordered === undefined ? {} : { ordered }),
        ...(canary === undefined ? {} : { canary }),
        ...(registry === undefined ? {} : { registry }),
      };
      return { kind: 'deploy', options };
    }
    case 'scale':
      return { kind: 'scale', replicas: { [change.service]: change.replicas } };
    case 'go-back':
      return { kind: 'go-back', to: change.to, options: toKeeping(change.options) };
    default:
      return change;
  }
}

type Keeping = Extract<SwarmChange, { kind: 'go-back' }>['options'];

const toKeeping = ({ prune, resetScale }: Keeping) => ({
  ...(prune === undefined ? {} : { prune }),
  ...(resetScale === undefined ? {} : { resetScale }),
});

interface Asked {
  readonly engine: string;
  readonly stack?: string | undefined;
  readonly change: SwarmChange;
  readonly backup?: boolean | undefined;
}

const toRequest = ({ change, backup }: Asked): StackRequest => ({
  ...toStackRequest(change),
  ...(backup === undefined ? {} : { backup }),
});

const toTarget = ({ engine, stack, change }: Asked): StackTarget => ({
  engine,
  ...(stack === undefined ? {} : { project: stack }),
  ...(change.kind === 'deploy' ? { files: change.files } : {}),
});

/** Stacks on a Swarm. */
export const createSwarmHandlers = ({ swarm }: Services): SwarmHandlers => ({
  'swarm.plan': (asked) => swarm.plan(toTarget(asked), toRequest(asked)),
  'swarm.run': ({ fingerprint, agree, ...asked }) =>
    swarm.run(toTarget(asked), toRequest(asked), { fingerprint, agree }),
  'swarm.history': async ({ engine, stack }) => ({
    deploys: deploysOf(await swarm.look({ engine, project: stack })).map(({ data, ...one }) => ({
      ...one,
      back: data !== undefined,
    })),
  }),
});

export const createSwarmLogsHandler =
  ({ swarm }: Services): StreamHandlers['swarmLogs'] =>
  ({ engine, stack, service, tail, since, follow = false }, send, signal) => {
    const wanted = {
      follow,
      ...(tail === undefined ? {} : { tail }),
      ...(since === undefined ? {} : { since }),
    };
    return swarm.logs({ engine, project: stack }, { service, wanted }, send, signal);
  };
