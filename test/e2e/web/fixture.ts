import { test as base, expect, type Page } from '@playwright/test';
import { createWorkbench, type Running, type Workbench } from '../../cli/support.ts';

export { expect };

export interface WebApp {
  readonly page: Page;
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  readonly port: number;
  /** What the page may log as an error because the test provokes it. */
  readonly expectError: (text: RegExp) => void;
  /** Ends the host as Ctrl-C does. */
  readonly stop: () => Promise<void>;
}

/** Starts `claude-env web` and returns the one-time address that it prints. */
async function startWeb(
  bench: Workbench,
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly running: Running; readonly url: string }> {
  const running = bench.start(['web', '--no-open', '--json'], environment);
  const { url } = JSON.parse(await running.line((line) => line.startsWith('{'))) as { url: string };
  return { running, url };
}

/** Variables that the web host is started with, besides the workbench's own. */
export type Surroundings = Readonly<Record<string, string>>;

/**
 * `bench`: a home and state of the file's own on the test engine. `app`: the real web host, opened in the browser by its
 * one-time address. What the page logs as an error fails the test.
 */
export const test = base.extend<{ app: WebApp; surroundings: Surroundings }, { bench: Workbench }>({
  bench: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern
    async ({}, use) => {
      const bench = await createWorkbench();
      await use(bench);
      await bench.remove();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  surroundings: [{}, { option: true }],
  app: async ({ bench, page, surroundings }, use) => {
    const { running, url } = await startWeb(bench, surroundings);
    const { origin, port } = new URL(url);
    const errors: string[] = [];
    // A host that goes away, as some tests make it, is no error of the page.
    const expected = [/ERR_CONNECTION_REFUSED/];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await page.goto(url);
    // The link buys it once: a page that is loaded anew while it does has none.
    await page.waitForFunction(() => sessionStorage.getItem('claude-env.session') !== null);
    const stop = async () => {
      running.child.kill('SIGINT');
      const { code, stderr } = await running.finished;
      expect([code, stderr.replace('Stopping.\n', '')]).toEqual([0, '']);
    };
    await use({ page, origin, port: Number(port), expectError: (text) => expected.push(text), stop });
    if (running.child.exitCode === null) await stop();
    expect(errors.filter((error) => !expected.some((text) => text.test(error)))).toEqual([]);
  },
});

/** Brings a small project up in the terminal; returns its name. */
export async function upProject(
  bench: Workbench,
  hint: string,
  services: string,
): Promise<{ name: string; file: string }> {
  const name = bench.engine.uniqueName(hint);
  const file = await bench.file(`${name}/compose.yaml`, `name: ${name}\nservices:\n${services}`);
  const { code, stdout, stderr } = await bench.run(['-f', file, 'up', '--wait']);
  if (code !== 0) throw new Error(`up ended with ${code}:\n${stdout}${stderr}`);
  return { name, file };
}

/** A service of the base image that writes, becomes healthy at once and ends quickly. */
export const smallService = (bench: Workbench, name: string, more = ''): string => `  ${name}:
    image: ${bench.engine.base}
    command: [sh, -c, 'echo ${name} says hello; touch /tmp/ready; exec sleep infinity']
    init: true
    restart: unless-stopped
    stop_grace_period: 1s
    healthcheck: {test: [CMD, test, -f, /tmp/ready], interval: 1s, timeout: 5s, retries: 60}
${more}`;

/** Every frame of the page, which is loaded anew for that. */
export async function recordFrames(
  page: Page,
): Promise<{ readonly sent: readonly string[]; readonly received: readonly string[] }> {
  const frames = { sent: [] as string[], received: [] as string[] };
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => frames.sent.push(String(payload)));
    socket.on('framereceived', ({ payload }) => frames.received.push(String(payload)));
  });
  await page.reload();
  return frames;
}

export interface Change {
  readonly testId: string;
  readonly attribute: string;
  readonly value: string;
  /** Milliseconds since the epoch, when the page's DOM had it. */
  readonly at: number;
}

/** Records every change of a `data-…` attribute below, from now on, in the page. */
export async function recordChanges(page: Page): Promise<() => Promise<readonly Change[]>> {
  await page.evaluate(() => {
    const changes: object[] = [];
    Object.assign(window, { recordedChanges: changes });
    new MutationObserver((records) => {
      for (const { target, attributeName } of records) {
        if (!(target instanceof HTMLElement) || target.dataset.testid === undefined || attributeName === null) continue;
        const value = target.getAttribute(attributeName) ?? '';
        changes.push({ testId: target.dataset.testid, attribute: attributeName, value, at: Date.now() });
      }
    }).observe(document.body, {
      subtree: true,
      attributes: true,
      attributeFilter: ['data-state', 'data-health', 'data-aggregate'],
    });
  });
  return () => page.evaluate(() => (window as unknown as { recordedChanges: Change[] }).recordedChanges);
}

/** When the engine says a container's next event of this kind happened, in milliseconds since the epoch. */
export async function eventTime(bench: Workbench, container: string, event: string): Promise<Promise<number>[]> {
  const stream = await bench.engine.docker.getEvents({
    filters: JSON.stringify({ container: [container], event: [event] }),
  });
  // In an array, so that awaiting this function does not await the event as well.
  return [
    new Promise((resolve, reject) => {
      stream.once('data', (data: Buffer) => {
        const { timeNano } = JSON.parse(data.toString('utf8')) as { timeNano: number };
        resolve(timeNano / 1e6);
        if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy();
      });
      stream.once('error', reject);
    }),
  ];
}

/**
 * Kills a container's main process from inside, all but its init, which then ends as well. Not by its number on the
 * machine: the engine may live in a process namespace of its own. Not through the engine: it takes that for a stop by
 * hand, and no restart policy applies.
 */
export async function killMainProcess({ engine }: Workbench, container: string): Promise<void> {
  const killing = await engine.docker
    .getContainer(container)
    .exec({ Cmd: ['sh', '-c', 'kill -9 -1'], User: 'root', AttachStdout: true, AttachStderr: true });
  const stream = await killing.start({});
  stream.resume();
}
