import { readFileSync, writeFileSync } from 'node:fs';
import { AppFailure } from '../../main/core/app-failure.ts';
import { acquireLock } from '../../main/platform/lock.ts';
import { createStateStore } from '../../main/platform/state-store.ts';

/*
 * A process of its own that the lock tests start:
 *   hold FOLDER            takes the lock, says `held`, keeps it until it is killed
 *   try FOLDER             tries once through the state store, and to keep a document there; says what came of it as JSON
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
} else if (mode === 'try') {
  const store = createStateStore({ folder, onCorrupt: () => undefined });
  const said = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: unknown) => (error instanceof AppFailure ? error.error : String(error)),
    );
  const lock = await said(store.lock('stack', 'a trial').then((release) => release()));
  const write = await said(store.write('settings', { some: 'thing' }));
  const read = await said(store.read('settings'));
  process.stdout.write(JSON.stringify({ lock, write, read, interrupted: await store.wasInterrupted('stack') }));
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
