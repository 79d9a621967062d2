import type { Role } from './controller-support.ts';

/* What the controller's routes take and give, and what its neighbours say in the tests. */

export const sha = 'a'.repeat(40);
const offered = { sha, since: '2026-11-21T00:00:00.000Z', subject: 'First', signedBy: 'olga', approvedBy: null };

export const answers: Readonly<Record<string, unknown>> = {
  'GET /state': {
    lastSync: offered.since,
    error: null,
    remoteHead: sha,
    current: offered,
    syncs: { hour: { success: 3, failure: 1 } },
  },
  'GET /revisions': { pending: [] },
  [`GET /archive/${sha}`]: Buffer.from('an archive'),
  [`POST /revisions/${sha}/approve`]: { current: offered },
  'POST /sync': {
    error: null,
    pendingCount: 1,
    news: { offered: null, waiting: [{ sha, subject: 'First', author: 'olga', refused: null }] },
  },
  'GET /swarm': { at: offered.since, services: [{ name: 'team_mcp-context7', running: 2, desired: 3 }], deploys: [] },
  'GET /summary': {
    servers: [
      {
        name: 'context7',
        replicas: [{ address: '10.0.0.1' }, { address: '10.0.0.2' }],
        requestsPerSecond: 2,
        p95Seconds: 0.25,
      },
    ],
  },
};

export interface Rule {
  readonly role: Role | 'anyone';
  /** What the least role that may gets. */
  readonly gets: number;
  readonly body?: unknown;
}
/** A route that is not in this table fails the test. */
export const rules: Readonly<Record<string, Rule>> = {
  'POST /join': { role: 'anyone', gets: 404, body: { code: 'cei_none' } },
  'GET /openapi.json': { role: 'anyone', gets: 200 },
  'GET /me': { role: 'guest', gets: 200 },
  'POST /me/token': { role: 'guest', gets: 201 },
  'DELETE /me/token': { role: 'guest', gets: 200 },
  'PUT /me/environment': { role: 'guest', gets: 200, body: { machine: 'laptop', state: 'running' } },
  'GET /config': { role: 'guest', gets: 200 },
  'GET /config/archive/{sha}': { role: 'guest', gets: 200 },
  'GET /mcp': { role: 'guest', gets: 200 },
  'GET /people': { role: 'member', gets: 200 },
  'GET /presence': { role: 'member', gets: 200 },
  'GET /overview': { role: 'member', gets: 200 },
  'GET /overview/trend': { role: 'member', gets: 200 },
  'GET /config/revisions': { role: 'member', gets: 200 },
  'POST /config/sync': { role: 'member', gets: 200 },
  'GET /swarm': { role: 'member', gets: 200 },
  'GET /incidents': { role: 'member', gets: 200 },
  'POST /incidents': { role: 'member', gets: 201, body: { title: 'Slow' } },
  'PATCH /incidents/{id}': { role: 'member', gets: 404, body: { owner: 'me' } },
  'POST /invites': { role: 'member', gets: 201, body: { name: 'Gus', role: 'guest' } },
  'GET /invites': { role: 'operator', gets: 200 },
  'POST /invites/{id}/approve': { role: 'operator', gets: 404 },
  'DELETE /invites/{id}': { role: 'operator', gets: 404 },
  'PATCH /people/{id}': { role: 'operator', gets: 404, body: { role: 'member' } },
  'DELETE /people/{id}': { role: 'operator', gets: 404 },
  'POST /config/revisions/{sha}/approve': { role: 'operator', gets: 200 },
};
