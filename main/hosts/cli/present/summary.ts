import type { Operation, PlanAction, Service } from '../../../../preload/contract/model.ts';
import { programName } from '../../shared/program-name.ts';
import type { Paint } from '../io.ts';
import { serviceLines } from './services.ts';
import { count, duration } from './table.ts';

const runs = (service: Service): boolean => service.state === 'running';
const isFine = (service: Service): boolean => service.aggregate === 'healthy' || service.aggregate === 'completed';

/** `2 services are running and healthy`, and the exceptions by name. */
export function stateSentence(services: readonly Service[]): string {
  if (services.length === 0) return 'there are no containers';
  const running = services.filter(runs);
  const bad = services.filter((service) => !isFine(service) && service.state !== 'absent');
  if (running.length === 0) return 'no service is running';
  const verb = running.length === 1 ? 'is' : 'are';
  const healthy = running.every(({ health }) => health === 'healthy') ? ' and healthy' : '';
  const except = bad.length === 0 ? '' : `; ${bad.map(({ name, aggregate }) => `${name} is ${aggregate}`).join(', ')}`;
  return `${count(running.length, 'service')} ${verb} running${healthy}${except}`;
}

export const nothingToDoText = (_action: PlanAction, services: readonly Service[]): string =>
  `Nothing to do: ${stateSentence(services)}`;

export interface DoneOptions {
  readonly operation: Operation;
  readonly services: readonly Service[];
  /** How the stack is named in a command. */
  readonly prefix: string;
  /** What surely is in the containers. */
  readonly shell: 'bash' | 'sh';
  readonly now: number;
  readonly paint: Paint;
}

const next = ({ prefix, shell, services }: DoneOptions): readonly string[] => {
  const name = services.find(({ mcp, state }) => mcp === undefined && state === 'running')?.name;
  return [
    `  ${programName()} open`,
    ...(name === undefined ? [] : [`  ${prefix} exec ${name} ${shell}`]),
    `  ${prefix} logs --follow`,
  ];
};

/** What there is now, where to reach it, and what one does next. */
export function doneText(options: DoneOptions): string {
  const { operation, services, now, paint } = options;
  const time = duration(Date.parse(operation.endedAt ?? operation.startedAt) - Date.parse(operation.startedAt));
  const head = `${paint('green', 'Done')} in ${time}: ${stateSentence(services)}`;
  const present = services.filter(({ state }) => state !== 'absent');
  if (!['up', 'start', 'restart'].includes(operation.action) || present.length === 0) return head;
  return [head, '', ...serviceLines(present, now, paint), '', paint('dim', 'Next'), ...next(options)].join('\n');
}
