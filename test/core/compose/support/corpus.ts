import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Kubernetes manifests, workflows and the like say nothing about a project. */
const isCompose = (text: string): boolean => /^\s*["']?(?:services|include|volumes|networks)["']?\s*:/m.test(text);

/** Every compose file below a folder, sorted. */
export function composeFiles(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => isCompose(readFileSync(file, 'utf8')))
    .sort();
}

/** Processes of a peer at a time. */
const AT_ONCE = 4;

/** Asks about each, a few at a time; the answers are in the same order. */
export async function askAll<A, T>(all: readonly A[], ask: (one: A) => Promise<T>): Promise<readonly T[]> {
  const queue = all.entries();
  const answers: T[] = [];
  const work = async (): Promise<void> => {
    for (const [at, one] of queue) answers[at] = await ask(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return answers;
}
