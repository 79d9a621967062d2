import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../../main/core/app-failure.ts';
import type { OpaqueValue } from '../../../main/core/opaque.ts';
import { planFor } from '../../../main/core/plan/actions.ts';
import { printPlan } from '../../../main/core/plan/print.ts';
import type { Diagnostic } from '../../../preload/contract/errors.ts';
import { loadProject, sha256 } from '../../support/builders.ts';
import { type CaseRequest, expandObserved } from '../../support/builders-observed.ts';

/* A folder a case: compose.yaml and what the engine has (observed.json) give the plan in plan.txt. See README.md beside. */
const cases = join(import.meta.dirname, 'cases');

/** `line:column ` of what names its place in the file. */
const placeOf = ({ where }: Diagnostic): string => (where === undefined ? '' : `${where.line}:${where.column} `);

const keychainOf = ({ keychain = {} }: CaseRequest): ReadonlyMap<string, OpaqueValue> =>
  new Map(Object.entries(keychain).map(([name, source]) => [name, { name, source, edition: 'now' }]));

async function planText(folder: string): Promise<string> {
  const request: CaseRequest = JSON.parse(await readFile(join(folder, 'observed.json'), 'utf8'));
  const file = join(folder, 'compose.yaml');
  const project = existsSync(file) ? await loadProject(file, {}, () => keychainOf(request)) : undefined;
  const observed = expandObserved(request, project);
  try {
    const plan = planFor(request.action, {
      project,
      name: project?.name ?? request.project ?? 'shop',
      observed,
      options: request.options ?? {},
      sha256,
      unset: new Set(request.unset),
      hooksDue: new Set(request.hooksDue),
    });
    expect(new Set(plan.steps.map((step) => step.id)).size, 'step ids are unique').toBe(plan.steps.length);
    const ids = plan.steps.map((step) => step.id);
    for (const [index, step] of plan.steps.entries()) {
      for (const before of step.after)
        expect(ids.slice(0, index), `${step.id} comes after ${before}`).toContain(before);
    }
    return printPlan(plan);
  } catch (error) {
    if (!(error instanceof AppFailure)) throw error;
    const lines = (error.error.diagnostics ?? []).map(
      (one) => `  ${placeOf(one)}${one.rule}: ${one.message}${one.hint === undefined ? '' : ` — ${one.hint}`}`,
    );
    const hint = error.error.hint === undefined ? '' : ` — ${error.error.hint}`;
    return `${[`${error.error.code}: ${error.error.message}${hint}`, ...lines].join('\n')}\n`;
  }
}

describe('golden plans', () => {
  const names = readdirSync(cases, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  it('there are enough of them', () => expect(names.length).toBeGreaterThanOrEqual(40));
  it.each(names)('%s', async (name) => {
    const folder = join(cases, name);
    await expect(await planText(folder)).toMatchFileSnapshot(join(folder, 'plan.txt'));
  });
});
