import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { hasKebabName, rooms, type SourceFile, violations } from './support/import-rule.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (pattern: string): readonly SourceFile[] =>
  globSync(pattern, { cwd: root }).map((path) => ({
    path: path.replaceAll('\\', '/'),
    text: readFileSync(`${root}${path}`, 'utf8'),
  }));

const sources = read('{main,preload,renderer}/**/*.{ts,tsx}');

describe('the house', () => {
  it('has files in every room', () => {
    const empty = rooms.filter((room) => !sources.some(({ path }) => path.startsWith(room.path)));
    expect(empty.map((room) => room.name)).toEqual([]);
  });

  it('keeps the import table of docs/architecture.md', () => {
    expect(sources.flatMap(violations)).toEqual([]);
  });

  it('names files in kebab-case', () => {
    const files = globSync('{main,preload,renderer,scripts,test}/**/*.{ts,tsx,mjs,cjs,css}', { cwd: root });
    expect(files.filter((path) => !hasKebabName(path.replaceAll('\\', '/')))).toEqual([]);
  });

  it('splits files before they pass 400 lines', () => {
    const long = sources.filter(({ text }) => text.split('\n').length > 400);
    expect(long.map(({ path }) => path)).toEqual([]);
  });
});

describe('the rule itself', () => {
  const breaches: readonly (readonly [what: string, path: string, text: string])[] = [
    ['a package in core', 'main/core/a.ts', "import Docker from 'dockerode';"],
    ['Node in core', 'main/core/a.ts', "import { join } from 'node:path';"],
    ['a type of another room', 'main/core/a.ts', "import type { Clock } from '../services/ports.ts';"],
    ['a re-export', 'main/core/a.ts', "export { x } from '../docker/client.ts';"],
    ['a lazy import', 'main/services/a.ts', "const x = await import('../docker/client.ts');"],
    ['the clock in core', 'main/core/a.ts', 'export const now = () => Date.now();'],
    ['chance in core', 'main/core/a.ts', 'export const id = Math.random();'],
    ['a global of Node in services', 'main/services/a.ts', 'export const home = process.env.HOME;'],
    ['Buffer in rpc', 'main/rpc/a.ts', "export const x = Buffer.from('');"],
    ['more of services than its ports', 'main/docker/a.ts', "import { createStacks } from '../services/stacks.ts';"],
    ['electron outside its host', 'main/hosts/web/a.ts', "import { app } from 'electron';"],
    ['main in the page', 'renderer/views/a.tsx', "import { plan } from '../../main/core/plan/plan.ts';"],
    ['a package in the contract', 'preload/contract/a.ts', "import { parse } from 'yaml';"],
    ['a file in no room', 'main/helpers.ts', ''],
  ];
  it.each(breaches)('refuses %s', (_what, path, text) => {
    expect(violations({ path, text })).toHaveLength(1);
  });

  it('accepts what the table allows', () => {
    const text = [
      "import * as z from 'zod';",
      "import { parse } from 'yaml';",
      "import type { Plan } from '../../preload/contract/model.ts';",
      'export const x = (job: { process: number }) => ({ process: job.process, Buffer: 1 });',
      'const process = () => 1; export const y = process();',
    ].join('\n');
    expect(violations({ path: 'main/core/a.ts', text })).toEqual([]);
    const port = "import type { Clock } from '../services/ports.ts';";
    expect(violations({ path: 'main/platform/a.ts', text: port })).toEqual([]);
  });

  it('knows kebab-case', () => {
    expect(['plan-up.ts', 'vite-env.d.ts', 'a.test.ts'].every(hasKebabName)).toBe(true);
    expect(['planUp.ts', 'Plan.tsx', 'plan_up.ts'].some(hasKebabName)).toBe(false);
  });
});
