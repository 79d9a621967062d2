import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const { scripts }: { scripts: Record<string, string> } = JSON.parse(read('package.json'));

describe('the pages', () => {
  it('begin with the two commands', () => {
    const commands = read('README.md')
      .split('\n')
      .filter((line) => line.startsWith('    '))
      .slice(0, 2);
    expect(commands.map((line) => line.trim())).toEqual(['npm start', 'npm test']);
    expect(read('CONTRIBUTING.md')).toMatch(/^# Contributing\n\n## Where does it go\?/);
  });

  it.each(['README.md', 'CONTRIBUTING.md', 'docs/architecture.md'])('%s names only what exists', (page) => {
    const text = read(page);
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1] ?? '');
    expect(links.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([]);
    const commands = [...text.matchAll(/npm run ([a-z:]+)/g)].map((match) => match[1] ?? '');
    expect(commands.filter((name) => scripts[name] === undefined)).toEqual([]);
    const files = [...text.matchAll(/`((?:main|preload|renderer|scripts|test|resources)\/[\w./-]+)`/g)];
    expect(files.map((match) => match[1] ?? '').filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});
