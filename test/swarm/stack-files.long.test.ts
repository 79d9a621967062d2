import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeFiles } from '../core/compose/support/corpus.ts';
import { dockerCommand } from '../support/swarm-stand.ts';
import { createStackPair, type Difference, type StackPair } from './stack-pair.ts';

/*
 * A folder of stack files through `docker stack deploy` and through ours, each on a Swarm of its own (stack-pair.ts):
 *
 *   CLAUDE_ENV_STACK_CORPUS=/path/to/folder npx vitest run --project swarm-long test/swarm/stack-files.long.test.ts
 */
const WANTED = 0.98;
const folder = process.env.CLAUDE_ENV_STACK_CORPUS;
const ready = folder !== undefined && existsSync(folder) && dockerCommand !== undefined;
if (!ready) console.warn('SKIPPED: set CLAUDE_ENV_STACK_CORPUS and CLAUDE_ENV_PEER_DOCKER');

let pair: StackPair;
beforeAll(async () => {
  if (ready) pair = await createStackPair();
});
afterAll(async () => {
  if (ready) await pair.close();
});

describe.skipIf(!ready)('stack files of others', () => {
  it('are deployed as docker stack deploys them', { timeout: 7_200_000 }, async () => {
    const files = composeFiles(folder ?? '');
    const found: (Difference & { readonly file: string })[] = [];
    for (const file of files) {
      const one = await pair.compare(file);
      found.push({ file, ...one });
      if (one.verdict !== 'equal')
        console.log(`${file}: ${one.verdict}: ${one.what}${one.vague === undefined ? '' : ` VAGUE: ${one.vague}`}`);
    }
    const count = (...verdicts: readonly Difference['verdict'][]): number =>
      found.filter(({ verdict }) => verdicts.includes(verdict)).length;
    const differences = count('differs', 'only ours refuses', 'a second deploy changes something');
    const share = count('equal') / Math.max(1, count('equal') + differences);
    console.log(
      `${files.length} files; equal ${count('equal')}, but for variables ${count('equal but for variables')}, both refuse ${count('both refuse')}, only docker stack refuses ` +
        `${count('only docker stack refuses')}, otherwise ${differences}: ${(share * 100).toFixed(2)} %`,
    );
    expect(count('equal'), 'no stack file in the folder').toBeGreaterThan(0);
    expect(share).toBeGreaterThanOrEqual(WANTED);
  });
});
