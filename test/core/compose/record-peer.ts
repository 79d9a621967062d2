import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CASE_DIR, type ComposeCase, parseCases } from './support/cases.ts';

/*
 * Runs every case through a real docker compose and writes down what it said, next to the cases:
 *   node test/core/compose/record-peer.ts /path/to/docker-compose [rules.txt …]
 * The answers that are committed are those of 2.40.3. One line a case: title, tab, the model as JSON, or `refused`.
 */
const [, , binary, ...only] = process.argv;
if (binary === undefined) throw new Error('usage: node record-peer.ts /path/to/docker-compose');

function ask(peer: string, one: ComposeCase): string {
  rmSync(CASE_DIR, { recursive: true, force: true });
  mkdirSync(CASE_DIR, { recursive: true });
  for (const [path, text] of one.files) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const flag = (name: string, values: readonly (string | undefined)[]): string[] =>
    values.flatMap((value) => (value === undefined ? [] : [name, value]));
  const args = [
    ...flag('-f', one.composeFiles),
    ...flag('--env-file', one.envFiles),
    ...flag('--profile', one.profiles),
    ...flag('-p', [one.projectName]),
    ...flag('--project-directory', [one.workingDir]),
  ];
  const env = { ...one.environment };
  const { status, stdout } = spawnSync(peer, [...args, 'config', '--format', 'json'], { cwd: CASE_DIR, env });
  return status === 0 ? JSON.stringify(JSON.parse(stdout.toString())) : 'refused';
}

const folder = join(import.meta.dirname, 'cases');
for (const name of readdirSync(folder).filter(
  (file) => file.endsWith('.txt') && (only.length === 0 || only.includes(file)),
)) {
  const cases = parseCases(readFileSync(join(folder, name), 'utf8'));
  const lines = cases.map((one) => `${one.title}\t${ask(binary, one)}\n`);
  writeFileSync(join(folder, name.replace(/txt$/, 'peer.tsv')), lines.join(''));
  console.log(name, cases.length);
}
rmSync(CASE_DIR, { recursive: true, force: true });
