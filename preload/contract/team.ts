import * as z from 'zod';
import { engineId } from './kept.ts';
import { method, stream } from './method.ts';
import { personRole } from './person-role.ts';

/* Getting into a team's Swarm, and what can be done with its machines. manager and worker are the Swarm's words. */

export const swarmRole = z.enum(['worker', 'manager']);
export const machineRole = z.enum(['server', 'laptop']);

/** What was pasted. It opens the Swarm: it travels in calls alone, and is in no answer but the one that makes it. */
const inviteText = z.string().max(20_000);
/** An address, a host's name or that of an interface. */
const advertised = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9.:_%-]{0,252}$/)
  .optional();

/** One that was made: everything but its string, which nobody keeps. */
export const listedInvite = z.object({
  id: z.string(),
  role: swarmRole,
  machine: machineRole,
  by: z.string(),
  issued: z.string(),
  expires: z.string(),
  alive: z.boolean(),
});
export type ListedInvite = z.infer<typeof listedInvite>;

export const issuedInvite = z.object({
  /** Shown once. A secret. */
  invite: z.string(),
  team: z.string(),
  role: swarmRole,
  machine: machineRole,
  expires: z.string(),
  fingerprint: z.string(),
  /** Invites of this role had all expired: their token is worthless now. */
  rotated: z.boolean(),
  notes: z.array(z.string()),
});
export type IssuedInvite = z.infer<typeof issuedInvite>;

/** What an invite says, without what is secret in it. */
export const inviteFacts = z.object({
  team: z.string(),
  expires: z.string(),
  /** Of one that lets a machine into the Swarm; `managers` is empty without. */
  role: swarmRole.optional(),
  machine: machineRole.optional(),
  managers: z.array(z.string()),
  fingerprint: z.string().optional(),
  see: z.string().optional(),
  /** Of one that lets a person into the team's services; without a `role` it is for them alone. */
  services: z.object({ addresses: z.array(z.string()), fingerprint: z.string() }).optional(),
  /** What joining means, in sentences. */
  means: z.array(z.string()),
});
export type InviteFacts = z.infer<typeof inviteFacts>;

/** `unknown`: cannot be told from here. */
export const reachCheck = z.object({
  what: z.string(),
  status: z.enum(['ok', 'problem', 'unknown']),
  found: z.string(),
});
export type ReachCheck = z.infer<typeof reachCheck>;

export const joinedTeam = z.object({
  team: z.string(),
  role: swarmRole,
  nodeId: z.string(),
  hostname: z.string(),
  address: z.string(),
  warnings: z.array(z.string()),
  overlay: z.object({
    verdict: z.enum(['both', 'name', 'traffic', 'back', 'no-network', 'skipped']),
    says: z.string(),
  }),
  notes: z.array(z.string()),
});
export type JoinedTeam = z.infer<typeof joinedTeam>;

/** This user's link to the team's services, as it was made. */
export const linkedServices = z.object({
  team: z.string(),
  person: z.object({ id: z.string(), name: z.string(), role: personRole }),
  addresses: z.array(z.string()),
  /** MCP servers, by their paths below the addresses. */
  servers: z.array(z.object({ name: z.string(), path: z.string() })),
  notes: z.array(z.string()),
});
export type LinkedServices = z.infer<typeof linkedServices>;

/** One of the machine's own addresses. `bad` ones, which others cannot reach, are left out. */
export const addressAdvice = z.object({
  name: z.string(),
  address: z.string(),
  verdict: z.enum(['good', 'doubtful']),
  reasons: z.array(z.string()),
});
export type AddressAdvice = z.infer<typeof addressAdvice>;

/** The machine joined again by another address. */
export const rejoinedTeam = joinedTeam.pick({ team: true, address: true, overlay: true, notes: true }).extend({
  /** Labels and availability are as before; otherwise an operator carries them over. */
  labelsKept: z.boolean(),
});
export type RejoinedTeam = z.infer<typeof rejoinedTeam>;

/** The team knows this machine by an address that it no longer has. `now`: those that it has. */
export const movedMachine = z.object({ team: z.string(), known: z.string(), now: z.array(z.string()) });
export type MovedMachine = z.infer<typeof movedMachine>;

export const createdTeam = z.object({
  team: z.string(),
  address: z.string(),
  fingerprint: z.string(),
  encrypted: z.boolean(),
  warnings: z.array(z.string()),
  /** What has to be let through, in sentences. */
  firewall: z.array(z.string()),
});
export type CreatedTeam = z.infer<typeof createdTeam>;

/** `server`, `laptop`: what the machine is for. `remove`: only of one that is gone. */
export const nodeAction = z.enum(['drain', 'pause', 'activate', 'promote', 'demote', 'server', 'laptop', 'remove']);
export type NodeAction = z.infer<typeof nodeAction>;
/** Of managers, what another number of them means; `refused`: it will not be done. */
export const nodeAdvice = z.object({ kind: z.enum(['fine', 'doubtful', 'refused']), advice: z.string() });

const onEngine = z.object({ engine: engineId });
const onNode = onEngine.extend({ node: z.string().regex(/^[a-z0-9]{1,64}$/), action: nodeAction });
const minute = 60;
const month = 30 * 86_400;

export const teamMethods = {
  /** `listed`: false where the engine is not on this machine, and only people know its addresses. */
  'team.addresses': method(
    onEngine,
    z.object({ listed: z.boolean(), addresses: z.array(addressAdvice), warnings: z.array(z.string()) }),
  ),
  /** Makes a Swarm with this engine as its first manager. `encrypt` false: not; else where the kernel can. */
  'team.create': method(
    onEngine.extend({
      name: z.string().max(200),
      advertise: advertised,
      machine: machineRole,
      encrypt: z.boolean(),
    }),
    createdTeam,
  ),
  'team.invites': method(onEngine, z.object({ invites: z.array(listedInvite) })),
  /** `lasts` in seconds. */
  'team.invite': method(
    onEngine.extend({
      role: swarmRole,
      machine: machineRole,
      lasts: z.number().int().min(minute).max(month),
      see: z.string().max(300).optional(),
    }),
    issuedInvite,
  ),
  /** A new join token of the role: ends every invite that was made for it. */
  'team.rotate': method(onEngine.extend({ role: swarmRole }), z.object({ died: z.array(listedInvite) })),
  /** What an invite says; touches no network. Fails with `swarm.invite-*`. */
  'team.readInvite': method(z.object({ invite: inviteText }), inviteFacts),
  /** What can be tested from here before anything is changed. */
  'team.tryInvite': method(
    z.object({ invite: inviteText }),
    z.object({ checks: z.array(reachCheck), answering: z.number().int() }),
  ),
  /** Leaves and joins with the address that the machine has now. `invite`: where nothing that is kept can be used. */
  'team.rejoin': method(onEngine.extend({ advertise: advertised, invite: inviteText.optional() }), rejoinedTeam),
  /** What the change means for the managers; absent where it means nothing for them. */
  'team.adviseNode': method(onNode, z.object({ advice: nodeAdvice.optional() })),
  'team.changeNode': method(onNode, z.object({})),
} as const;

export const teamStreams = {
  /** Whether the machine has moved, at first and whenever that changes; nothing is asked meanwhile. */
  moves: stream(onEngine, z.object({ moved: movedMachine.optional() })),
  /**
   * Joins, says how far it is, and ends: `linked` for the services, `joined` for the Swarm, as the invite has them. Closed before,
   * it is called off. `engine`: for the Swarm.
   */
  joining: stream(
    z.object({ engine: engineId.optional(), invite: inviteText, advertise: advertised }),
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('progress'), says: z.string() }),
      z.object({ kind: z.literal('linked'), linked: linkedServices }),
      z.object({ kind: z.literal('joined'), joined: joinedTeam }),
    ]),
  ),
} as const;
