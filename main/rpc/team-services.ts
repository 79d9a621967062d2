import type { teamServicesMethods } from '../../preload/contract/team-services.ts';
import type { Services } from '../services/services.ts';
import type { ServiceHandlers } from './handlers.ts';

type TeamServicesHandlers = Pick<ServiceHandlers, keyof typeof teamServicesMethods>;

/** The team's own services: people, configuration, incidents, and this user's link to them. */
export const createTeamServicesHandlers = ({ teamServices }: Services): TeamServicesHandlers => ({
  'teamServices.retry': async () => {
    teamServices.retry();
    return {};
  },
  'teamServices.leave': async () => {
    const { team, notes } = await teamServices.leave();
    return { team, notes: [...notes] };
  },
  'teamServices.renewToken': async () => {
    await teamServices.renewToken();
    return {};
  },
  'teamServices.invitePerson': async ({ swarm, ...input }) => {
    const { notes, ...made } = await teamServices.invitePerson({ ...input, ...(swarm === undefined ? {} : { swarm }) });
    return { ...made, notes: [...notes] };
  },
  'teamServices.approveInvite': async ({ id }) => {
    await teamServices.approveInvite(id);
    return {};
  },
  'teamServices.withdrawInvite': async ({ id }) => {
    await teamServices.withdrawInvite(id);
    return {};
  },
  'teamServices.setRole': async ({ person, role }) => {
    await teamServices.setRole(person, role);
    return {};
  },
  'teamServices.adviseRemoval': async ({ person, engine }) => {
    const { name, means, nodes } = await teamServices.adviseRemoval(person, { engine });
    return { name, means: [...means], nodes: [...nodes] };
  },
  'teamServices.removePerson': ({ person, ...how }) => teamServices.removePerson(person, how),
  'teamServices.approveRevision': async ({ sha }) => {
    await teamServices.approveRevision(sha);
    return {};
  },
  'teamServices.syncConfig': () => teamServices.syncConfig(),
  'teamServices.openIncident': (input) => teamServices.openIncident(input),
  'teamServices.changeIncident': async ({ id, ...change }) => {
    await teamServices.changeIncident(id, change);
    return {};
  },
});
