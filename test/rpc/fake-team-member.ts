import type { Services } from '../../main/services/services.ts';
import { noteIn } from './note.ts';

/** Answers as a dev container with a team's part does; `called` has what was asked, with what came in. */
export function createFakeTeamMember(called: string[]): Services['teamMember'] {
  const note = noteIn(called);
  const nothing = () => () => undefined;
  const sha = 'a'.repeat(40);
  return {
    start: () => undefined,
    close: () => undefined,
    bringNow: async () => [],
    applied: async () => undefined,
    onChange: nothing,
    follow: (send) => {
      send({ environments: [] });
      return () => undefined;
    },
    diff: note('diff', {
      ...{ environment: 'local', team: 'Falcon', offered: { sha, subject: 'Be kind' }, applied: null },
      files: [{ path: 'CLAUDE.md', kind: 'add', diff: '+Be kind.' }],
      carries: [{ file: 'settings.json', what: 'hook Stop', command: 'make' }],
      notes: ['one file is left out'],
    }),
    apply: note('apply', { environment: 'local', written: ['CLAUDE.md'], kept: [{ path: 'a', note: 'yours' }] }),
    undo: note('undo', { environment: 'local', restored: ['CLAUDE.md'], kept: [] }),
    leave: async () => [],
  };
}
