import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Kind } from '../../../../main/core/compose/schema/kinds.ts';
import { composeFile } from '../../../../main/core/compose/schema/top.ts';

/* Which recorded hashes and golden plans have a key: found out from their files, so that the table cannot be wrong about it. */

const plan = join(import.meta.dirname, '../../plan');

/** Paths of every key that a file writes, short syntax as it stands. */
function writtenKeys(value: unknown, kind: Kind, path: string, add: (path: string) => void): void {
  if (Array.isArray(value)) {
    if (kind.is === 'list') for (const item of value) writtenKeys(item, kind.item, `${path}[]`, add);
    return;
  }
  if (value === null || typeof value !== 'object') return;
  for (const [name, member] of Object.entries(value)) {
    if (kind.is === 'dict') writtenKeys(member, kind.value, `${path}.*`, add);
    const known = kind.is === 'object' ? kind.keys.get(name) : undefined;
    if (known === undefined) continue;
    const own = path === '' ? name : `${path}.${name}`;
    add(own);
    writtenKeys(member, known, own, add);
  }
}

type Evidence = Map<string, string[]>;

const collect = (found: Evidence, file: unknown, mark: string): void =>
  writtenKeys(file, composeFile, '', (path) => {
    const marks = found.get(path) ?? [];
    if (!marks.includes(mark)) found.set(path, [...marks, mark]);
  });

const readYaml = (path: string): Record<string, Record<string, unknown>> => {
  try {
    return parse(readFileSync(path, 'utf8'), { merge: true, logLevel: 'silent' }) ?? {};
  } catch {
    // Some golden cases are about files that are none.
    return {};
  }
};

/** `hash:NAME` is a service, network or volume whose label docker compose wrote; `plan:CASE` a folder of golden plans. */
export function findEvidence(): ReadonlyMap<string, readonly string[]> {
  const hashes: Evidence = new Map();
  for (const folder of ['hashes', 'hashes-more']) {
    const file = readYaml(join(plan, folder, 'compose.yaml'));
    const labels: Record<string, Record<string, string>> = JSON.parse(
      readFileSync(join(plan, folder, 'labels.json'), 'utf8'),
    );
    for (const [section, names] of Object.entries(labels)) {
      for (const name of Object.keys(names)) {
        collect(hashes, { [section]: { [name]: file[section]?.[name] } }, `hash:${name}`);
      }
    }
  }
  const plans: Evidence = new Map();
  for (const name of readdirSync(join(plan, 'cases')).sort()) {
    const file = join(plan, 'cases', name, 'compose.yaml');
    if (existsSync(file)) collect(plans, readYaml(file), `plan:${name}`);
  }
  const paths = new Set([...hashes.keys(), ...plans.keys()]);
  return new Map([...paths].map((path) => [path, [...(hashes.get(path) ?? []), ...(plans.get(path) ?? [])]]));
}
