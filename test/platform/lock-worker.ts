import { readFileSync, writeFileSync } from 'node:fs';
import { AppFailure } from '../../main/core/app-failure.ts';
import { acquireLock } from '../../main/platform/lock.ts';

/*
 * A process of its own that the lock tests start:
 *   hold FOLDER            takes the lock, says `held`, keeps it until it is killed
 *   count FOLDER FILE N    N times: takes the lock (trying again while it is busy), reads a number, writes it plus one
 */
const [mode = '', folder = '', file = '', times = '0'] = process.argv.slice(2);

async function eventually(): Promise<() => Promise<void>> {
  for (;;) {
    try {
      return await acquireLock({ folder, name: 'stack', purpose: `worker ${process.pid}` });
    } catch (error) {
      if (!(error instanceof AppFailure) || error.error.code !== 'stack.busy') throw error;
      await new Promise<void>((resolve) => setTimeout(resolve, 1 + Math.random() * 5));
    }
  }
}

if (mode === 'hold') {
  await acquireLock({ folder, name: 'stack', purpose: 'a worker' });
  process.stdout.write('held\n');
  setTimeout(() => undefined, 60_000);
} else {
  for (let round = 0; round < Number(times); round += 1) {
    const release = await eventually();
    const before = Number(readFileSync(file, 'utf8'));
    // Room for another process to come between, if the lock let it.
    await new Promise<void>((resolve) => setImmediate(resolve));
    writeFileSync(file, String(before + 1));
    await release();
  }
}
