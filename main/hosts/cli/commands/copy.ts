import { isAbsolute, join } from 'node:path';
import type { SeenContainer } from '../../../core/seen.ts';
import { exitCodes } from '../exit-codes.ts';
import { type Command, type Context, usage } from '../run.ts';

export interface CopyFlags {
  readonly source: string;
  readonly destination: string;
  readonly index: number | undefined;
  /** One-off containers as well. */
  readonly all: boolean;
  readonly archive: boolean;
  readonly followLink: boolean;
}

interface Side {
  /** undefined: this machine. */
  readonly service: string | undefined;
  readonly path: string;
}

/** `SERVICE:PATH`; what is absolute or begins with a dot is a path of this machine, whatever colons it has. */
export function readSide(text: string): Side {
  const colon = text.indexOf(':');
  if (isAbsolute(text) || colon < 0 || text.startsWith('.')) return { service: undefined, path: text };
  return { service: text.slice(0, colon), path: text.slice(colon + 1) };
}

/** Absolute, with the `/` or `/.` at its end kept: it means something. */
function localPath(path: string): string {
  const absolute = isAbsolute(path) ? path : join(process.cwd(), path);
  const ending = /[\\/]\.?$/.exec(path)?.[0] ?? (path === '.' ? '/.' : '');
  return ending === '' || absolute.endsWith(ending) ? absolute : absolute.replace(/[\\/]+$/, '') + ending;
}

async function find(context: Context, service: string, flags: CopyFlags) {
  const found = await context.services.containers(
    context.target,
    { services: [service], oneOffs: flags.all, ...(flags.index === undefined ? {} : { index: flags.index }) },
    context.signal,
  );
  if (found.containers.length > 0) return found;
  throw usage(`There is no container of ${service}.`, 'Bring it up first; it need not run.');
}

/** Out of the first container of a service, or into all of them, as docker compose does it. */
export const copy =
  (flags: CopyFlags): Command =>
  async (context) => {
    const from = readSide(flags.source);
    const to = readSide(flags.destination);
    if (from.service !== undefined && to.service !== undefined) {
      throw usage('Files are not copied from service to service.', 'Copy to this machine first.');
    }
    if (from.service !== undefined) return copyOut(context, flags, { service: from.service, path: from.path }, to.path);
    if (to.service !== undefined) return copyIn(context, flags, from.path, { service: to.service, path: to.path });
    throw usage('Neither side names a service.', 'Write SERVICE:PATH on one side.');
  };

interface Remote {
  readonly service: string;
  readonly path: string;
}

async function copyOut(context: Context, flags: CopyFlags, from: Remote, to: string): Promise<number> {
  const { io, services, signal } = context;
  const { engine, containers } = await find(context, from.service, flags);
  const [container] = containers;
  if (container === undefined) return exitCodes.failed;
  const asArchive = to === '-';
  if (asArchive && io.json) throw usage('An archive on standard output is no JSON.', 'Leave --json out.');
  if (asArchive && process.stdout.isTTY === true) {
    throw usage('An archive is not written to a terminal.', 'Send it to a file or another program.');
  }
  const { leftOut } = await services.engines.get(engine).copyOut(
    container.id,
    {
      path: from.path || '/',
      to: asArchive ? toStdout : localPath(to),
      followLink: flags.followLink,
    },
    signal,
  );
  for (const name of leftOut) io.warn(`Left out, since it is no file, folder or link: ${name}`);
  io.data({ container: container.name, copied: from.path, to, leftOut });
  return exitCodes.done;
}

/** Not faster than it is read. */
const toStdout = (chunk: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    process.stdout.write(chunk, (error) => (error ? reject(error) : resolve()));
  });

async function copyIn(context: Context, flags: CopyFlags, from: string, to: Remote): Promise<number> {
  const { io, services, signal } = context;
  const { engine, containers } = await find(context, to.service, flags);
  const connection = services.engines.get(engine);
  const isArchive = from === '-';
  const targets: readonly SeenContainer[] = isArchive ? containers.slice(0, 1) : containers;
  if (isArchive && containers.length > 1) {
    throw usage(
      `${to.service} has ${containers.length} containers, and an archive can be read once.`,
      'Name one with --index.',
    );
  }
  await Promise.all(
    targets.map((container) =>
      connection.copyIn(
        container.id,
        {
          from: isArchive ? (process.stdin as AsyncIterable<Uint8Array>) : localPath(from),
          path: to.path || '/',
          followLink: flags.followLink,
          archive: flags.archive,
        },
        signal,
      ),
    ),
  );
  io.data({ containers: targets.map(({ name }) => name), copied: from, to: to.path });
  return exitCodes.done;
}
