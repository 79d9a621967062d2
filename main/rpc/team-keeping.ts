import type { keepingMethods } from '../../preload/contract/team-keeping.ts';
import type { Services } from '../services/services.ts';
import type { ServiceHandlers } from './handlers.ts';

type KeepingHandlers = Pick<ServiceHandlers, keyof typeof keepingMethods>;

/** Out of a team's Swarm, and what keeps it. */
export const createKeepingHandlers = ({ team, teamServices }: Services): KeepingHandlers => ({
  'team.adviseLeaving': async ({ engine }) => {
    const { swarm, services } = await teamServices.adviseLeaving({ engine });
    // Who is in no Swarm is told so.
    const { breaks, ...leaving } = swarm ?? (await team.adviseLeaving({ engine }));
    return { ...leaving, breaks: [...breaks, ...(services?.means ?? [])] };
  },
  'team.leave': async ({ backup, ...input }) => {
    const of = { ...input, ...(backup === undefined ? {} : { backup }) };
    const { swarm, services } = await teamServices.leaveTeam(of);
    return { ...(swarm ?? (await team.leave(of))), notes: [...(services?.notes ?? [])] };
  },
  'team.autolock': async (input) => {
    const { unlockKey } = await team.setAutolock(input);
    return unlockKey === undefined ? {} : { unlockKey };
  },
  'team.unlock': ({ engine, key }) => team.unlock({ engine, ...(key === undefined ? {} : { key }) }),
  'team.guideBackup': async ({ engine }) => ({ steps: [...(await team.guideBackup({ engine })).steps] }),
  'team.recover': async ({ engine }) => {
    await team.recover({ engine });
    return {};
  },
  'team.label': async ({ engine, node, labels }) => {
    const wanted = Object.entries(labels).map(([key, value]) => [key, value ?? undefined] as const);
    await team.changeNode({ engine, node }, { kind: 'label', labels: Object.fromEntries(wanted) });
    return {};
  },
});
