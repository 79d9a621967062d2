import { randomBytes, timingSafeEqual } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { identifySelf, isAlive } from '../../platform/process-identity.ts';
import { createStateStore } from '../../platform/state-store.ts';

/*
 * How one terminal asks the web host of another for a new link. The host of a state folder writes `web.json` (0600)
 * there: where its control socket is, and the secret that a caller has to show. The socket lies in a folder of mode 0700;
 * Windows has no such folder for pipes, hence the secret.
 */

const record = z.object({
  pid: z.number().int().positive(),
  started: z.string(),
  port: z.number().int(),
  socket: z.string(),
  secret: z.string().min(32),
});
const link = z.object({ url: z.string(), port: z.number().int(), pid: z.number().int() });
export type RunningLink = z.infer<typeof link>;

const storeIn = (folder: string) => createStateStore({ folder, onCorrupt: () => undefined });

/** sockaddr_un holds 108 bytes on Linux and 104 on macOS. */
const longestPath = 100;

async function socketPath(folder: string): Promise<{ path: string; remove: () => Promise<void> }> {
  if (process.platform === 'win32') {
    return { path: `\\\\.\\pipe\\claude-env-${randomBytes(16).toString('hex')}`, remove: () => Promise.resolve() };
  }
  const near = join(folder, 'web.sock');
  if (Buffer.byteLength(near) <= longestPath) {
    const remove = () => rm(near, { force: true });
    // The caller holds the lock, so whatever lies here belongs to a host that is gone.
    await remove();
    return { path: near, remove };
  }
  const path = join(await mkdtemp(join(tmpdir(), 'claude-env-')), 'web.sock');
  return { path, remove: () => rm(dirname(path), { recursive: true, force: true }) };
}

const same = (given: string | undefined, secret: string): boolean => {
  const wanted = Buffer.from(`Bearer ${secret}`);
  const found = Buffer.from(given ?? '');
  return wanted.length === found.length && timingSafeEqual(wanted, found);
};

export interface ControlOptions {
  /** The state folder; the caller holds its lock `web`. */
  readonly folder: string;
  readonly port: number;
  readonly link: () => string;
}

/** Answers other terminals until it is closed. */
export async function startControl({ folder, port, link }: ControlOptions): Promise<{ close: () => Promise<void> }> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const secret = randomBytes(32).toString('base64url');
  const { path, remove } = await socketPath(folder);
  const server = createServer((asked, answer) => {
    const allowed = asked.method === 'POST' && asked.url === '/link' && same(asked.headers.authorization, secret);
    answer.writeHead(allowed ? 200 : 404, { 'content-type': 'application/json', connection: 'close' });
    answer.end(allowed ? JSON.stringify({ url: link(), port, pid: process.pid } satisfies RunningLink) : '{}');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  if (process.platform !== 'win32') await chmod(path, 0o600);
  const self = await identifySelf();
  await storeIn(folder).write('web', { ...self, port, socket: path, secret } satisfies z.infer<typeof record>);
  return {
    close: async () => {
      await rm(join(folder, 'web.json'), { force: true });
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await remove();
    },
  };
}

/** A fresh link of the web host that runs for this state folder; undefined when none does, or it does not answer. */
export async function askRunning(folder: string): Promise<RunningLink | undefined> {
  const parsed = record.safeParse(await storeIn(folder).read('web'));
  if (!parsed.success || !(await isAlive(parsed.data))) return undefined;
  const { socket, secret } = parsed.data;
  return new Promise((resolve) => {
    const asking = request(
      {
        socketPath: socket,
        path: '/link',
        method: 'POST',
        headers: { authorization: `Bearer ${secret}` },
        timeout: 3000,
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => {
          text += chunk;
        });
        answer.on('end', () => resolve(answer.statusCode === 200 ? link.safeParse(JSON.parse(text)).data : undefined));
      },
    );
    asking.on('timeout', () => asking.destroy());
    // Ended between the look at web.json and this call, or a socket that a crash left behind.
    asking.on('error', () => resolve(undefined));
    asking.end();
  });
}
