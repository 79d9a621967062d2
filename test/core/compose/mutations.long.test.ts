import { describe, it } from 'vitest';
import { checkMutations } from './support/check-mutations.ts';

describe('ten thousand damaged files', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    it(`get a verdict each (seed ${seed})`, { timeout: 600_000 }, () => checkMutations(2000, seed));
  }
});
