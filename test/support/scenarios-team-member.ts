import type { InviteFacts, LinkedServices } from '../../preload/contract/team.ts';
import type { MemberDiff, MemberEnvironment } from '../../preload/contract/team-member.ts';
import type { World } from './scenarios.ts';

/* A member's own side of a team's services, for the screenshots and the page's tests: joining, and what a dev container gets. */

export const offered = '4be1f0c29d7a5d1c8e63b0f2a97c5418d3e6a070';
export const offeredBefore = '9c02d7715f3e84ab60c1d2e9f7b3a5c840617de2';

export const yours: MemberEnvironment = {
  name: 'local',
  state: 'ready',
  servers: [
    { name: 'team-context7', outcome: 'registered', detail: 'https://10.77.0.2:8443/mcp/context7' },
    { name: 'team-sequential', outcome: 'registered', detail: 'https://10.77.0.2:8443/mcp/sequential' },
    { name: 'team-magic', outcome: 'foreign', detail: 'somebody else registered this name; it stays theirs' },
  ],
  offered: { sha: offered, subject: 'Let the formatter run after every edit' },
  applied: offeredBefore,
  drifted: [],
};
const hook = 'npx --no-install prettier --write "$CLAUDE_FILE"';
export const compared: MemberDiff = {
  environment: 'local',
  team: 'Falcon',
  offered: { sha: offered, subject: 'Let the formatter run after every edit' },
  applied: offeredBefore,
  files: [
    {
      path: 'hooks/format.sh',
      kind: 'add',
      diff: `--- a/hooks/format.sh\n+++ b/hooks/format.sh\n@@ -0,0 +1,2 @@\n+#!/bin/sh\n+exec ${hook}\n`,
    },
    {
      path: 'settings.json',
      kind: 'change',
      diff: '--- a/settings.json\n+++ b/settings.json\n@@ -2,3 +2,6 @@\n   "permissions": {\n-    "allow": ["Bash(npm test)"]\n+    "allow": ["Bash(npm test)", "Bash(npm run lint)"]\n   }\n',
    },
    { path: 'CLAUDE.md', kind: 'keep-yours', diff: '', note: 'You changed it since: it stays as you have it.' },
    { path: 'commands/review.md', kind: 'same', diff: '' },
  ],
  carries: [{ file: 'hooks/format.sh', what: 'after every edit of a file', command: hook }],
  notes: [],
};
const guestInvite: InviteFacts = {
  team: 'Falcon',
  managers: [],
  services: { addresses: ['10.77.0.2:8443', '10.77.0.3:8443'], fingerprint: 'A1B2 9C0D 44E7 F310' },
  expires: '2026-03-13T14:30:00.000Z',
  means: [
    'You get a token of your own for Falcon’s services: its MCP servers and its configuration for Claude. It is kept in this machine’s keychain.',
    'The team sees your name, that you are there, and of this machine its name and whether its environment runs and has the team’s configuration. Nothing of the configuration is applied before you have seen it.',
    'This machine does not join the Swarm: nobody of the team can run anything on it. `team leave` ends the link and the token.',
  ],
};
const linkedNow: LinkedServices = {
  team: 'Falcon',
  person: { id: 'p-hana', name: 'Hana', role: 'guest' },
  addresses: ['10.77.0.2:8443', '10.77.0.3:8443'],
  servers: [
    { name: 'context7', path: '/mcp/context7' },
    { name: 'sequential', path: '/mcp/sequential' },
  ],
  notes: [],
};
export const guestAnswers: World['answers'] = {
  'team.readInvite': { output: guestInvite },
  'team.tryInvite': {
    output: {
      answering: 1,
      checks: [
        {
          what: 'services at 10.77.0.2:8443',
          status: 'ok',
          found: 'answer, and show the certificate that the invite names',
        },
        { what: 'services at 10.77.0.3:8443', status: 'problem', found: 'Nobody answers within 5 s.' },
      ],
    },
  },
  joining: { output: [{ kind: 'linked', linked: linkedNow }] },
};
