import { existsSync, readFileSync } from 'node:fs';

/**
 * What a phase came to.
 * @typedef {{ passed: number, failed: number, skipped: number, failures: string[] }} Counts
 */

/** @returns {Counts} */
const nothing = () => ({ passed: 0, failed: 0, skipped: 0, failures: [] });

/**
 * Tests of a phase, and its runner's exit code as a check of the counts: a runner that failed without saying what
 * (it crashed, it was killed, it found no test) counts as one failure.
 * @param {string} phase
 * @param {Counts} counts
 * @param {number} exitCode
 * @returns {Counts}
 */
export function withExitCode(phase, counts, exitCode) {
  if (counts.failed > 0) return counts;
  if (exitCode !== 0) return { ...counts, failed: 1, failures: [`${phase}: its runner ended with ${exitCode}`] };
  if (counts.passed === 0) return { ...counts, failed: 1, failures: [`${phase}: no test ran`] };
  return counts;
}

/** @param {string} phase @param {number} exitCode @returns {Counts} for a tool that has one verdict */
export function countCheck(phase, exitCode) {
  return exitCode === 0
    ? { ...nothing(), passed: 1 }
    : { ...nothing(), failed: 1, failures: [`${phase}: exit code ${exitCode}`] };
}

/** @param {string} file @returns {any} undefined when the runner wrote none */
export const readReport = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined);

/**
 * Vitest's JSON reporter. A file that failed before its first test ran counts as one failure.
 * @param {any} report
 * @returns {Counts}
 */
export function countVitest(report) {
  const counts = nothing();
  for (const file of report?.testResults ?? []) {
    const results = file.assertionResults ?? [];
    for (const result of results) {
      if (result.status === 'passed') counts.passed += 1;
      else if (result.status === 'failed') {
        counts.failed += 1;
        counts.failures.push(`${file.name}: ${result.fullName}`);
      } else counts.skipped += 1;
    }
    if (file.status === 'failed' && !results.some((result) => result.status === 'failed')) {
      counts.failed += 1;
      counts.failures.push(`${file.name}: ${String(file.message).split('\n')[0]}`);
    }
  }
  return counts;
}

/**
 * Playwright's JSON reporter. A test that passed only when tried again is a failure here: nothing is retried silently.
 * @param {any} report
 * @returns {Counts}
 */
export function countPlaywright(report) {
  const counts = nothing();
  const visit = (suite, path) => {
    for (const inner of suite.suites ?? []) visit(inner, [...path, inner.title]);
    for (const spec of suite.specs ?? []) {
      for (const test of spec.tests) {
        if (test.status === 'expected') counts.passed += 1;
        else if (test.status === 'skipped') counts.skipped += 1;
        else {
          counts.failed += 1;
          counts.failures.push(`[${test.projectName}] ${[...path, spec.title].join(' › ')}`);
        }
      }
    }
  };
  for (const suite of report?.suites ?? []) visit(suite, [suite.title]);
  for (const error of report?.errors ?? []) {
    counts.failed += 1;
    counts.failures.push(String(error.message).split('\n')[0] ?? 'an error outside of any test');
  }
  return counts;
}

/**
 * The summary over all phases. Its last line is what CI reads, alone on its line.
 * @param {readonly { name: string, counts: Counts, seconds: number }[]} phases
 * @param {readonly string[]} notRun what could not be run here, and why
 */
export function formatSummary(phases, notRun) {
  const width = Math.max(...phases.map(({ name }) => name.length), 5);
  const total = { passed: 0, failed: 0 };
  const lines = ['', 'Summary'];
  for (const { name, counts, seconds } of phases) {
    total.passed += counts.passed;
    total.failed += counts.failed;
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
    lines.push(`  ${name.padEnd(width)}  ${counts.passed} passed, ${counts.failed} failed${skipped}  (${seconds} s)`);
  }
  const failures = phases.flatMap(({ counts }) => counts.failures);
  if (failures.length > 0) lines.push('', 'Failed', ...failures.map((failure) => `  ${failure}`));
  if (notRun.length > 0) lines.push('', 'NOT RUN', ...notRun.map((reason) => `  ${reason}`));
  lines.push('', `${total.passed} passed, ${total.failed} failed`);
  return { text: lines.join('\n'), failed: total.failed };
}
