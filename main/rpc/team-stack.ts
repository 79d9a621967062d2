import type { TeamStackOptions, teamStackMethods } from '../../preload/contract/team-stack.ts';
import type { Services } from '../services/services.ts';
import type { TeamStackAsked } from '../services/team-stack/runs.ts';
import type { ServiceHandlers } from './handlers.ts';

type Given = { readonly [K in keyof TeamStackOptions]?: TeamStackOptions[K] | undefined };

const toAsked = ({ engine, options }: { readonly engine: string; readonly options: Given }): TeamStackAsked => ({
  engine,
  choices: Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
});

/** The team's services as a stack of its Swarm, from nothing to deployed. */
export const createTeamStackHandlers = ({
  teamStackRuns: runs,
}: Services): Pick<ServiceHandlers, keyof typeof teamStackMethods> => ({
  'teamStack.look': ({ engine }) => runs.look(engine),
  'teamStack.plan': (asked) => runs.plan(toAsked(asked)),
  'teamStack.run': async ({ fingerprint, ...asked }) => {
    await runs.run(toAsked(asked), fingerprint);
    return {};
  },
  'teamStack.cancel': async ({ engine }) => {
    runs.cancel(engine);
    return {};
  },
  'teamStack.dismiss': async ({ engine }) => {
    runs.dismiss(engine);
    return {};
  },
});
