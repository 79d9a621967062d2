import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { askAll, composeFiles } from './support/corpus.ts';
import { type Asked, askOurs, askPeer, disagreement, peerBinary } from './support/live-peer.ts';

/*
 * A folder of compose files, other people's, through docker compose and through this loader:
 *
 *   CLAUDE_ENV_CORPUS=/path/to/folder CLAUDE_ENV_PEER_COMPOSE=/path/to/docker-compose \
 *     npx vitest run --project long test/core/compose/corpus.long.test.ts
 *
 * Every *.yaml and *.yml below the folder is a project of its own, loaded where it lies, with the files around it and a
 * small environment; then once more with every profile active; then merged with its neighbours. Both must refuse it, or
 * both accept it with one model, in 98 of 100. What differs is printed.
 */
const WANTED = 0.98;
/** Neighbours that a file is merged with. */
const NEIGHBOURS = 3;
const folder = process.env.CLAUDE_ENV_CORPUS;
const peer = peerBinary();

const ready = folder !== undefined && peer !== undefined && existsSync(folder) && existsSync(peer);
if (!ready) console.warn('SKIPPED: set CLAUDE_ENV_CORPUS to a folder of compose files, and CLAUDE_ENV_PEER_COMPOSE');

const files = ready ? composeFiles(folder) : [];
const pairs = files.flatMap((file) => {
  const others = files.filter((other) => other !== file && dirname(other) === dirname(file));
  return others.slice(0, NEIGHBOURS).map((other) => [file, other]);
});

/** The one difference that is meant and common here (docs/compose.md): an override that repeats an item. */
const isMeant = (difference: string): boolean =>
  /only the peer refuses: .*items at \d+ and \d+ are equal/s.test(difference);

describe.skipIf(!ready)('compose files of others', () => {
  it.each<{ how: string; projects: readonly Asked[] }>([
    { how: 'alone', projects: files.map((file) => ({ files: [file] })) },
    {
      how: 'with every profile',
      projects: files.map((file) => ({ files: [file], environment: { COMPOSE_PROFILES: '*' } })),
    },
    { how: 'two of a folder', projects: pairs.map((pair) => ({ files: pair })) },
  ])('are read as docker compose reads them: $how', { timeout: 3_600_000 }, async ({ how, projects }) => {
    let accepted = 0;
    const found = await askAll(projects, async (asked) => {
      const [ours, theirs] = [await askOurs(asked), await askPeer(peer ?? '', asked)];
      if ('model' in theirs) accepted += 1;
      const difference = disagreement(ours, theirs);
      return difference && `${asked.files.join(' + ')}: ${difference}`;
    });
    const differences = found.filter((one) => one !== undefined && !isMeant(one));
    const share = 1 - differences.length / Math.max(1, projects.length);
    console.log(differences.join('\n'));
    console.log(
      `${how}: ${projects.length} projects, ${accepted} accepted by docker compose, ${(share * 100).toFixed(2)} % agree, ` +
        `${found.filter((one) => one !== undefined && isMeant(one)).length} differ as they are meant to`,
    );
    expect(files.length, 'no compose file in the folder').toBeGreaterThan(0);
    expect(share).toBeGreaterThanOrEqual(WANTED);
  });
});
