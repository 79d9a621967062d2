import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dockerCommand } from '../support/swarm-stand.ts';
import { everyKeyCases, everyKeyFile, everyKeyFiles, meantDifferences } from './every-key/cases.ts';
import { createStackPair, type StackPair } from './stack-pair.ts';

/*
 * Every key that docker stack reads, with every kind of value, in a file of its own, deployed by both (stack-pair.ts). What
 * docker stack refuses ours refuses as well, with its place and a way out, or reads as docker compose does; anything else that
 * is not equal is a row of the table in docs/stacks.md.
 */

let pair: StackPair;
let folder: string;

beforeAll(async () => {
  if (dockerCommand === undefined) return;
  pair = await createStackPair();
  folder = await mkdtemp(join(tmpdir(), 'claude-env-every-key-'));
  for (const [name, text] of Object.entries(everyKeyFiles)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
});
afterAll(async () => {
  if (dockerCommand === undefined) return;
  await pair.close();
  await rm(folder, { recursive: true, force: true });
});

describe.skipIf(dockerCommand === undefined)('each key of a stack file', () => {
  it.each(everyKeyCases)('%s', async (lines) => {
    const file = join(folder, 'compose.yaml');
    await writeFile(file, everyKeyFile(lines));
    const found = await pair.compare(file);
    if (found.verdict === 'both refuse') expect(found.vague, found.what).toBeUndefined();
    else expect(`${found.verdict}: ${found.what}`).toMatch(meantDifferences.get(lines) ?? /^equal: $/);
  });
});
