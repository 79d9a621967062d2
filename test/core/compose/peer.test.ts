import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toConfig } from '../../../main/core/compose/config.ts';
import { loadCase, parseCases } from './support/cases.ts';
import { DIFFERENCES } from './support/differences.ts';

/*
 * Every case was given to docker compose 2.40.3 (record-peer.ts wrote down its answers); ours must have the same
 * verdict, and the same model where both accept. The differences that are meant are in support/differences.ts.
 */
const folder = join(import.meta.dirname, 'cases');

function peerAnswers(file: string): ReadonlyMap<string, string> {
  const lines = readFileSync(join(folder, file), 'utf8').split('\n').filter(Boolean);
  return new Map(
    lines.map((line): [string, string] => [line.slice(0, line.indexOf('\t')), line.slice(line.indexOf('\t') + 1)]),
  );
}

/** What `config --format json` prints, or `refused`. */
async function ourAnswer(one: Parameters<typeof loadCase>[0]): Promise<unknown> {
  try {
    const { project } = await loadCase(one);
    return project === undefined ? 'refused' : JSON.parse(JSON.stringify(toConfig(project, { format: 'json' })));
  } catch {
    // A missing -f or --env-file is thrown.
    return 'refused';
  }
}

const used = new Set<string>();

for (const file of readdirSync(folder).filter((name) => name.endsWith('.txt'))) {
  const answers = peerAnswers(file.replace(/txt$/, 'peer.tsv'));
  describe(`${file} as docker compose 2.40.3`, () => {
    for (const one of parseCases(readFileSync(join(folder, file), 'utf8'))) {
      it(one.title, async () => {
        const answer = answers.get(one.title);
        expect(answer, 'record-peer.ts has not run for this case').toBeDefined();
        const peer: unknown = answer === 'refused' ? answer : JSON.parse(answer ?? '');
        const ours = await ourAnswer(one);
        if (DIFFERENCES[one.title] === undefined) expect(ours).toEqual(peer);
        else {
          used.add(one.title);
          expect(ours, 'no longer different: remove it from differences.ts').not.toEqual(peer);
        }
      });
    }
  });
}

describe('differences.ts', () => {
  it('names cases that exist', () => {
    expect(Object.keys(DIFFERENCES).filter((title) => !used.has(title))).toEqual([]);
  });
});
