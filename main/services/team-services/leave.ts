import { AppFailure } from '../../core/app-failure.ts';
import { tokenAnswer } from '../../core/team-services/wire.ts';
import type { LeaveOptions, Leaving } from '../team/leave.ts';
import { callerOf, type ServicesContext } from './context.ts';

export interface LeftServices {
  readonly team: string;
  readonly notes: readonly string[];
}

/**
 * Undoes what was applied of the team's configuration, ends the token, and forgets it. Services that do not answer keep
 * nobody: the token then holds until an operator revokes it, which is said.
 */
export async function leaveServices(
  context: ServicesContext,
  undo: readonly (() => Promise<readonly string[]>)[],
): Promise<LeftServices> {
  const record = await context.link.mustRead();
  const notes: string[] = [];
  for (const run of undo) notes.push(...(await run()));
  try {
    await context.client.tell(await callerOf(context), { method: 'DELETE', path: '/api/v1/me/token' });
  } catch (error) {
    if (!(error instanceof AppFailure)) throw error;
    if (error.error.code !== 'team.revoked') {
      notes.push(`The token is gone from here, and was not ended there: ${error.error.message} An operator can.`);
    }
  }
  await context.link.forget(record);
  return { team: record.team, notes };
}

/** A new token, kept before the old one ends. */
export async function renewToken(context: ServicesContext): Promise<void> {
  const record = await context.link.mustRead();
  const call = { method: 'POST', path: '/api/v1/me/token', body: {} } as const;
  const { token } = await context.client.ask(await callerOf(context), call, tokenAnswer);
  await context.link.replaceToken(record, token);
}

/** What `team leave` ends: this engine's part in a Swarm, the link to the services, or both where they are one team's. */
export interface LeavingTeam {
  readonly swarm?: Leaving;
  readonly services?: { readonly team: string; readonly means: readonly string[] };
}

export async function adviseLeavingTeam(
  context: ServicesContext,
  options: { readonly engine?: string },
): Promise<LeavingTeam> {
  const record = await context.link.read();
  const swarm = await context.team.adviseLeaving(options).catch((error: unknown) => {
    const isGuest =
      error instanceof AppFailure && ['swarm.not-member', 'engine.unreachable'].includes(error.error.code);
    if (record !== undefined && isGuest) return undefined;
    throw error;
  });
  if (record === undefined || (swarm !== undefined && swarm.team !== record.team)) {
    return swarm === undefined ? {} : { swarm };
  }
  const means = [
    `The link to ${record.team}’s services ends: your token is worth nothing, and its MCP servers answer you no more.`,
    'What was applied of the team’s configuration is taken back, where nobody has changed it since.',
  ];
  return { ...(swarm === undefined ? {} : { swarm }), services: { team: record.team, means } };
}

export interface LeftTeam {
  readonly swarm?: { readonly team: string; readonly ended: boolean };
  readonly services?: LeftServices;
}

/** As `adviseLeavingTeam` said. The Swarm first: it may refuse. */
export async function leaveTeam(
  context: ServicesContext,
  options: LeaveOptions,
  undo: readonly (() => Promise<readonly string[]>)[],
): Promise<LeftTeam> {
  const leaving = await adviseLeavingTeam(context, options);
  return {
    ...(leaving.swarm === undefined ? {} : { swarm: await context.team.leave(options) }),
    ...(leaving.services === undefined ? {} : { services: await leaveServices(context, undo) }),
  };
}
