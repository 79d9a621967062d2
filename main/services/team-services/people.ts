import type { PersonRole, RemovedPerson, TeamPerson } from '../../../preload/contract/team-services.ts';
import { AppFailure } from '../../core/app-failure.ts';
import { encodeInvite, type MachineRole, type ServicesInvite, type SwarmRole } from '../../core/swarm/invite.ts';
import type { SwarmNode } from '../../core/swarm/membership.ts';
import { readableSecrets } from '../../core/team-services/readable-secrets.ts';
import { toPeople } from '../../core/team-services/view.ts';
import { issuedAnswer, removedAnswer } from '../../core/team-services/wire.ts';
import { dataLabel } from '../../core/team-stack/plan.ts';
import { callerOf, type ServicesContext } from './context.ts';
import type { Adopted } from './join.ts';
import { readPeople, readPresence } from './read-parts.ts';

export interface PersonInviteOptions {
  readonly name: string;
  readonly role: PersonRole;
  /** Seconds. */
  readonly lasts: number;
  /** A machine of the person's joins the Swarm as well, which this engine's manager lets in. */
  readonly swarm?: {
    readonly engine?: string;
    readonly role: SwarmRole;
    readonly machine: MachineRole;
    readonly see?: string;
  };
}

export interface IssuedPersonInvite {
  /** Shown once. A secret. */
  readonly invite: string;
  readonly id: string;
  readonly team: string;
  readonly name: string;
  readonly role: PersonRole;
  readonly expires: string;
  /** A member proposed it: it works when an operator has approved it. */
  readonly pending: boolean;
  readonly notes: readonly string[];
}

const post = (path: string, body: unknown) => ({ method: 'POST', path: `/api/v1/${path}`, body }) as const;

/** One word that lets one person in, once. `as`: a link that no keychain could take, in place of this user's. */
export async function invitePerson(
  context: ServicesContext,
  { name, role, lasts, swarm }: PersonInviteOptions,
  as?: Adopted,
): Promise<IssuedPersonInvite> {
  const { team, addresses, caDigest } = as ?? (await context.link.mustRead());
  const issued = await context.client.ask(
    as ?? (await callerOf(context)),
    post('invites', { name, role, hours: lasts / 3600 }),
    issuedAnswer,
  );
  context.log.redactor?.know(issued.code);
  const services: ServicesInvite = { addresses: addresses.slice(0, 15), ca: caDigest, code: issued.code };
  const about = { id: issued.id, team, name, role, pending: issued.state === 'pending' };
  if (swarm === undefined) {
    const expires = Math.floor(Date.parse(issued.expires) / 1000);
    const invite = encodeInvite({ id: issued.id.slice(0, 20), team, expires, services }, context.ids.sha256);
    return { ...about, invite, expires: issued.expires, notes: [] };
  }
  try {
    const made = await context.team.invite({ ...swarm, lasts, services });
    return { ...about, team: made.team, invite: made.invite, expires: made.expires, notes: made.notes };
  } catch (error) {
    // Nobody has seen the code: it would be on the list for nothing.
    await withdrawInvite(context, issued.id).catch((failed: unknown) => {
      context.log('warn', 'an invite that nobody has is still on the list', { why: String(failed) });
    });
    throw error;
  }
}

export const approveInvite = async (context: ServicesContext, id: string): Promise<void> =>
  context.client.tell(await callerOf(context), post(`invites/${id}/approve`, {}));
export const withdrawInvite = async (context: ServicesContext, id: string): Promise<void> =>
  context.client.tell(await callerOf(context), { method: 'DELETE', path: `/api/v1/invites/${id}` });

export const listPeople = async (context: ServicesContext): Promise<readonly TeamPerson[]> => {
  const reader = { client: context.client, caller: await callerOf(context) };
  const [people, presence] = await Promise.all([readPeople(reader), readPresence(reader)]);
  return Object.values(toPeople(people, presence, undefined));
};

/** By id, or by a name that one person has. */
export async function findPerson(context: ServicesContext, wanted: string): Promise<TeamPerson> {
  const people = await listPeople(context);
  const found = people.find(({ id }) => id === wanted);
  const named = people.filter(({ name }) => name.toLowerCase() === wanted.trim().toLowerCase());
  const [first, ...others] = found === undefined ? named : [found];
  if (first !== undefined && others.length === 0) return first;
  const hint =
    first === undefined
      ? `There are ${people.map(({ name }) => name).join(', ')}.`
      : `Name one by an id: ${named.map(({ id, name, role }) => `${id} (${name}, ${role})`).join(', ')}.`;
  const message =
    first === undefined ? `There is no ${wanted} in the team.` : `${named.length} people are called ${wanted}.`;
  throw new AppFailure({ code: 'team.refused', message, hint });
}

export async function setRole(context: ServicesContext, wanted: string, role: PersonRole): Promise<TeamPerson> {
  const person = await findPerson(context, wanted);
  const body = { role };
  await context.client.tell(await callerOf(context), { method: 'PATCH', path: `/api/v1/people/${person.id}`, body });
  return { ...person, role };
}

export interface OnEngine {
  readonly engine?: string | undefined;
}
const on = ({ engine }: OnEngine) => (engine === undefined ? {} : { engine });

const machinesOf = ({ environments }: TeamPerson): readonly string[] => [
  ...new Set(environments.flatMap(({ node }) => node ?? [])),
];

interface Owned {
  readonly nodes: readonly SwarmNode[];
  /** In sentences: machines that this program leaves alone, and why. */
  readonly left: readonly string[];
  /** Why the Swarm cannot be asked here. */
  readonly trouble?: string;
}

/**
 * The Swarm's nodes that are this person's, by what their machines have said. Anybody's program can say any name, so what
 * somebody else's says too, what several nodes are called, and the node with the team's data are left to people.
 */
async function nodesOf(
  { team, program }: ServicesContext,
  engine: OnEngine,
  person: TeamPerson,
  people: readonly TeamPerson[],
): Promise<Owned> {
  try {
    const view = await team.view(on(engine));
    if (view.source !== 'manager' || view.problem !== undefined) {
      return { nodes: [], left: [], trouble: view.problem?.message ?? 'This engine is no manager of the Swarm.' };
    }
    const others = people.filter(({ id }) => id !== person.id);
    const nodes: SwarmNode[] = [];
    const left: string[] = [];
    for (const name of machinesOf(person)) {
      const [found, ...more] = view.nodes.filter(({ hostname }) => hostname === name);
      const also = others.find((other) => machinesOf(other).includes(name));
      const byHand = `\`${program} team node rm ${more.length > 0 ? 'ID' : name} --force\` takes one out.`;
      if (found === undefined) continue;
      if (also !== undefined) left.push(`${name} stays: ${also.name} works there, too. ${byHand}`);
      else if (found.labels[dataLabel] === 'team') left.push(`${name} stays: the team’s data are there. ${byHand}`);
      else if (more.length > 0) left.push(`${more.length + 1} nodes are called ${name}, and stay. ${byHand}`);
      else nodes.push(found);
    }
    return { nodes, left };
  } catch (error) {
    if (!(error instanceof AppFailure)) throw error;
    return { nodes: [], left: [], trouble: error.error.message };
  }
}

/** What taking a person out means, before it is done. */
export async function adviseRemoval(context: ServicesContext, wanted: string, engine: OnEngine) {
  const person = await findPerson(context, wanted);
  const { nodes, left, trouble } = await nodesOf(context, engine, person, await listPeople(context));
  const names = nodes.map(({ hostname }) => hostname);
  const means = [
    `${person.name}’s tokens hold no longer, at once: the services and their MCP servers answer them no more.`,
    'What their dev container was given before stays there: files, and whatever they have copied.',
    ...(trouble === undefined
      ? [
          'The Swarm’s join tokens become new ones: invites for machines that are out are worth nothing.',
          names.length === 0
            ? 'None of their machines is known to be a node of the Swarm.'
            : `${names.join(', ')}, by what their machines say, ${names.length === 1 ? 'is' : 'are'} taken out of the Swarm; tasks there start elsewhere where they may.`,
          ...left,
          ...(nodes.some(({ manager }) => manager !== undefined)
            ? ['One of them is a manager: all of the Swarm’s secrets could be read there.']
            : []),
        ]
      : [`The Swarm is not touched: ${trouble}`]),
  ];
  return { name: person.name, means, nodes: names };
}

/**
 * Revokes first: that is what cannot wait. What of the rest fails is told, with the command that does it, and undoes nothing.
 */
export async function removePerson(
  context: ServicesContext,
  wanted: string,
  {
    nodes: agreed,
    ...engine
  }: OnEngine & {
    /** Those that were agreed to; what their machines say meanwhile adds none. Absent: all. */
    readonly nodes?: readonly string[] | undefined;
  },
): Promise<RemovedPerson> {
  const { team, program } = context;
  const person = await findPerson(context, wanted);
  // While the services know whose machines are whose.
  const people = await listPeople(context);
  const caller = await callerOf(context);
  const path = `/api/v1/people/${person.id}`;
  const removed = await context.client.ask(caller, { method: 'DELETE', path }, removedAnswer);
  const { nodes: owned, left, trouble } = await nodesOf(context, engine, person, people);
  const nodes = owned.filter(({ hostname }) => agreed === undefined || agreed.includes(hostname));
  const notes: string[] = [...left];
  const attempt = async <T>(work: Promise<T>, byHand: string): Promise<T | undefined> => {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof AppFailure)) throw error;
      notes.push(`${error.error.message} By hand: ${byHand}`);
      return undefined;
    }
  };
  const result = {
    name: person.name,
    revoked: removed.revoked,
    invitesEnded: removed.invitesEnded,
    rotated: [] as SwarmRole[],
    nodes: [] as string[],
    secrets: [] as RemovedPerson['secrets'],
    notes,
  };
  if (trouble !== undefined) {
    const names = machinesOf(person).join(', ');
    const known = names === '' ? '' : `, and for ${names} \`${program} team node rm NODE --force\``;
    const todo = `\`${program} team rotate worker\` and \`team rotate manager\`${known}`;
    notes.push(`The Swarm was not touched. ${trouble} On a manager: ${todo}.`);
    return result;
  }
  // Before the nodes go: tasks are forgotten with them.
  const secrets = attempt(readSecrets(context, engine, nodes), `${program} team secrets`);
  result.secrets.push(...((await secrets) ?? []));
  for (const role of ['worker', 'manager'] as const) {
    const done = await attempt(team.rotate({ ...on(engine), role }), `${program} team rotate ${role}`);
    if (done !== undefined) result.rotated.push(role);
  }
  for (const { id, hostname } of nodes) {
    const byHand = `${program} team node rm ${hostname} --force`;
    const gone = await attempt(team.removeNode({ ...on(engine), node: id, force: true }), byHand);
    if (gone !== undefined) result.nodes.push(hostname);
  }
  if (result.nodes.length > 0) {
    // Seen on 20.10: half a minute after its removal an engine still takes itself for a member.
    notes.push('The engines there are told nothing: what runs on them may go on, cut off from the rest.');
    notes.push('A Swarm remembers the last five tasks of a slot: what ran there before them is not in this list.');
  }
  return result;
}

async function readSecrets({ stacksOf }: ServicesContext, { engine }: OnEngine, nodes: readonly SwarmNode[]) {
  if (nodes.length === 0) return [];
  const stacks = await stacksOf(engine);
  const [{ secrets }, tasks, services] = await Promise.all([stacks.observe('', []), stacks.tasks(), stacks.services()]);
  const leaving = nodes.map(({ id, hostname, manager }) => ({ id, hostname, manager: manager !== undefined }));
  return readableSecrets(secrets, tasks, leaving, Object.fromEntries(services.map(({ id, name }) => [id, name])));
}
