// The diff that a member is shown: the team's part before and after, as `diff -u` says it.

import { isUtf8 } from 'node:buffer';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toVisible } from './visible.mjs';

const longest = 200_000;

/**
 * @param {import('./plan.mjs').Change} change
 * @returns {Promise<string>} empty when there is nothing to show
 */
export async function toDiff({ path, kind, old, new: now }) {
  if (kind === 'same' || kind === 'keep-yours') {
    return '';
  }
  const [before, after] = [toBytes(old), toBytes(now)];
  if (!isText(before) || !isText(after)) {
    return `not text: ${before.length} bytes before, ${after.length} after\n`;
  }
  const text = toVisible(await runDiff(path, before, after));
  return text.length > longest ? `${text.slice(0, longest)}\n… the rest is left out\n` : text;
}

/** @param {import('./plan.mjs').Change['old']} part */
const toBytes = (part) =>
  Array.isArray(part) ? Buffer.from(part.map((line) => `${line}\n`).join('')) : (part ?? Buffer.alloc(0));

/** @param {Buffer} data */
const isText = (data) => isUtf8(data) && !data.includes(0);

/** @param {string} path @param {Buffer} before @param {Buffer} after @returns {Promise<string>} */
async function runDiff(path, before, after) {
  const folder = mkdtempSync(join(tmpdir(), 'claude-env-diff-'));
  try {
    const [old, now] = ['old', 'new'].map((name) => join(folder, name));
    writeFileSync(old ?? '', before);
    writeFileSync(now ?? '', after);
    const labels = ['--label', `${path} (now)`, '--label', `${path} (team’s)`];
    return await new Promise((resolve, reject) => {
      execFile('diff', ['-u', ...labels, old ?? '', now ?? ''], { maxBuffer: 64 * 2 ** 20 }, (error, stdout) =>
        // 1: they differ.
        error === null || error.code === 1 ? resolve(stdout) : reject(error),
      );
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
