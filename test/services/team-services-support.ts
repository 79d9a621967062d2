import { AppFailure } from '../../main/core/app-failure.ts';
import type { SwarmStacks } from '../../main/services/ports.ts';
import { createTeamServices, type TeamServicesOptions } from '../../main/services/team-services/index.ts';
import type { AppError } from '../../preload/contract/errors.ts';
import { applyServicesPatch, type TeamServicesState, unseenServices } from '../../preload/contract/team-services.ts';
import {
  createFakeClock,
  createFakeIds,
  createFakeKeychain,
  createFakeLog,
  createFakeState,
} from '../support/fake-engine-world.ts';
import { createFakeServices } from '../support/fake-team-link.ts';

export const [first, second] = ['10.0.0.1:8443', '10.0.0.2:8443'] as const;
export const ca = { pem: 'the CA', sha256: 'ab'.repeat(32) };
export const token = `cet_${'s3cret'.repeat(7)}x`;
export const code = `cei_${'c0de'.repeat(8)}`;
export const sha = 'c'.repeat(40);
export const me = { id: 'p1', name: 'Mia', role: 'member' as const };
const at = '2026-11-21T10:00:00.000Z';
/** The figures so many minutes after that. */
export const sampleAt = (minute: number, environments: number | null = 1) => ({
  at: new Date(Date.parse(at) + minute * 60_000).toISOString(),
  ...{ environments, sync: 1, mcp: null, drift: 0 },
});
const away = { at, people: [], known: true };

/** What a controller answers where nothing has happened yet. */
const usual: Readonly<Record<string, unknown>> = {
  'POST join': { token, person: me, team: 'Falcon', servers: [{ name: 'context7', path: '/mcp/context7' }] },
  'GET me': { person: me, team: 'Falcon', tokenCreated: at, servers: [] },
  'GET people': {
    people: [
      { ...me, created: at, lastUsed: null },
      { id: 'p2', name: 'Olga', role: 'operator', created: at, lastUsed: at },
    ],
  },
  'GET presence': away,
  'GET overview': {
    environments: { running: 1, known: 2 },
    sync: { successRate: 1, lastError: null },
    mcp: { p95Seconds: null, requestsPerSecond: null, perServer: [] },
    drift: { percent: 0, behind: [] },
    incidents: 0,
  },
  'GET overview/trend': { samples: [sampleAt(0)] },
  'GET config': {
    current: { sha, since: at, subject: 'First' },
    sync: { lastSync: at, error: null, remoteHead: sha },
    archive: null,
  },
  'GET config/revisions': { revisions: [] },
  'GET mcp': { servers: [] },
  'GET incidents': { incidents: [] },
  'GET invites': { invites: [] },
  'GET swarm': { deploys: [{ stack: 'shop', number: 2, who: 'olga', at, changes: ['web'] }] },
  'DELETE me/token': {},
};

const unused = () => Promise.reject(new Error('not used'));
type Team = TeamServicesOptions['team'];

export function prepare(
  options: { readonly team?: Partial<Team>; readonly stacks?: Partial<SwarmStacks>; readonly locked?: boolean } = {},
) {
  const services = createFakeServices({ ...ca });
  for (const [call, answer] of Object.entries(usual)) services.answers.set(call, answer);
  const clock = createFakeClock();
  const state = createFakeState();
  const keychain = createFakeKeychain({ locked: options.locked === true });
  const { log, lines } = createFakeLog();
  const environment: { now: { machine: string; state: 'running' | 'stopped' }; tell: () => void } = {
    now: { machine: 'laptop', state: 'running' },
    tell: () => undefined,
  };
  const notMember = new AppFailure({ code: 'swarm.not-member', message: 'This engine belongs to no Swarm.' });
  const linked = createTeamServices({
    teamLink: services,
    state,
    keychain,
    clock,
    ids: createFakeIds(),
    log,
    program: 'claude-env',
    team: {
      adviseLeaving: () => Promise.reject(notMember),
      invite: unused,
      join: unused,
      leave: unused,
      removeNode: unused,
      rotate: unused,
      view: unused,
      ...options.team,
    },
    stacksOf: async () => options.stacks as SwarmStacks,
    environment: async () => environment.now,
    onEnvironment: (listener) => {
      environment.tell = listener;
      return () => undefined;
    },
  });
  const adopted = { team: 'Falcon', addresses: [first, second], ca: ca.pem, caDigest: ca.sha256, token };
  /** What a follower has been shown until now. */
  const follow = () => {
    let shown: TeamServicesState = unseenServices;
    const stop = new AbortController();
    void linked.follow((frame) => {
      shown = frame.kind === 'snapshot' ? frame.state : frame.patches.reduce(applyServicesPatch, shown);
    }, stop.signal);
    return { shown: () => shown, stop: () => stop.abort() };
  };
  return {
    ...{ linked, services, clock, state, keychain, lines, environment, follow },
    link: () => linked.adopt({ ...adopted, person: { name: 'Mia' } }),
    calls: () => services.asked.map(({ call }) => call),
  };
}

export const refusal = async (asked: Promise<unknown>): Promise<AppError> => {
  try {
    await asked;
  } catch (error) {
    if (error instanceof AppFailure) return error.error;
    throw error;
  }
  throw new Error('It was accepted.');
};
