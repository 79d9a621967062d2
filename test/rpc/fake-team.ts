import type { Services } from '../../main/services/services.ts';
import { memberNode } from '../support/builders-swarm.ts';
import { noteIn } from './note.ts';

const invite = {
  id: 'i',
  role: 'worker',
  machine: 'laptop',
  by: 'anna on falcon-1',
  issued: '2026-11-21T10:00:00.000Z',
  expires: '2026-11-22T10:00:00.000Z',
  alive: true,
} as const;
const node = memberNode({ id: 'abc', hostname: 'n', availability: 'drain' });
export const inviteWord = 'claude-env-team-1-secretletters-sum';
const overlay = { verdict: 'both', says: 'Overlay traffic flows both ways (64 KiB each).' } as const;

/** Answers as the team's services do; `called` has what was asked, with what came in. */
export function createFakeTeam(called: string[]): Services['team'] {
  const note = noteIn(called);
  const unused = () => Promise.reject(new Error('not used'));
  const advice = (name: string, verdict: 'good' | 'bad') =>
    ({ name, address: `10.0.0.${name.length}`, family: 4, kind: 'cable', verdict, reasons: [] }) as const;
  return {
    addresses: note('addresses', {
      listed: true,
      advices: [advice('eth0', 'good'), advice('lo', 'bad')],
      warnings: [],
    }),
    create: note('create', {
      team: 'Falcon',
      nodeId: 'abc',
      address: '10.0.0.4',
      fingerprint: 'ab',
      encrypted: true,
      warnings: [],
      firewall: [],
    }),
    invite: note('invite', {
      ...invite,
      invite: inviteWord,
      team: 'Falcon',
      fingerprint: 'ab',
      rotated: false,
      probe: true,
      notes: [],
    }),
    invites: note('invites', [invite]),
    dyingInvites: unused,
    rotate: note('rotate', { role: 'worker' as const, died: [invite] }),
    readInvite: () => ({ ...invite, team: 'Falcon', managers: [], fingerprint: 'ab', means: [] }),
    tryInvite: note('tryInvite', { checks: [{ what: 'w', status: 'ok' as const, found: 'f' }], answering: 1 }),
    join: async (options) => {
      options.onProgress?.('Joining Falcon');
      return {
        team: 'Falcon',
        role: 'worker',
        nodeId: 'abc',
        hostname: 'n',
        address: '10.0.0.9',
        warnings: [],
        overlay,
        notes: [],
      };
    },
    rejoin: note('rejoin', {
      team: 'Falcon',
      was: { nodeId: 'abc', address: '10.0.0.4' },
      nodeId: 'def',
      address: '10.0.0.9',
      labelsKept: true,
      overlay,
      notes: [],
    }),
    adviseLeaving: note('adviseLeaving', { team: 'Falcon', role: 'manager' as const, last: true, breaks: ['all'] }),
    leave: note('leave', { team: 'Falcon', ended: true }),
    view: unused,
    whoAnswers: unused,
    adviseNode: note('adviseNode', { kind: 'doubtful' as const, advice: 'worse than one' }),
    changeNode: note('changeNode', node),
    removeNode: note('removeNode', node),
    replaceNode: unused,
    setAutolock: note('setAutolock', { autolock: true }),
    unlock: note('unlock', { waiting: false }),
    guideBackup: note('guideBackup', { root: '/var/lib/docker', steps: ['stop it'] }),
    backUp: unused,
    restore: unused,
    recover: note('recover', {
      engine: 'e',
      member: true,
      self: {
        state: 'active' as const,
        nodeId: 'abc',
        address: '',
        manager: true,
        problem: '',
        managers: [],
        hostname: 'n',
        product: '',
        rootDir: '',
      },
      nodes: [],
      source: 'manager' as const,
      invites: [],
      notes: [],
    }),
    watchMoves: unused,
    probe: unused,
  };
}
