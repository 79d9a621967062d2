import { AppFailure } from '../../main/core/app-failure.ts';
import type { EngineConnection } from '../../main/services/ports.ts';

const refused = async (): Promise<never> => {
  throw new AppFailure({ code: 'unsupported', message: 'The fake engine has no processes and no files.' });
};

/** What only a real engine can answer; tried in test/docker, test/cli and test/swarm. */
export const realEngineOnly: Pick<
  EngineConnection,
  | 'attach'
  | 'copyOut'
  | 'copyIn'
  | 'processes'
  | 'image'
  | 'loadImage'
  | 'checkLogin'
  | 'membership'
  | 'swarmStacks'
  | 'volumes'
> = {
  attach: refused,
  copyOut: refused,
  copyIn: refused,
  processes: refused,
  image: refused,
  loadImage: refused,
  checkLogin: refused,
  volumes: {
    find: refused,
    users: refused,
    ended: refused,
    read: refused,
    create: refused,
    remove: refused,
    fill: refused,
  },
  swarmStacks: {
    observe: refused,
    list: refused,
    services: refused,
    tasks: refused,
    logs: refused,
    lease: refused,
  },
  membership: {
    self: refused,
    swarm: refused,
    nodes: refused,
    heard: async () => undefined,
    init: refused,
    join: refused,
    leave: refused,
    unlock: refused,
    unlockKey: refused,
    change: refused,
    changeNode: refused,
    removeNode: refused,
    startResponder: refused,
    callResponder: refused,
    stopProbe: refused,
    localImage: refused,
    encrypts: refused,
    routes: refused,
    tasksHere: refused,
  },
};
