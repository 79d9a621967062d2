import type { AppError } from '../../../preload/contract/errors.ts';
import type { Plan } from '../../../preload/contract/model.ts';
import type {
  TeamStackPlan as ShownPlan,
  TeamStackOptions,
  TeamStackStep,
} from '../../../preload/contract/team-stack.ts';
import { describePreparation, type Preparation } from '../../core/team-stack/plan.ts';
import type { TeamStackPlan } from './index.ts';
import type { TeamStackChoices } from './kept.ts';

/* What a page is told of the plan and the choices, without what main alone has. */

/** All that was looked at for one plan, and the fingerprint by which all of it is agreed to. */
export interface Looked {
  readonly planned: TeamStackPlan;
  readonly build: Plan | undefined;
  readonly deploy: Plan | undefined;
  /** Why the keychain takes nothing of what has to be made. */
  readonly trouble: AppError | undefined;
  readonly fingerprint: string;
}

export const isNothing = ({ steps, problems, conflicts }: Plan): boolean =>
  steps.length + problems.length + conflicts.length === 0;

const toStep = (step: Preparation): TeamStackStep => ({
  kind: step.kind,
  target: describePreparation(step),
  cause: step.cause,
});

export const toShown = ({ planned, build, deploy, trouble, fingerprint }: Looked): ShownPlan => ({
  team: planned.team,
  addresses: [...planned.addresses],
  steps: planned.steps.map(toStep),
  ...(build === undefined || isNothing(build) ? {} : { build }),
  ...(deploy === undefined ? {} : { deploy }),
  // In a page nothing is made without a keychain, which `trouble` says.
  notes: planned.notes.filter((note) => note !== planned.forgets),
  ...(trouble === undefined ? {} : { trouble }),
  fingerprint,
});

export const toOptions = ({
  names,
  port,
  registry = '',
  configRepo = '',
  configBranch = '',
  monitoring,
}: TeamStackChoices): TeamStackOptions => ({
  names: [...names],
  port,
  registry,
  configRepo,
  configBranch,
  monitoring,
});
