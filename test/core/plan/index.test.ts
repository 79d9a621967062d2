import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CaseRequest } from '../../support/builders-observed.ts';

/* The golden cases as a table of contents: each says on its first line what happened, and README.md lists them all. */

const cases = join(import.meta.dirname, 'cases');
const names = readdirSync(cases, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

/** The comment on top of compose.yaml; `scenario` in observed.json where there is no file. */
function scenarioOf(name: string): string {
  const file = join(cases, name, 'compose.yaml');
  if (existsSync(file)) return /^# (.+)$/m.exec(readFileSync(file, 'utf8').split('\n')[0] ?? '')?.[1] ?? '';
  const request: CaseRequest = JSON.parse(readFileSync(join(cases, name, 'observed.json'), 'utf8'));
  return request.scenario ?? '';
}

describe('golden cases', () => {
  it.each(names)('%s says on its first line what happened', (name) => {
    expect(scenarioOf(name), 'begin compose.yaml with a comment of one line').toMatch(/^.{12,160}[.:]$/);
  });

  it('are all in the index, README.md', async () => {
    const actions = [...new Set(names.map((name) => name.split('-')[0] ?? ''))];
    const sections = actions.map((action) => {
      const rows = names
        .filter((name) => name === action || name.startsWith(`${action}-`))
        .map((name) => `- [${name}](${name}/plan.txt): ${scenarioOf(name)}`);
      return `## ${action}\n\n${rows.join('\n')}\n`;
    });
    const head = `# ${names.length} plans\n\nEach folder is a question and its answer; how to read one is said in [the page above](../README.md). This index is\nwritten by \`npx vitest run --project core test/core/plan/index.test.ts -u\` from the first lines of the cases.\n`;
    await expect(`${head}\n${sections.join('\n')}`).toMatchFileSnapshot(join(cases, 'README.md'));
  });
});
