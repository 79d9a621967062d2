import type { Clock, Ids, Keychain, Log, SwarmStacks, TeamLink } from '../ports.ts';
import type { TeamService } from '../team/index.ts';
import type { Caller, TeamClient } from './client.ts';
import type { Link } from './link.ts';

/** What the parts of the link to a team's services share. */
export interface ServicesContext {
  readonly teamLink: TeamLink;
  readonly link: Link;
  readonly client: TeamClient;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** How this program is called in a terminal. */
  readonly program: string;
  readonly team: Pick<TeamService, 'adviseLeaving' | 'invite' | 'join' | 'leave' | 'removeNode' | 'rotate' | 'view'>;
  /** The Swarm's stacks, asked of this engine. */
  readonly stacksOf: (engine: string | undefined) => Promise<SwarmStacks>;
  readonly keychain: Keychain;
}

/** This user, as the services are asked by him. Throws `team.not-linked`, `keychain.*`. */
export async function callerOf({ link }: Pick<ServicesContext, 'link'>): Promise<Caller> {
  const record = await link.mustRead();
  const { team, addresses, ca } = record;
  return { team, addresses, ca, token: await link.token(record) };
}
