import type { Services } from '../../main/services/services.ts';
import { options } from '../support/scenarios-team-up.ts';

/** Answers as the run of a team's services does; `called` has what was asked, with what came in. */
export function createFakeTeamStackRuns(called: string[]): Services['teamStackRuns'] {
  const say = (name: string, ...input: readonly unknown[]) => called.push(`${name} ${JSON.stringify(input)}`);
  return {
    look: async (engine) => {
      say('look', engine);
      return { team: 'Falcon', options, only: ['password of the database'] };
    },
    plan: async (asked) => {
      say('plan', asked);
      return { team: 'Falcon', addresses: [], steps: [], notes: [], fingerprint: 'f' };
    },
    run: async (asked, fingerprint) => void say('run', asked, fingerprint),
    cancel: (engine) => void say('cancel', engine),
    dismiss: (engine) => void say('dismiss', engine),
    follow: (_engine, onFrame) => {
      onFrame({ run: null });
      return () => void say('unfollowed');
    },
    close: () => undefined,
  };
}
