import { listAddresses } from './address.ts';
import { backUpTeam, guideBackup, restoreTeam } from './backup.ts';
import { createTeamContext, type TeamOptions } from './context.ts';
import { createTeam } from './create.ts';
import { whoAnswers } from './heard.ts';
import { dyingInvites, listInvites, makeInvite, rotateToken } from './invites.ts';
import { describeInvite, joinTeam, probe, readInvite, tryInvite } from './join.ts';
import { setAutolock, unlockTeam } from './keys.ts';
import { adviseLeaving, leaveTeam } from './leave.ts';
import { adviseNode, changeNode, removeNode, replaceNode } from './nodes.ts';
import { recoverTeam } from './recover.ts';
import { rejoinTeam } from './rejoin.ts';
import { viewTeam } from './view.ts';
import { watchMoves } from './watch.ts';

/** The team's Swarm: who is in it, getting in and out. Every failure is an AppFailure, mostly `swarm.*`. */
export function createTeamService(options: TeamOptions) {
  const context = createTeamContext(options);
  const bind =
    <R extends readonly unknown[], A>(run: (of: typeof context, ...rest: R) => A) =>
    (...rest: R): A =>
      run(context, ...rest);
  return {
    addresses: bind(listAddresses),
    create: bind(createTeam),
    invite: bind(makeInvite),
    invites: bind(listInvites),
    dyingInvites: bind(dyingInvites),
    rotate: bind(rotateToken),
    /** What an invite says, before anything is done with it. */
    readInvite: (text: string) => describeInvite(readInvite(context, text)),
    /** What can be tested of it from here; changes nothing. */
    tryInvite: (text: string) => tryInvite(context, text),
    join: bind(joinTeam),
    rejoin: bind(rejoinTeam),
    adviseLeaving: bind(adviseLeaving),
    leave: bind(leaveTeam),
    view: bind(viewTeam),
    whoAnswers: async ({ engine }: { readonly engine: string }) => whoAnswers(context, await context.engineOf(engine)),
    adviseNode: bind(adviseNode),
    changeNode: bind(changeNode),
    removeNode: bind(removeNode),
    replaceNode: bind(replaceNode),
    setAutolock: bind(setAutolock),
    unlock: bind(unlockTeam),
    guideBackup: bind(guideBackup),
    backUp: bind(backUpTeam),
    restore: bind(restoreTeam),
    recover: bind(recoverTeam),
    watchMoves: bind(watchMoves),
    /** Whether overlay traffic flows between this engine and the manager that waits for such calls. */
    probe: async ({ engine }: { readonly engine?: string }, signal?: AbortSignal) =>
      probe(context, await context.engineOf(engine), signal),
  };
}
export type TeamService = ReturnType<typeof createTeamService>;
