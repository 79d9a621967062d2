import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { askAll, composeFiles } from './support/corpus.ts';
import { askOurs, askPeer, disagreement, peerBinary } from './support/live-peer.ts';

/*
 * A folder of compose files, other people's, through docker compose and through this loader:
 *
 *   CLAUDE_ENV_CORPUS=/path/to/folder CLAUDE_ENV_PEER_COMPOSE=/path/to/docker-compose \
 *     npx vitest run --project long test/core/compose/corpus.long.test.ts
 *
 * Every *.yaml and *.yml below the folder is a project of its own, loaded where it lies, with the files around it and a
 * small environment. Both must refuse it, or both accept it with one model, in 98 of 100. What differs is printed.
 */
const WANTED = 0.98;
const folder = process.env.CLAUDE_ENV_CORPUS;
const peer = peerBinary();

const ready = folder !== undefined && peer !== undefined && existsSync(folder) && existsSync(peer);
if (!ready) console.warn('SKIPPED: set CLAUDE_ENV_CORPUS to a folder of compose files, and CLAUDE_ENV_PEER_COMPOSE');

describe.skipIf(!ready)('compose files of others', () => {
  it('are read as docker compose reads them', { timeout: 3_600_000 }, async () => {
    const files = composeFiles(folder ?? '');
    let accepted = 0;
    const found = await askAll(files, async (file) => {
      const [ours, theirs] = [await askOurs({ files: [file] }), await askPeer(peer ?? '', { files: [file] })];
      if ('model' in theirs) accepted += 1;
      const difference = disagreement(ours, theirs);
      return difference && `${file}: ${difference}`;
    });
    const differences = found.filter((one) => one !== undefined);
    const share = 1 - differences.length / Math.max(1, files.length);
    console.log(differences.join('\n'));
    console.log(`${files.length} files, ${accepted} accepted by docker compose, ${(share * 100).toFixed(2)} % agree`);
    expect(files.length, 'no compose file in the folder').toBeGreaterThan(0);
    expect(share).toBeGreaterThanOrEqual(WANTED);
  });
});
