import type { Operation, PlanAction, Service, StepKind } from '../../preload/contract/model.ts';

interface ActionWords {
  /** A button: "Redeploy". */
  readonly verb: string;
  /** While it runs: "Redeploying Local". */
  readonly doing: string;
  /** When it has ended well: "Redeployed Local". */
  readonly done: string;
  /** As the object of "could not". */
  readonly infinitive: string;
}

export const actionWords: Readonly<Record<PlanAction, ActionWords>> = {
  up: { verb: 'Redeploy', doing: 'Redeploying', done: 'Redeployed', infinitive: 'redeploy' },
  down: { verb: 'Remove', doing: 'Removing', done: 'Removed', infinitive: 'remove' },
  start: { verb: 'Start', doing: 'Starting', done: 'Started', infinitive: 'start' },
  stop: { verb: 'Stop', doing: 'Stopping', done: 'Stopped', infinitive: 'stop' },
  restart: { verb: 'Restart', doing: 'Restarting', done: 'Restarted', infinitive: 'restart' },
  build: { verb: 'Build images', doing: 'Building images of', done: 'Built images of', infinitive: 'build images of' },
  pull: {
    verb: 'Pull newer images',
    doing: 'Pulling images of',
    done: 'Pulled images of',
    infinitive: 'pull images of',
  },
  scale: { verb: 'Scale', doing: 'Scaling', done: 'Scaled', infinitive: 'scale' },
  run: {
    verb: 'Run once',
    doing: 'Running a one-off of',
    done: 'Started a one-off of',
    infinitive: 'run a one-off of',
  },
  kill: {
    verb: 'Kill',
    doing: 'Sending a signal to',
    done: 'Sent a signal to',
    infinitive: 'send a signal to',
  },
  pause: { verb: 'Pause', doing: 'Pausing', done: 'Paused', infinitive: 'pause' },
  unpause: { verb: 'Resume', doing: 'Resuming', done: 'Resumed', infinitive: 'resume' },
  deploy: { verb: 'Deploy', doing: 'Deploying', done: 'Deployed', infinitive: 'deploy' },
  rollback: { verb: 'Roll back', doing: 'Rolling back', done: 'Rolled back', infinitive: 'roll back' },
  'restore-volume': {
    verb: 'Restore',
    doing: 'Restoring a volume of',
    done: 'Restored a volume of',
    infinitive: 'restore a volume of',
  },
  rm: {
    verb: 'Remove containers',
    doing: 'Removing containers of',
    done: 'Removed containers of',
    infinitive: 'remove containers of',
  },
};

/** "Redeploying Local", "Could not redeploy Local". */
export function operationTitle(operation: Pick<Operation, 'action' | 'state' | 'steps'>, title: string): string {
  // On a Swarm `rm` takes the stack away, and not what ended of it.
  const isStack = operation.steps.some(({ kind }) => kind === 'remove-service');
  const words = actionWords[operation.action === 'rm' && isStack ? 'down' : operation.action];
  switch (operation.state) {
    case 'running':
      return `${words.doing} ${title}`;
    case 'cancelling':
      return `Cancelling: ${words.infinitive} ${title}`;
    case 'done':
      return `${words.done} ${title}`;
    case 'failed':
      return `Could not ${words.infinitive} ${title}`;
    case 'cancelled':
      return `Cancelled: ${words.infinitive} ${title}`;
  }
}

export const stepWords: Readonly<Record<StepKind, string>> = {
  'pull-image': 'Pull image',
  'build-image': 'Build image',
  'create-network': 'Create network',
  'remove-network': 'Remove network',
  'create-volume': 'Create volume',
  'remove-volume': 'Remove volume',
  'create-container': 'Create container',
  'deliver-files': 'Copy files',
  'start-container': 'Start container',
  'stop-container': 'Stop container',
  'restart-container': 'Restart container',
  'kill-container': 'Send signal to container',
  'pause-container': 'Pause container',
  'unpause-container': 'Resume container',
  'remove-container': 'Remove container',
  'rename-container': 'Rename container',
  'connect-network': 'Connect network',
  'disconnect-network': 'Disconnect network',
  'wait-healthy': 'Wait until healthy',
  'wait-completed': 'Wait until completed',
  'wait-running': 'Wait until running',
  'run-hook': 'Run hook',
  'create-service': 'Create service',
  'update-service': 'Update service',
  'rollback-service': 'Roll back service',
  'remove-service': 'Remove service',
  'create-secret': 'Create secret',
  'remove-secret': 'Remove secret',
  'create-config': 'Create config',
  'remove-config': 'Remove config',
  'wait-converged': 'Wait until its tasks run',
  'send-image': 'Copy image',
  'push-image': 'Push image',
  'check-image': 'Look for image on nodes',
  'backup-volume': 'Back up volume',
  'restore-volume': 'Restore volume',
  'run-job': 'Run job',
  'wait-removed': 'Wait until tasks are gone',
};

/** What the state column says: the state people act on, with Docker's own word where it adds something. */
export function serviceStateWords(service: Service): string {
  if (service.state === 'running') {
    return service.health === 'none' || service.health === 'healthy'
      ? service.health === 'healthy'
        ? 'healthy'
        : 'running'
      : service.health;
  }
  if (service.state === 'absent') return 'not created';
  if (service.state === 'exited') return service.aggregate === 'completed' ? 'completed' : exitWords(service);
  return service.state;
}

function exitWords(service: Service): string {
  const code = service.containers.find((container) => container.exitCode !== undefined)?.exitCode;
  return code === undefined || (code === 0 && service.aggregate === 'stopped') ? 'stopped' : `exited (${code})`;
}

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
