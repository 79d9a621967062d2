import { expect } from 'vitest';
import { caseTexts, loadFrom } from './cases.ts';
import { createRandom, mutate } from './mutate.ts';

/*
 * Damaged files: never an exception, always a verdict, and every mistake at a place that exists. The same seed every
 * time; mutations.long.test.ts does many more.
 */
export async function checkMutations(count: number, seed: number): Promise<void> {
  const texts = caseTexts();
  const random = createRandom(seed);
  for (let left = count; left > 0; left -= 1) {
    const text = mutate(texts[random(texts.length)] ?? '', random);
    const begun = performance.now();
    const { project, diagnostics } = await loadFrom({ '/p/compose.yaml': text });
    expect(performance.now() - begun, text).toBeLessThan(5000);
    const errors = diagnostics.filter((found) => found.severity === 'error');
    expect(project === undefined, text).toBe(errors.length > 0 || text.trim() === '');
    const lines = text.split('\n');
    for (const { where } of diagnostics) {
      if (where === undefined) continue;
      expect(where.line, text).toBeLessThanOrEqual(lines.length);
      expect(where.column, text).toBeLessThanOrEqual((lines[where.line - 1] ?? '').length + 1);
    }
  }
}
