import type { Services } from '../../main/services/services.ts';
import { unseenServices } from '../../preload/contract/team-services.ts';
import { noteIn } from './note.ts';

/** Answers as the link to a team's services does; `called` has what was asked, with what came in. */
export function createFakeTeamServices(called: string[], team: Services['team']): Services['teamServices'] {
  const note = noteIn(called);
  const unused = () => Promise.reject(new Error('not used'));
  const nothing = () => () => undefined;
  const person = { id: 'p1', name: 'Anna', role: 'member' as const };
  return {
    follow: async (onFrame) => onFrame({ kind: 'snapshot', seq: 0, state: unseenServices }),
    hold: nothing,
    retry: () => void called.push('retry'),
    close: () => undefined,
    link: async () => undefined,
    token: unused,
    onChange: nothing,
    onLeave: () => undefined,
    newToken: () => ({ token: '', sha256: '' }),
    adopt: unused,
    moved: unused,
    enter: async ({ onLinked, ...join }, signal) => {
      if (join.invite.startsWith('claude-env-team-2-')) {
        onLinked?.({ team: 'Falcon', person, addresses: ['10.0.0.4:8443'], servers: [], notes: [] });
        return {};
      }
      return { joined: await team.join(join, signal) };
    },
    adviseLeaving: async (of) => ({
      swarm: await team.adviseLeaving(of),
      services: { team: 'Falcon', means: ['no more servers'] },
    }),
    leaveTeam: async (of) => ({
      swarm: await team.leave(of),
      services: { team: 'Falcon', notes: ['one file stays'] },
    }),
    leave: note('leaveServices', { team: 'Falcon', notes: ['one file stays'] }),
    renewToken: note('renewToken', undefined),
    look: unused,
    findPerson: unused,
    invitePerson: note('invitePerson', {
      ...{ id: 'i1', team: 'Falcon', name: 'Bo', role: 'guest' as const, pending: false, notes: [] },
      invite: 'claude-env-team-2-secretletters-sum',
      expires: '2026-11-22T10:00:00.000Z',
    }),
    approveInvite: note('approveInvite', undefined),
    withdrawInvite: note('withdrawInvite', undefined),
    setRole: note('setRole', { ...person, online: null, environments: [] }),
    adviseRemoval: note('adviseRemoval', { name: 'Anna', means: ['no more'], nodes: ['n'] }),
    removePerson: note('removePerson', {
      ...{ name: 'Anna', revoked: 1, invitesEnded: 0, rotated: ['worker' as const], nodes: ['n'], notes: [] },
      secrets: [{ name: 'db', stack: 'shop', why: 'shop_web on n' }],
    }),
    approveRevision: note('approveRevision', { sha: 'a'.repeat(40) }),
    syncConfig: note('syncConfig', { outcome: 'nothing' as const, says: 'Nothing new.', waiting: [] }),
    openIncident: note('openIncident', { id: '7' }),
    changeIncident: note('changeIncident', undefined),
  };
}
