import type { Plan, PlanStep, StepKind } from '../../../../preload/contract/model.ts';
import type { PlanCredential } from '../../../../preload/contract/plan-values.ts';
import { sourceText } from '../../../core/opaque.ts';
import { oneLine, type Paint } from '../io.ts';
import { diagnosticText } from './errors.ts';
import { columns, count } from './table.ts';

/** What a step does, as a command and once it is done. */
export const verbs: Readonly<
  Record<StepKind, { readonly will: string; readonly doing: string; readonly did: string }>
> = {
  'pull-image': { will: 'pull', doing: 'pulling', did: 'pulled' },
  'build-image': { will: 'build', doing: 'building', did: 'built' },
  'create-network': { will: 'create network', doing: 'creating network', did: 'created network' },
  'remove-network': { will: 'remove network', doing: 'removing network', did: 'removed network' },
  'create-volume': { will: 'create volume', doing: 'creating volume', did: 'created volume' },
  'remove-volume': { will: 'remove volume', doing: 'removing volume', did: 'removed volume' },
  'create-container': { will: 'create', doing: 'creating', did: 'created' },
  'deliver-files': { will: 'copy secrets and configs into', doing: 'copying files into', did: 'copied files into' },
  'start-container': { will: 'start', doing: 'starting', did: 'started' },
  'stop-container': { will: 'stop', doing: 'stopping', did: 'stopped' },
  'restart-container': { will: 'restart', doing: 'restarting', did: 'restarted' },
  'kill-container': { will: 'send signal to', doing: 'sending signal to', did: 'sent signal to' },
  'pause-container': { will: 'pause', doing: 'pausing', did: 'paused' },
  'unpause-container': { will: 'resume', doing: 'resuming', did: 'resumed' },
  'remove-container': { will: 'remove', doing: 'removing', did: 'removed' },
  'rename-container': { will: 'rename', doing: 'renaming', did: 'renamed' },
  'connect-network': { will: 'connect', doing: 'connecting', did: 'connected' },
  'disconnect-network': { will: 'disconnect', doing: 'disconnecting', did: 'disconnected' },
  'wait-healthy': { will: 'wait until healthy', doing: 'waiting until healthy', did: 'healthy' },
  'wait-completed': { will: 'wait until finished', doing: 'waiting until finished', did: 'finished' },
  'wait-running': { will: 'wait until running', doing: 'waiting until running', did: 'running' },
  'run-hook': { will: 'run hook in', doing: 'running hook in', did: 'ran hook in' },
  'create-service': { will: 'create service', doing: 'creating service', did: 'created service' },
  'update-service': { will: 'update service', doing: 'updating service', did: 'updated service' },
  'rollback-service': { will: 'roll back', doing: 'rolling back', did: 'rolled back' },
  'remove-service': { will: 'remove service', doing: 'removing service', did: 'removed service' },
  'create-secret': { will: 'create secret', doing: 'creating secret', did: 'created secret' },
  'remove-secret': { will: 'remove secret', doing: 'removing secret', did: 'removed secret' },
  'create-config': { will: 'create config', doing: 'creating config', did: 'created config' },
  'remove-config': { will: 'remove config', doing: 'removing config', did: 'removed config' },
  'wait-converged': { will: 'wait for', doing: 'waiting for', did: 'runs' },
  'send-image': { will: 'copy image', doing: 'copying image', did: 'copied image' },
  'push-image': { will: 'push image', doing: 'pushing image', did: 'pushed image' },
  'check-image': { will: 'look for image', doing: 'looking for image', did: 'found image' },
  'backup-volume': { will: 'back up', doing: 'backing up', did: 'backed up' },
  'restore-volume': { will: 'restore', doing: 'restoring', did: 'restored' },
  'run-job': { will: 'run job', doing: 'running job', did: 'ran job' },
  'wait-removed': { will: 'wait until gone', doing: 'waiting until gone', did: 'gone' },
};

const row = (step: PlanStep, paint: Paint): readonly string[] => [
  step.destructive ? paint('red', verbs[step.kind].will) : verbs[step.kind].will,
  step.target,
  paint('dim', oneLine(step.cause)),
];

/** The steps with their causes, what would be lost, and what stands in the way. */
export function planText(plan: Plan, paint: Paint): string {
  const { steps, losses, warnings, conflicts, problems } = plan;
  const project = plan.stack.slice(plan.stack.indexOf('/') + 1);
  return [
    `${paint('bold', `${plan.action} ${project}`)}  ${paint('dim', steps.length === 0 ? 'nothing to do' : count(steps.length, 'step'))}`,
    ...columns(steps.map((step) => row(step, paint))),
    ...(plan.credentials ?? []).map((one) => credentialText(one, paint)),
    ...losses.map((loss) => `  ${paint('red', 'lost')}  ${loss}`),
    ...warnings.map((warning) => diagnosticText(warning, paint)),
    ...conflicts.map((conflict) => conflictText(conflict, paint)),
    ...problems.map((problem) => diagnosticText(problem, paint)),
  ].join('\n');
}

/** Which value goes where; never the value. */
function credentialText(one: PlanCredential, paint: Paint): string {
  const first = one.agreed ? '' : paint('yellow', ', for the first time');
  return `  ${paint('cyan', 'gives')}  ${one.name} (${sourceText(one.source)}) to ${one.services.join(', ')}${first}`;
}

function conflictText(conflict: Plan['conflicts'][number], paint: Paint): string {
  const { port, owner, alternative, service, where } = conflict;
  const place = where === undefined ? '' : ` (${where.file}:${where.line}:${where.column})`;
  const free = alternative === undefined ? '' : `; ${alternative} is free`;
  return `  ${paint('red', 'taken')}  port ${port.host ?? port.container} for ${service}: held by ${owner}${free}${place}`;
}
