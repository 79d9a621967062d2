import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
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
/** Processes of the peer at a time. */
const AT_ONCE = 4;
const folder = process.env.CLAUDE_ENV_CORPUS;
const peer = peerBinary();

/** Kubernetes manifests, workflows and the like say nothing about a project. */
const isCompose = (text: string): boolean => /^\s*["']?(?:services|include|volumes|networks)["']?\s*:/m.test(text);

function composeFiles(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => isCompose(readFileSync(file, 'utf8')))
    .sort();
}

interface Compared {
  readonly accepted: number;
  /** `file: what differs`. */
  readonly differences: readonly string[];
}

async function compareAll(files: readonly string[], binary: string): Promise<Compared> {
  const queue = files.values();
  const differences: string[] = [];
  let accepted = 0;
  const work = async (): Promise<void> => {
    for (const file of queue) {
      const [ours, theirs] = [await askOurs({ files: [file] }), await askPeer(binary, { files: [file] })];
      if ('model' in theirs) accepted += 1;
      const found = disagreement(ours, theirs);
      if (found !== undefined) differences.push(`${file}: ${found}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { accepted, differences: differences.sort() };
}

const ready = folder !== undefined && peer !== undefined && existsSync(folder) && existsSync(peer);
if (!ready) console.warn('SKIPPED: set CLAUDE_ENV_CORPUS to a folder of compose files, and CLAUDE_ENV_PEER_COMPOSE');

describe.skipIf(!ready)('compose files of others', () => {
  it('are read as docker compose reads them', { timeout: 3_600_000 }, async () => {
    const files = composeFiles(folder ?? '');
    const { accepted, differences } = await compareAll(files, peer ?? '');
    const share = 1 - differences.length / Math.max(1, files.length);
    console.log(differences.join('\n'));
    console.log(`${files.length} files, ${accepted} accepted by docker compose, ${(share * 100).toFixed(2)} % agree`);
    expect(files.length, 'no compose file in the folder').toBeGreaterThan(0);
    expect(share).toBeGreaterThanOrEqual(WANTED);
  });
});
