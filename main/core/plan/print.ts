import { hideMarks, sourceText } from '../opaque.ts';
import { findGivenValues } from './given-values.ts';
import { laterText } from './later-ids.ts';
import type { CorePlan, Sha256, Step } from './plan.ts';

/** A plan as text: one line a step with its cause, what it comes after, then losses, conflicts and warnings. */
export function printPlan(plan: CorePlan): string {
  const lines = [
    plan.steps.length === 0
      ? `${plan.action} ${plan.project}: nothing to do`
      : `${plan.action} ${plan.project}: ${plan.steps.length} ${plan.steps.length === 1 ? 'step' : 'steps'}`,
  ];
  const numbers = new Map(plan.steps.map((step, index) => [step.id, index + 1]));
  const width = String(plan.steps.length).length;
  for (const step of plan.steps) {
    const number = String(numbers.get(step.id)).padStart(width);
    const after = step.after.map((id) => numbers.get(id) ?? '?').sort((a, b) => Number(a) - Number(b));
    lines.push(
      `${number}. ${step.id}${details(step)} — ${step.cause}${after.length === 0 ? '' : ` (after ${after.join(', ')})`}${step.destructive ? ' [destructive]' : ''}`,
    );
  }
  for (const { name, source, services } of findGivenValues(plan.steps)) {
    if (source !== undefined) lines.push(`gives: ${name} (${sourceText(source)}) to ${services.join(', ')}`);
  }
  for (const loss of plan.losses) lines.push(`loses: ${loss}`);
  for (const conflict of plan.conflicts) {
    const { host, hostIp, protocol } = conflict.port;
    const address = `${hostIp === undefined ? '' : `${hostIp}:`}${host ?? ''}/${protocol}`;
    const free = conflict.alternative === undefined ? '' : `; ${conflict.alternative} is free`;
    lines.push(`conflict: ${conflict.service} wants port ${address}, held by ${conflict.owner}${free}`);
  }
  for (const problem of plan.problems) {
    lines.push(`problem: ${problem.message}${problem.hint === undefined ? '' : ` — ${problem.hint}`}`);
  }
  for (const warning of plan.warnings) {
    lines.push(`${warning.severity}: ${warning.message}${warning.hint === undefined ? '' : ` — ${warning.hint}`}`);
  }
  return `${lines.join('\n')}\n`;
}

/** What a reader of the plan cannot see from kind and target. */
function details(step: Step): string {
  switch (step.kind) {
    case 'create-container':
      return step.later === undefined ? '' : ` (${laterText(step.later)})`;
    case 'rename-container':
      return ` to ${step.to}`;
    case 'stop-container':
      return step.hooks.length === 0 ? '' : ` (${step.hooks.length} pre_stop)`;
    case 'run-hook':
      return ` $ ${hideMarks(step.hook.command.join(' '), { sources: true })}`;
    case 'remove-container':
      return step.removeVolumes ? ' with anonymous volumes' : '';
    case 'wait-healthy':
    case 'wait-completed':
    case 'wait-running':
      return `${step.optional ? ' (optional)' : ''}${step.timeout === undefined ? '' : ` (${step.timeout} s at most)`}`;
    case 'pull-image':
      return step.optional === true ? ' (optional)' : '';
    default:
      return '';
  }
}

/** JSON leaves out what a Map has, and of the steps only a build has Maps. */
const mapsAsPairs = (_key: string, value: unknown): unknown => (value instanceof Map ? [...value] : value);
const asWritten = (step: Step): object =>
  step.kind === 'build-image' ? { build: JSON.stringify(step.build, mapsAsPairs) } : {};

/**
 * Guards the confirmation: the same text means the same steps on the same objects (their ids are in the steps), with the
 * same bodies, losses and conflicts. What is only said (causes, warnings) does not count. Secrets that appear in a create
 * body (environment) enter the hash, never the text. A step's members stand in the order in which the planner writes them.
 */
export function fingerprint({ project, action, steps, losses, conflicts }: CorePlan, sha256: Sha256): string {
  const done = steps.map((step) => ({ ...step, ...asWritten(step), cause: undefined, after: [...step.after].sort() }));
  return sha256(JSON.stringify({ project, action, steps: done, losses, conflicts })).slice(0, 32);
}
