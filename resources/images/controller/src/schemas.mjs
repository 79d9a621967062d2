/*
 * What the API takes and answers, as JSON Schema: fastify checks by it, drops what an answer should not hold, and the
 * OpenAPI document is made of it. Every object is closed, every text and list has an end.
 */

const text = (maxLength, more = {}) => ({ type: 'string', minLength: 1, maxLength, ...more });
const nullable = (schema) => ({ anyOf: [schema, { type: 'null' }] });
const list = (items, maxItems) => ({ type: 'array', items, ...(maxItems === undefined ? {} : { maxItems }) });
const object = (properties, optional = []) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});

const id = { type: 'string', pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' };
const sha = { type: 'string', pattern: '^[0-9a-f]{40}$' };
const time = { type: 'string', format: 'date-time' };
const role = { type: 'string', enum: ['guest', 'member', 'operator'] };
const string = { type: 'string' };
const number = { type: 'number' };
const integer = { type: 'integer' };
// Something besides blanks, and none of `without`. Each pattern takes one pass over the text, whatever that is.
const written = (maxLength, without) =>
  text(maxLength, { allOf: [{ pattern: `^[^${without}]*$` }, { pattern: '\\S' }] });
// One line, shown to others: no control characters, and none that turns the direction of what stands behind it.
const turning = '\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069';
const line = (maxLength) => written(maxLength, `\\x00-\\x1f\\x7f-\\x9f\\p{Cs}${turning}`);
// Several lines, but no NUL and no half of a character: Postgres keeps neither.
const prose = (maxLength) => written(maxLength, '\\x00\\p{Cs}');
const name = line(80);

export const person = object({ id: string, name: string, role });
const servers = list(object({ name: string, path: string }));
const state = { type: 'string', enum: ['running', 'stopped', 'starting', 'failed', 'unknown'] };

/** What PUT /me/environment and the WebSocket's `environment` take. */
export const report = object(
  {
    machine: line(63),
    state,
    revision: sha,
    drifted: list(prose(1024), 200),
    node: line(255),
  },
  ['revision', 'drifted', 'node'],
);

export const body = {
  none: object({}),
  join: object({ code: text(128) }),
  report,
  invite: object({ name, role, hours: { type: 'number', exclusiveMinimum: 0, maximum: 720 } }, ['hours']),
  role: object({ role }),
  incident: object({ title: line(200), detail: prose(10_000) }, ['detail']),
  incidentChange: {
    ...object(
      {
        owner: { enum: ['me', null] },
        state: { type: 'string', enum: ['open', 'resolved'] },
        note: prose(10_000),
      },
      ['owner', 'state', 'note'],
    ),
    minProperties: 1,
  },
};

export const params = { id: object({ id }), sha: object({ sha }) };

const environment = object(
  { machine: string, state, revision: string, drifted: list(string), node: string, at: time },
  ['revision', 'node'],
);
const invite = object(
  {
    id: string,
    name: string,
    role,
    by: string,
    issued: time,
    expires: time,
    state: { type: 'string', enum: ['pending', 'open', 'used', 'expired'] },
    approvedBy: nullable(string),
  },
  ['approvedBy'],
);
const server = object({
  name: string,
  path: string,
  state: { type: 'string', enum: ['running', 'degraded', 'stopped', 'unknown'] },
  replicas: nullable(integer),
  p95Seconds: nullable(number),
  requestsPerSecond: nullable(number),
});
const incident = object(
  {
    id: string,
    title: string,
    detail: string,
    state: string,
    by: string,
    opened: time,
    owner: nullable(object({ id: string, name: string })),
    resolved: nullable(time),
    notes: list(object({ by: string, at: time, text: string })),
  },
  ['detail'],
);
const pending = object(
  {
    sha: string,
    subject: string,
    author: string,
    date: string,
    signature: string,
    signer: nullable(string),
    refused: nullable(object({ reason: string, path: nullable(string), message: string }, ['path'])),
  },
  ['signer', 'refused'],
);

export const answer = {
  none: object({}),
  joined: object({ token: string, person, team: string, servers }),
  token: object({ token: string }),
  me: object({
    person,
    team: string,
    tokenCreated: time,
    config: object({ applied: nullable(string), current: nullable(string) }),
    servers,
  }),
  people: object({ people: list(object({ id: string, name: string, role, created: time, lastUsed: nullable(time) })) }),
  person,
  removed: object({ revoked: integer, nodes: list(string), invitesEnded: integer }),
  presence: object({
    known: { type: 'boolean' },
    people: list(
      object({
        id: string,
        online: nullable({ type: 'boolean' }),
        seen: nullable(time),
        environments: list(environment),
      }),
    ),
  }),
  overview: object({
    environments: nullable(object({ running: integer, known: integer })),
    sync: object({ successRate: nullable(number), lastError: nullable(string) }),
    mcp: object({ p95Seconds: nullable(number), requestsPerSecond: nullable(number), perServer: list(server) }),
    drift: object({ percent: nullable(number), behind: list(string) }),
    incidents: integer,
  }),
  trend: object({
    samples: nullable(
      list(
        object({
          at: time,
          environments: nullable(integer),
          sync: nullable(number),
          mcp: nullable(number),
          drift: nullable(number),
        }),
      ),
    ),
  }),
  mcp: object({ servers: list(server) }),
  config: object({
    current: nullable(
      object({ sha: string, since: string, subject: string, approvedBy: string, signedBy: string }, [
        'approvedBy',
        'signedBy',
      ]),
    ),
    sync: object({ lastSync: nullable(string), error: nullable(string), remoteHead: nullable(string) }),
    archive: nullable(string),
  }),
  revisions: object({ revisions: list(pending) }),
  looked: object({
    done: { type: 'boolean' },
    error: nullable(object({ message: string, hint: string }, ['hint'])),
    offered: nullable(object({ sha: string, subject: string })),
    waiting: list(
      object({ sha: string, subject: string, refused: nullable(object({ message: string })) }, ['refused']),
    ),
    pending: integer,
  }),
  invites: object({ invites: list(invite) }),
  issued: object({ code: string, id: string, expires: time, state: string }),
  incidents: object({ incidents: list(incident) }),
  id: object({ id: string }),
  // engine-view has chosen each of its fields by name.
  swarm: { type: 'object', additionalProperties: true },
};

export const failure = object({ error: object({ code: string, message: string, hint: string }, ['hint']) });
