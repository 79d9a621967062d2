import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { caseTexts } from './support/cases.ts';
import { checkMutations } from './support/check-mutations.ts';
import { askOurs, askPeer, disagreement, peerBinary } from './support/live-peer.ts';
import { createRandom, mutate } from './support/mutate.ts';

const SEEDS = [1, 2, 3, 4, 5];

describe('ten thousand damaged files', () => {
  for (const seed of SEEDS) {
    it(`get a verdict each (seed ${seed})`, { timeout: 600_000 }, () => checkMutations(2000, seed));
  }
});

const peer = peerBinary();
const hasPeer = peer !== undefined && existsSync(peer);
if (!hasPeer) console.warn('SKIPPED: the peer’s verdicts, because CLAUDE_ENV_PEER_COMPOSE names no docker compose');

/** Of the same files as above, every tenth: the peer needs some 50 ms each. */
const SAMPLE = 200;
/** The rest is in docs/compose.md, "Differences from docker compose". */
const WANTED = 0.98;

describe.skipIf(!hasPeer)('a sample of them', () => {
  it('gets the verdict and the model of docker compose', { timeout: 1_200_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mutations-'));
    const file = join(folder, 'compose.yaml');
    const texts = caseTexts();
    const different: string[] = [];
    for (const seed of SEEDS) {
      const random = createRandom(seed);
      for (let count = 0; count < SAMPLE * 10; count += 1) {
        const text = mutate(texts[random(texts.length)] ?? '', random);
        if (count % 10 !== 0) continue;
        writeFileSync(file, text);
        const found = disagreement(await askOurs({ files: [file] }), await askPeer(peer ?? '', { files: [file] }));
        if (found !== undefined) different.push(`${text}\n>>> ${found}`);
      }
    }
    rmSync(folder, { recursive: true });
    console.log(different.join('\n----\n'));
    const share = 1 - different.length / (SAMPLE * SEEDS.length);
    console.log(`${SAMPLE * SEEDS.length} files, ${(share * 100).toFixed(2)} % agree`);
    expect(share).toBeGreaterThanOrEqual(WANTED);
  });
});
