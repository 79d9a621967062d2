import { resolve } from 'node:path';
import type { Plan } from '../../../../../preload/contract/model.ts';
import { AppFailure } from '../../../../core/app-failure.ts';
import { describePreparation, type Preparation } from '../../../../core/team-stack/plan.ts';
import { findObstacle } from '../../../../services/obstacles.ts';
import type { Adopted } from '../../../../services/team-services/join.ts';
import type { TeamStackPlan, TeamStackWish } from '../../../../services/team-stack/index.ts';
import { programName } from '../../../shared/program-name.ts';
import { exitCodes } from '../../exit-codes.ts';
import { verbs } from '../../present/plan.ts';
import { columns, count } from '../../present/table.ts';
import { type Command, type Context, cancelled } from '../../run.ts';
import { follow, planned, startRun } from '../change.ts';
import { agreeTo, changeStack } from '../stack.ts';

export interface TeamUpFlags extends Pick<TeamStackWish, 'choices' | 'newAuthority'> {
  /** Files whose text is kept: who may sign the configuration, and which keys its host has. */
  readonly allowedSigners?: string;
  readonly knownHosts?: string;
}

const building = { action: 'build', options: { changed: true } } as const;

/**
 * The team's services from nothing, or whatever of them is missing or another one by now: secrets and certificate, images, the
 * stack. One question for all of it; the stack's own plan is shown when its images are there.
 */
export const teamUp =
  (flags: TeamUpFlags): Command =>
  async (context) => {
    const { io, services, target } = context;
    const wish = {
      ...(await toWish(context, flags)),
      ...(target.engine === undefined ? {} : { engine: target.engine }),
    };
    const plan = await services.teamStack.plan(wish);
    const builds = await planBuilds(context, plan);
    const { team, steps, notes, addresses } = plan;
    io.data({ type: 'team-plan', team, steps, notes, addresses, builds: builds?.steps ?? [] });
    for (const note of notes) io.warn(`${io.paint('yellow', '▲')} ${note}`);
    const buildSteps = builds?.steps.length ?? 0;
    if (steps.length + buildSteps === 0)
      return deploy(context, plan, { asks: `This changes the services of ${team}.` });

    io.say(planText(context, plan, builds));
    await agreeTo(context, `This makes the services of ${team} what the plan says.`);
    const { unkept } = await services.teamStack.prepare(plan);
    if (builds !== undefined && buildSteps > 0) await build({ ...context, target: plan.build ?? target }, builds);
    const { newAuthority: _made, ...again } = wish;
    const ready = await services.teamStack.plan(again);
    if (unkept === undefined) return deploy(context, ready, { agreed: true });
    return deployUnkept(context, ready, unkept);
  };

async function toWish({ services }: Context, flags: TeamUpFlags): Promise<TeamStackWish> {
  const read = async (key: 'allowedSigners' | 'knownHosts') => {
    const file = flags[key];
    return file === undefined ? {} : { [key]: await services.teamStack.readText(resolve(file)) };
  };
  const texts = { ...(await read('allowedSigners')), ...(await read('knownHosts')) };
  const { choices, newAuthority } = flags;
  return { choices: { ...choices, ...texts }, ...(newAuthority === true ? { newAuthority } : {}) };
}

/** Only what is missing or was built from something else. Throws what stands in the way of it. */
async function planBuilds(context: Context, { build: target }: TeamStackPlan): Promise<Plan | undefined> {
  if (target === undefined) return undefined;
  const plan = await planned({ ...context, target }, building);
  const obstacle = findObstacle(plan);
  if (obstacle !== undefined) throw obstacle;
  return plan;
}

async function build(context: Context, plan: Plan): Promise<void> {
  const operation = await follow(context, await startRun(context, building, plan), false);
  if (operation.state === 'done') return;
  throw operation.error === undefined ? cancelled() : new AppFailure(operation.error);
}

const preparing: Readonly<Record<Preparation['kind'], string>> = {
  'make-authority': 'make',
  'issue-certificate': 'issue',
  'forget-certificate': 'forget',
  'make-value': 'make',
  'mark-node': 'mark',
};

function planText({ io }: Context, { team, steps }: TeamStackPlan, builds: Plan | undefined): string {
  const images = builds?.steps ?? [];
  const rows = [
    ...steps.map((step) => [preparing[step.kind], describePreparation(step), io.paint('dim', step.cause)]),
    ...images.map((step) => [verbs[step.kind].will, step.target, io.paint('dim', step.cause)]),
    ['deploy', 'the stack claude-team', io.paint('dim', 'its own plan is shown when these are there')],
  ];
  const total = count(steps.length + images.length, 'step');
  return [
    `${io.paint('bold', `team up ${team}`)}  ${io.paint('dim', `${total}, then a deploy`)}`,
    ...columns(rows),
  ].join('\n');
}

async function deploy(
  context: Context,
  plan: TeamStackPlan,
  consent: { readonly asks?: string; readonly agreed?: boolean },
): Promise<number> {
  const { io } = context;
  const change = changeStack({ request: { kind: 'deploy', options: plan.options }, ...consent });
  const code = await change({ ...context, target: plan.target });
  // Agreed to, and at least begun: the same command without options means the same from now on.
  await context.services.teamStack.keep(plan);
  if (code !== exitCodes.done) return code;
  io.data({ team: { name: plan.team, addresses: plan.addresses } });
  io.say(`The services of ${plan.team} are at ${plan.addresses.map((address) => `https://${address}`).join(', ')}.`);
  io.say(`Next: ${programName()} team person invite NAME`);
  return code;
}

/**
 * Where no keychain takes the first operator's token, this run has it alone: it is used for one invite, by which the operator gets
 * in from a machine that has a keychain. Where the services did not come up, it is handed out instead.
 */
async function deployUnkept(context: Context, plan: TeamStackPlan, link: Adopted): Promise<number> {
  const { io, services } = context;
  const handOut = () => {
    io.data({ token: link.token });
    io.warn(
      `${io.paint('yellow', '▲')} No keychain takes the first operator’s token. Write it down, it is shown once: ${link.token}`,
    );
  };
  try {
    const code = await deploy(context, plan, { agreed: true });
    if (code !== exitCodes.done) {
      handOut();
      return code;
    }
    const wish = { name: link.person.name, role: 'operator', lasts: 86_400 } as const;
    const { invite, expires } = await services.teamServices.invitePerson(wish, link);
    io.data({ operatorInvite: invite, expires });
    io.say(
      `There is no keychain here. This lets you in as an operator from a machine that has one, once, until ${expires}:`,
    );
    io.say(`  ${programName()} team join ${invite}`);
    return code;
  } catch (error) {
    handOut();
    throw error;
  }
}

const kept =
  'This ends the team’s services and takes their secrets off the Swarm. The data stay in the volumes claude-team_postgres-data and claude-team_sync-data of their node, and the values in this keychain: a later `team up` goes on with both.';
const lost = (only: readonly string[]): string =>
  `This ends the team’s services and takes their secrets off the Swarm, which alone has them: ${only.join(', ')}. Without them nobody opens the data in the volume claude-team_postgres-data again. Run it on the machine that made them, if there is one.`;

/** Services, networks, secrets and configs go; data and what the keychain has stay. */
export const teamDown: Command = async (context) => {
  const { target, only } = await context.services.teamStack.there(context.target.engine);
  const asks = only.length === 0 ? kept : lost(only);
  return changeStack({ request: { kind: 'remove' }, asks })({ ...context, target });
};
