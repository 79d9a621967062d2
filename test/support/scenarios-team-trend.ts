import type { TeamSample } from '../../preload/contract/team-services.ts';
import { ago } from './scenarios-data.ts';

/* What is shown of a team's services for a moment, or over an hour. */

/** What the services have kept: so many minutes of it, of which five nobody looked at. */
export const lastHour = (minutes: number): TeamSample[] =>
  Array.from({ length: minutes }, (_, at): TeamSample => {
    const turn = 60 - minutes + at;
    return {
      at: ago((minutes - 1 - at) * 60 + 12),
      environments: turn < 20 ? 1 : turn < 45 ? 3 : 2,
      sync: turn < 30 ? 1 : 0.992,
      mcp: turn > 8 && turn < 14 ? null : 0.07 + 0.05 * Math.abs(Math.sin(turn / 5)),
      drift: turn < 38 ? 0 : 20,
    };
  }).filter((_, at) => 60 - minutes + at < 25 || 60 - minutes + at > 29);

export const looked = {
  outcome: 'news',
  says: 'Revision c71d0a44 (Agents for reviews of migrations) waits for approval.',
  waiting: ['c71d0a44e5b8f2936d10ce87ab35f4029b6d8e13'],
};
