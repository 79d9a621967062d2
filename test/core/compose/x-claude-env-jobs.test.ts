import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { jobOf, registryIn } from '../../../main/core/compose/x-claude-env-jobs.ts';
import { errorsOf, loadFrom } from './support/cases.ts';

const load = (extension: string) =>
  loadFrom({ '/p/compose.yaml': `services: {api: {image: nginx}}\nx-claude-env:\n${extension}` });

it('says what runs before and after a deploy', async () => {
  const { project, diagnostics } = await load(`  migrate: {service: api, command: [./manage, migrate], timeout: 1m30s}
  smoke: {service: api, command: ["true"]}
`);
  expect(diagnostics).toEqual([]);
  if (project === undefined) throw new Error('no project');
  expect(jobOf(project, 'migrate')).toEqual({ service: 'api', command: ['./manage', 'migrate'], timeout: 90e9 });
  expect(jobOf(project, 'smoke')).toEqual({ service: 'api', command: ['true'], timeout: 600e9 });
});

it('names the team’s registry, and says how one is written', async () => {
  const { project, diagnostics } = await load('  registry: registry.example:5000/team\n');
  expect(diagnostics).toEqual([]);
  expect(project && registryIn(project)).toBe('registry.example:5000/team');
  const wrong = await load('  registry: our-team\n');
  expect(errorsOf(wrong)).toEqual(['compose.yaml:3:13 bad-x-claude-env']);
  expect(wrong.diagnostics[0]?.hint).toMatch(/HOST\[:PORT\]\[\/PREFIX\]/);
});

it('is checked as everything else is, and says what was meant', async () => {
  const result = await load(`  migrat: {service: api, command: [a]}
  migrate: {service: ap, comand: [a], timeout: soon}
  smoke: {service: api, command: curl -f}
`);
  expect(errorsOf(result)).toEqual([
    'compose.yaml:3:3 bad-x-claude-env',
    'compose.yaml:4:12 bad-x-claude-env',
    'compose.yaml:4:22 bad-x-claude-env',
    'compose.yaml:4:26 bad-x-claude-env',
    'compose.yaml:4:48 bad-x-claude-env',
    'compose.yaml:5:34 bad-x-claude-env',
  ]);
  expect(result.diagnostics.map(({ hint }) => hint)).toEqual(
    expect.arrayContaining(['did you mean `migrate`?', 'did you mean `api`?', 'did you mean `command`?']),
  );
});

it('leaves a stack what it says of itself: the local stack has no mistake', async () => {
  const text = readFileSync(new URL('../../../resources/stacks/local/compose.yaml', import.meta.url), 'utf8');
  const result = await loadFrom({ '/p/compose.yaml': text }, { environment: { CLAUDE_ENV_WORKSPACE: '/code' } });
  expect(errorsOf(result)).toEqual([]);
});
