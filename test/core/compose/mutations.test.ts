import { describe, it } from 'vitest';
import { checkMutations } from './support/check-mutations.ts';

describe('damaged files', () => {
  it('get a verdict, with places inside the file', { timeout: 120_000 }, () => checkMutations(1500, 20261121));
});
