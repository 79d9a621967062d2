import { expect, it } from 'vitest';
import { originOf } from '../../../main/core/compose/x-claude-env.ts';
import { errorsOf, loadFrom } from './support/cases.ts';

const file = (secrets: string): Record<string, string> => ({
  '/p/compose.yaml': `services: {web: {image: nginx, secrets: [a, b, c]}}\nsecrets:\n${secrets}`,
});

it('says where a value comes from besides the environment', async () => {
  const { project, diagnostics } = await loadFrom(
    file(`  a: {environment: A, x-claude-env: {keychain: TOKEN_A}}
  b: {environment: B, x-claude-env: {command: [op, read, 'op://vault/b']}}
  c: {environment: C}
`),
  );
  expect(diagnostics).toEqual([]);
  const origins = [...(project?.secrets.values() ?? [])].map(originOf);
  expect(origins).toEqual([
    { from: 'keychain', name: 'TOKEN_A' },
    { from: 'command', command: ['op', 'read', 'op://vault/b'], where: expect.objectContaining({ line: 4 }) },
    undefined,
  ]);
});

it('is checked as everything else is', async () => {
  const result = await loadFrom(
    file(`  a: {environment: A, x-claude-env: {keychan: TOKEN}}
  b: {file: ./b, x-claude-env: {keychain: B}}
  c: {environment: C, x-claude-env: {keychain: "not a name"}}
  d: {environment: D, x-claude-env: {command: "op read"}}
  e: {environment: E, x-claude-env: {command: [op, "\${WHAT:-read}"]}}
  f: {environment: F, x-claude-env: {command: [op], keychain: F}}
  g: {environment: G, x-claude-env: yes}
`),
  );
  expect(errorsOf(result)).toEqual([
    'compose.yaml:3:47 bad-x-claude-env',
    'compose.yaml:4:32 bad-x-claude-env',
    'compose.yaml:5:48 bad-x-claude-env',
    'compose.yaml:6:47 bad-x-claude-env',
    'compose.yaml:7:52 bad-x-claude-env',
    'compose.yaml:8:47 bad-x-claude-env',
    'compose.yaml:9:37 bad-x-claude-env',
  ]);
  expect(result.diagnostics[0]?.hint).toBe('did you mean `keychain`?');
});
