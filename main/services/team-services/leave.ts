import { AppFailure } from '../../core/app-failure.ts';
import { tokenAnswer } from '../../core/team-services/wire.ts';
import { throwIfLocked } from '../keychain-state.ts';
import type { LeaveOptions, Leaving } from '../team/leave.ts';
import { callerOf, type ServicesContext } from './context.ts';

/** What is run before the link is forgotten; answers with what the user is to know. */
export type Undo = readonly (() => Promise<readonly string[]>)[];

export interface LeftServices {
  readonly team: string;
  readonly notes: readonly string[];
}

/**
 * Ends the token, undoes what was applied of the team's configuration, and forgets the link. Services that do not answer keep
 * nobody: the token then holds until an operator revokes it, which is said. The last operator stays, unless the team
 * ends: nobody could let another one in.
 */
export async function leaveServices(
  context: ServicesContext,
  { undo, teamEnds }: { readonly undo: Undo; readonly teamEnds: boolean },
): Promise<LeftServices> {
  const record = await context.link.mustRead();
  const notes: string[] = [];
  try {
    await context.client.tell(await callerOf(context), { method: 'DELETE', path: '/api/v1/me/token' });
  } catch (error) {
    if (!(error instanceof AppFailure)) throw error;
    const { code, message } = error.error;
    if (code === 'team.refused' && !teamEnds) throw error;
    if (code !== 'team.revoked' && !teamEnds) {
      notes.push(`The token is gone from here, and was not ended there: ${message} An operator can.`);
    }
  }
  for (const run of undo) notes.push(...(await run()));
  await context.link.forget(record);
  return { team: record.team, notes };
}

/** A new token, kept before the old one ends. */
export async function renewToken(context: ServicesContext): Promise<void> {
  const record = await context.link.mustRead();
  // The old one ends a minute after the new one was made: that has to find its place.
  await throwIfLocked(context.keychain);
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

/**
 * As `adviseLeavingTeam` said. The services first, which may keep their last operator; where the Swarm ends they end with it.
 */
export async function leaveTeam(context: ServicesContext, options: LeaveOptions, undo: Undo): Promise<LeftTeam> {
  const { swarm, services } = await adviseLeavingTeam(context, options);
  const teamEnds = swarm?.last === true;
  const endLink = async () =>
    services === undefined ? {} : { services: await leaveServices(context, { undo, teamEnds }) };
  if (teamEnds) {
    const ended = await context.team.leave(options);
    return { swarm: ended, ...(await endLink()) };
  }
  const left = await endLink();
  return { ...(swarm === undefined ? {} : { swarm: await context.team.leave(options) }), ...left };
}
