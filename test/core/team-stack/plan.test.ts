import { describe, expect, it } from 'vitest';
import type { SwarmNode } from '../../../main/core/swarm/membership.ts';
import {
  certificateNames,
  dataLabel,
  describePreparation,
  generated,
  type PreparationInput,
  planPreparations,
} from '../../../main/core/team-stack/plan.ts';
import { memberNode } from '../../support/builders-swarm.ts';

const day = 86_400_000;
const now = 1000 * day;

const node = (name: string, members: Partial<SwarmNode> = {}): SwarmNode =>
  memberNode({
    id: `id-${name}`,
    hostname: name,
    address: `10.0.0.${name.slice(1)}`,
    labels: { 'io.claude-env.role': 'server' },
    ...members,
  });
const laptop = { labels: { 'io.claude-env.role': 'laptop' } };
const every = new Set([...generated.map(({ name }) => name), certificateNames.certificate, certificateNames.key]);
const hosts = ['team.claude-env.internal', '10.0.0.1', '10.0.0.2'];
const keepsData = { labels: { 'io.claude-env.role': 'server', [dataLabel]: 'team' } };

/** Two servers and a laptop, everything made already. */
const settled: PreparationInput = {
  nodes: [node('n1', keepsData), node('n2'), node('n3', laptop)],
  self: 'id-n1',
  names: [],
  now,
  authority: { certificate: 'pem', hosts: ['team.claude-env.internal'] },
  certificate: { hosts, until: now + 200 * day },
  canIssue: true,
  renewAuthority: false,
  values: every,
  secrets: new Set(generated.map(({ key }) => key)),
};
const nothing: Partial<PreparationInput> = {
  nodes: [node('n1'), node('n2'), node('n3', laptop)],
  authority: undefined,
  certificate: undefined,
  values: new Set(),
  secrets: new Set(),
};

const plan = (change: Partial<PreparationInput> = {}) => {
  const answer = planPreparations({ ...settled, ...change });
  if (answer.kind === 'refused') throw new Error(answer.message);
  return answer;
};
const text = (change: Partial<PreparationInput> = {}) =>
  plan(change).steps.map(({ kind, cause }) => `${kind}: ${cause}`);

describe('what a team’s services need first', () => {
  it('is made once, from nothing', () => {
    const made = plan(nothing);
    expect(made.steps).toEqual([
      { kind: 'make-authority', cause: 'there is none yet', hosts: ['team.claude-env.internal'] },
      { kind: 'issue-certificate', cause: 'the authority is new', hosts },
      ...generated.map(({ name, what }) => ({ kind: 'make-value', name, what, cause: 'there is none yet' })),
      {
        kind: 'mark-node',
        node: 'id-n1',
        hostname: 'n1',
        cause: 'the data of the database and of the configuration stay on one node',
      },
    ]);
    expect(made.reached).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(plan()).toMatchObject({ steps: [], notes: [] });
  });

  it('is another certificate where servers come and go, and before it expires', () => {
    expect(text({ nodes: [...settled.nodes, node('n4')] })).toEqual([
      'issue-certificate: its hosts changed: 10.0.0.4 came',
    ]);
    expect(text({ nodes: [node('n1', keepsData), node('n5')] })).toEqual([
      'issue-certificate: its hosts changed: 10.0.0.5 came; 10.0.0.2 went',
    ]);
    const until = (days: number) => text({ certificate: { hosts, until: now + days * day } });
    expect(until(31)).toEqual([]);
    expect(until(29)).toEqual(['issue-certificate: it expires in 29 days']);
    expect(until(-1)).toEqual(['issue-certificate: it has expired']);
    expect(text({ values: new Set(generated.map(({ name }) => name)) })).toEqual([
      'issue-certificate: there is none yet',
    ]);
  });

  it('is another authority only where that was asked for, and never one that is made to vouch for more', () => {
    expect(text({ renewAuthority: true })).toEqual([
      'make-authority: another one was asked for',
      'issue-certificate: the authority is new',
    ]);
    const named = { ...settled, names: ['team.example'] };
    expect(planPreparations(named)).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('cannot vouch for team.example'),
      hint: expect.stringContaining('--new-ca'),
    });
    const again = plan({ ...named, renewAuthority: true });
    expect(again.steps[0]).toMatchObject({ hosts: ['team.claude-env.internal', 'team.example'] });
    expect(again.reached).toEqual(['team.example', '10.0.0.1', '10.0.0.2']);
  });

  it('leaves alone what another operator made: values that the Swarm has, and a certificate whose authority is elsewhere', () => {
    const elsewhere = { values: new Set<string>(), canIssue: false, secrets: new Set([...settled.secrets, 'tls-key']) };
    const other = plan(elsewhere);
    expect(other.steps).toEqual([]);
    expect(other.notes).toEqual([expect.stringContaining('it stays what it is')]);
    expect(text({ values: new Set(), secrets: new Set(['db-password']) })).toEqual([
      'issue-certificate: there is none yet',
      ...['service-key', 'redis-password', 'first-operator'].map(() => 'make-value: there is none yet'),
    ]);
  });

  it('keeps the data where they are, and puts new ones on a server that takes tasks', () => {
    const away = node('n2', { ...keepsData, state: 'down' });
    expect(text({ nodes: [node('n1'), away] })).toEqual([]);
    const mark = (nodes: readonly SwarmNode[], self = 'id-n1') =>
      plan({ nodes, self }).steps.flatMap((step) => (step.kind === 'mark-node' ? step.hostname : []));
    expect(mark([node('n1'), node('n2')], 'id-n2')).toEqual(['n2']);
    expect(mark([node('n1', laptop), node('n2')])).toEqual(['n2']);
    expect(mark([node('n1', { availability: 'drain' }), node('n2')])).toEqual(['n2']);
  });

  it('needs a server, and the address that a manager is known by', () => {
    expect(planPreparations({ ...settled, nodes: [node('n1', laptop)] })).toMatchObject({
      kind: 'refused',
      hint: expect.stringContaining('team node role'),
    });
    const manager = { leader: true, reachable: true, address: '10.0.0.9:2377' };
    expect(plan({ nodes: [node('n1', { ...keepsData, address: '0.0.0.0', manager })] }).reached).toEqual(['10.0.0.9']);
  });

  it('is said in words', () => {
    const { steps } = plan({ ...nothing, outdated: true, authority: settled.authority });
    const [authority] = plan({ renewAuthority: true }).steps;
    expect([...steps, ...(authority === undefined ? [] : [authority])].map(describePreparation)).toEqual([
      'what this machine’s keychain has of the authority before',
      'the gateways’ certificate, for team.claude-env.internal, 10.0.0.1, 10.0.0.2',
      'what the services show each other',
      'password of the database',
      'password of redis',
      'who the first operator is',
      'n1 as the node that keeps the data',
      'the team’s own CA, for addresses and team.claude-env.internal',
    ]);
  });
});
