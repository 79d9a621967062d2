import { describe, expect, test } from 'vitest';
import {
  changedFiles,
  diffLines,
  hasChanges,
  hasOffer,
  memberLook,
  memberServers,
} from '../../renderer/show/team-member.ts';
import { compared, offered, offeredBefore, yours } from '../support/scenarios-team-member.ts';

const offer = { sha: offered };

describe('a dev container of one’s own', () => {
  test.each([
    ['behind', {}],
    ['current', { applied: offered }],
    ['changed here', { applied: offered, drifted: ['settings.json'] }],
    ['not applied', { applied: null }],
    ['none is offered', { applied: null, offered: null }],
    ['being brought', { state: 'working' }],
    ['failed', { state: 'failed' }],
  ] as const)('%s', (label, changes) => {
    expect(memberLook({ ...yours, drifted: [], ...structuredClone(changes) } as typeof yours).label).toBe(label);
  });

  test('there is something to look at only where what is offered is not there as it is', () => {
    const changes = [{}, { applied: offered }, { applied: offered, drifted: ['a'] }, { offered: null }];
    expect(changes.map((one) => hasOffer({ ...yours, ...one }))).toEqual([true, false, true, false]);
  });

  test('a server that somebody else registered is not among those that the team gave, and says why', () => {
    expect(memberServers(yours)).toEqual({
      has: ['team-context7', 'team-sequential'],
      not: ['team-magic: somebody else registered this name; it stays theirs'],
    });
  });
});

describe('the diff', () => {
  test('files that are the same are not listed', () => {
    expect(changedFiles(compared).map(({ path }) => path)).toEqual(['hooks/format.sh', 'settings.json', 'CLAUDE.md']);
  });

  test('nothing is to be applied where all is there already, or nothing is offered', () => {
    const same = compared.files.map((file) => ({ ...file, kind: 'same' as const }));
    expect(hasChanges(compared)).toBe(true);
    expect(hasChanges({ files: same, offered: offer, applied: offered })).toBe(false);
    expect(hasChanges({ files: same, offered: offer, applied: offeredBefore })).toBe(true);
    expect(hasChanges({ files: compared.files, offered: null, applied: null })).toBe(false);
  });

  test('lines by what they are; the names of the file are above it already', () => {
    const text = '--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n same\n-old\n+new\n+++plus\n';
    expect(diffLines(text)).toEqual([
      { kind: 'place', text: '@@ -1,2 +1,2 @@' },
      { kind: 'same', text: ' same' },
      { kind: 'remove', text: '-old' },
      { kind: 'add', text: '+new' },
      { kind: 'add', text: '+++plus' },
    ]);
  });
});
