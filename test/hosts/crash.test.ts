import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

const value = 'c4nary-in-a-crash';

/** A program that knows a value and dies of an error with it; `how` is its last line. */
async function crash(how: string) {
  const folder = await mkdtemp(join(tmpdir(), 'claude-env-crash-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'log');
  const source = `
    import { createRedactor } from '${resolve('main/core/redact.ts')}';
    import { watchCrashes } from '${resolve('main/hosts/shared/crash.ts')}';
    import { createLog } from '${resolve('main/platform/log-file.ts')}';
    const redactor = createRedactor();
    redactor.know('${value}');
    watchCrashes(createLog('${file}', () => undefined, redactor), () => process.exit(7));
    ${how}
  `;
  const args = ['--input-type=module', '--disable-warning=ExperimentalWarning', '--eval', source];
  const ended = await new Promise<{ code: unknown; stderr: string }>((done) => {
    execFile(process.execPath, args, (error, _stdout, stderr) => done({ code: error?.code, stderr }));
  });
  return { ...ended, log: await readFile(file, 'utf8') };
}

it.each([
  ['an exception', `setTimeout(() => { throw new Error('refused: ${value}') })`],
  ['a rejection', `Promise.reject(new Error('refused: ${value}'))`],
])('%s that nobody catches is reported without the value', async (_name, how) => {
  const { code, stderr, log } = await crash(how);
  expect(code).toBe(7);
  for (const text of [stderr, log]) {
    expect(text).toContain('refused: ••••••');
    expect(text).not.toContain(value);
  }
});
