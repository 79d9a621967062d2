import { access, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../support/ports.ts';
import { createWorkbench, type Workbench } from './support.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await createWorkbench();
});
afterAll(() => bench.remove());

const urlIn = (line: string): URL => new URL((JSON.parse(line) as { url: string }).url);
const exists = (name: string) =>
  access(join(bench.state, name)).then(
    () => true,
    () => false,
  );

describe('web and open', () => {
  it('serves the page until Ctrl-C; another terminal gets fresh links of the same one', async () => {
    const serving = bench.start(['web', '--no-open', '--json']);
    const first = urlIn(await serving.line(() => true));
    expect(first.hostname).toBe('127.0.0.1');
    expect(first.hash).toMatch(/^#token=[\w-]{43}$/);
    expect((await fetch(first.origin)).status).toBe(200);

    for (const command of [['web', '--no-open'], ['open'], ['web', '--no-open', '--port', '1']]) {
      const { code, stdout, stderr } = await bench.run([...command, '--json']);
      expect(code).toBe(0);
      const again = urlIn(stdout);
      expect(again.origin).toBe(first.origin);
      expect(again.hash).not.toBe(first.hash);
      // A port that was asked for in vain is said, beside the JSON.
      expect(stderr).toMatch(command.includes('--port') ? /already/ : /^$/);
    }

    serving.child.kill('SIGINT');
    const { code, stdout } = await serving.finished;
    expect([code, stdout.trim().split('\n')]).toEqual([0, [expect.stringContaining('"url"')]]);
    await expect(fetch(first.origin)).rejects.toThrow();
    expect([await exists('web.json'), await exists('web.sock')]).toEqual([false, false]);
  });

  it('takes the place of one that was killed', async () => {
    const killed = bench.start(['web', '--no-open', '--json']);
    await killed.line(() => true);
    killed.child.kill('SIGKILL');
    await killed.finished;
    expect(await exists('web.json')).toBe(true);
    const next = bench.start(['web', '--no-open', '--json']);
    expect((await fetch(urlIn(await next.line(() => true)).origin)).status).toBe(200);
    next.child.kill('SIGTERM');
    expect(await next.finished).toMatchObject({ code: 0 });
  });

  it('serves on the port that was asked for, or says who else could not', async () => {
    const holder = createServer();
    const port = String(await listen(holder));
    const refused = await bench.run(['web', '--no-open', '--json', '--port', port]);
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'port.taken' } });
    await new Promise((resolve) => holder.close(resolve));

    const serving = bench.start(['web', '--no-open', '--json', '--port', port]);
    expect(urlIn(await serving.line(() => true)).port).toBe(port);
    serving.child.kill('SIGINT');
    expect(await serving.finished).toMatchObject({ code: 0 });
  });

  it('keeps the secret of its control socket to this user', async () => {
    const serving = bench.start(['web', '--no-open']);
    await serving.line((line) => line.includes('127.0.0.1'));
    const { secret } = JSON.parse(await readFile(join(bench.state, 'web.json'), 'utf8')) as { secret: string };
    serving.child.kill('SIGINT');
    const { stdout, stderr } = await serving.finished;
    expect(`${stdout}${stderr}`).not.toContain(secret);
  });
});
