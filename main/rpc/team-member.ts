import type { teamMemberMethods } from '../../preload/contract/team-member.ts';
import type { Services } from '../services/services.ts';
import type { ServiceHandlers } from './handlers.ts';

/** What a team's services give this user's own dev containers. */
export const createTeamMemberHandlers = ({
  teamMember,
}: Services): Pick<ServiceHandlers, keyof typeof teamMemberMethods> => ({
  'teamMember.diff': (input) => teamMember.diff(input),
  'teamMember.apply': (input) => teamMember.apply(input),
  'teamMember.undo': (input) => teamMember.undo(input),
});
