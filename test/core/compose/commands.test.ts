import { expect, test } from 'vitest';
import { commandsIn } from '../../../main/core/compose/commands.ts';

test('commands of secrets and configs, of all documents, and nothing that is no list of texts', async () => {
  const text = `
secrets:
  a: {environment: A, x-claude-env: {command: [op, read, x]}}
  same: {environment: A, x-claude-env: {command: [op, read, x]}}
  kept: {environment: A, x-claude-env: {keychain: A}}
  text: {environment: A, x-claude-env: {command: 'op read x'}}
  number: {environment: A, x-claude-env: {command: [op, 1]}}
  empty: {environment: A, x-claude-env: {command: []}}
  file: {file: ./x}
services:
  web: {x-claude-env: {command: [not, this]}}
---
configs:
  b: {environment: B, x-claude-env: {command: [vault, kv, get]}}
`;
  expect(await commandsIn('/c.yaml', text)).toEqual([
    ['op', 'read', 'x'],
    ['vault', 'kv', 'get'],
  ]);
  expect(await commandsIn('/c.yaml', 'secrets: {a: [')).toEqual([]);
  expect(await commandsIn('/c.yaml', '')).toEqual([]);
});
