import { globSync, readFileSync } from 'node:fs';
import { matchesGlob } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { enginePhases, unitProjects } from '../../scripts/test/phases.mjs';
import { countPlaywright, countVitest, formatSummary, withExitCode } from '../../scripts/test/summary.mjs';
import config from '../../vitest.config.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the summary of npm test', () => {
  it('counts what vitest reports, and a file that never got to its tests', () => {
    const report = {
      testResults: [
        {
          name: 'a.test.ts',
          status: 'failed',
          assertionResults: [
            { status: 'passed', fullName: 'a' },
            { status: 'failed', fullName: 'b' },
            { status: 'skipped', fullName: 'c' },
          ],
        },
        { name: 'broken.test.ts', status: 'failed', message: 'cannot import\nmore', assertionResults: [] },
      ],
    };
    expect(countVitest(report)).toEqual({
      passed: 1,
      failed: 2,
      skipped: 1,
      failures: ['a.test.ts: b', 'broken.test.ts: cannot import'],
    });
  });

  it('counts what playwright reports; what passed only at the second try failed', () => {
    const spec = (title: string, status: string) => ({ title, tests: [{ status, projectName: 'web' }] });
    const report = {
      suites: [
        {
          title: 'a.spec.ts',
          specs: [spec('one', 'expected'), spec('two', 'flaky')],
          suites: [{ title: 'inner', specs: [spec('three', 'unexpected'), spec('four', 'skipped')] }],
        },
      ],
      errors: [{ message: 'no server\nat …' }],
    };
    expect(countPlaywright(report)).toEqual({
      passed: 1,
      failed: 3,
      skipped: 1,
      failures: ['[web] a.spec.ts › inner › three', '[web] a.spec.ts › two', 'no server'],
    });
  });

  it('does not believe a runner that failed, wrote nothing or ran nothing', () => {
    const none = { passed: 0, failed: 0, skipped: 0, failures: [] };
    expect(withExitCode('unit', countVitest(undefined), 1)).toMatchObject({ failed: 1 });
    expect(withExitCode('unit', none, 0)).toMatchObject({ failed: 1, failures: ['unit: no test ran'] });
    expect(withExitCode('unit', { ...none, passed: 3 }, 143)).toMatchObject({ passed: 3, failed: 1 });
    expect(withExitCode('unit', { ...none, passed: 3 }, 0)).toMatchObject({ passed: 3, failed: 0 });
  });

  it('ends with one line for CI', () => {
    const phase = (passed: number, failed: number) => ({
      name: 'x',
      seconds: 1,
      counts: { passed, failed, skipped: 0, failures: [] },
    });
    const { text, failed } = formatSummary([phase(3, 0), phase(4, 1)], ['docker: no engine']);
    expect(text.split('\n').at(-1)).toBe('7 passed, 1 failed');
    expect(text).toContain('NOT RUN\n  docker: no engine');
    expect(failed).toBe(1);
  });
});

describe('every test', () => {
  const projects = (config.test?.projects ?? []).flatMap((project) =>
    typeof project === 'object' && 'test' in project && project.test ? [project.test] : [],
  );
  const matches = (path: string, patterns: readonly string[] = []) =>
    patterns.some((pattern) => matchesGlob(path, pattern));

  it('belongs to exactly one project', () => {
    const files = globSync('test/**/*.test.{ts,tsx}', { cwd: root });
    const homeless = files.filter(
      (path) =>
        projects.filter(({ include, exclude }) => matches(path, include) && !matches(path, exclude)).length !== 1,
    );
    expect(files.length).toBeGreaterThan(0);
    expect(homeless).toEqual([]);
  });

  it('is run by npm test', () => {
    const names = projects.map(({ name }) => name);
    const { first, second } = enginePhases(() => true, { hasPeers: true });
    const onEngines = [...first, ...second].filter((name) => name !== 'e2e');
    expect([...unitProjects, ...onEngines, 'swarm', 'swarm-long', 'team-long', 'long'].toSorted()).toEqual(
      names.toSorted(),
    );
  });

  it('is run by .ci/run', () => {
    expect(readFileSync(`${root}.ci/run`, 'utf8')).toContain('npm test');
  });
});
