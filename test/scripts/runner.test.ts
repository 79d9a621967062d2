import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processStartTime } from '../../scripts/setup/process-info.mjs';
import { createRunner } from '../../scripts/test/runner.mjs';
import { countCheck } from '../../scripts/test/summary.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const note = () => undefined;
const phase = (name: string, script: string) => ({
  name,
  command: [process.execPath, '-e', script],
  env: process.env,
  count: (code: number) => countCheck(name, code),
});

describe('phases of npm test', () => {
  it('are counted by how they end', async () => {
    const runner = createRunner({ minutes: 1, note });
    expect((await runner.run(phase('good', ''))).counts).toMatchObject({ passed: 1, failed: 0 });
    expect((await runner.run(phase('bad', 'process.exit(3)'))).counts.failures).toEqual(['bad: exit code 3']);
    expect(runner.ended()).toBeUndefined();
  });

  it('of which two run at once: what one writes is in its file, whole', async () => {
    const said: string[] = [];
    const runner = createRunner({ minutes: 1, note: (text) => said.push(text) });
    const log = join(folder, 'aside.log');
    const aside = runner.run(phase('aside', 'console.log("a".repeat(500_000)); console.error("b"); process.exit(4)'), {
      log,
    });
    const [one, other] = await Promise.all([aside, runner.run(phase('main', ''))]);
    expect([one.counts.failed, other.counts.failed]).toEqual([1, 0]);
    expect(readFileSync(log, 'utf8')).toBe(`${'a'.repeat(500_000)}\nb\n`);
    expect(said).toContain(`── aside\n${readFileSync(log, 'utf8')}`);
  });

  it.skipIf(process.platform !== 'linux')('end with everything they started when the time is over', async () => {
    const file = join(folder, 'pid');
    // A worker in the phase's process group that would live for a minute.
    const script = `
      const { spawn } = require('node:child_process');
      const child = spawn('sleep', ['60']);
      require('node:fs').writeFileSync(${JSON.stringify(file)}, String(child.pid));
      setTimeout(() => {}, 60_000);`;
    const runner = createRunner({ minutes: 1.5 / 60, note });
    const { counts, seconds } = await runner.run(phase('endless', script));
    expect(counts.failed).toBe(1);
    expect(counts.failures.at(-1)).toContain('time limit');
    expect(seconds).toBeLessThan(10);
    const worker = Number(readFileSync(file, 'utf8'));
    await expect.poll(() => processStartTime(worker)).toBeUndefined();
    expect((await runner.run(phase('next', ''))).counts.failed).toBe(1);
    expect((await runner.run(phase('aside', ''), { log: join(folder, 'none.log') })).counts.failed).toBe(1);
  });
});
