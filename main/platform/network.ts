import { execFile, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { AppFailure } from '../core/app-failure.ts';
import type { InterfaceAddress } from '../core/swarm/addresses.ts';
import type { MachineNetwork } from '../services/ports.ts';
import { findProgram } from './programs.ts';

/** This machine's network: addresses, reaching a port, and what a Swarm's manager says it is. */
export function createMachineNetwork(): MachineNetwork {
  return { addresses: readAddresses, tcp, rootCa, watch };
}

async function readAddresses(): Promise<readonly InterfaceAddress[]> {
  const leases = await readLeases();
  return Object.entries(networkInterfaces()).flatMap(([name, entries = []]) =>
    entries.map(({ address, family }) => {
      const leased = leases?.get(address);
      return {
        name,
        address,
        family: family === 'IPv4' ? (4 as const) : (6 as const),
        ...(leased === undefined ? {} : { leased }),
      };
    }),
  );
}

/** Only Linux says without a long search which addresses are leased: `ip` marks those that end as dynamic. */
async function readLeases(): Promise<ReadonlyMap<string, boolean> | undefined> {
  if (process.platform !== 'linux') return undefined;
  const ip = await findProgram('ip');
  if (ip === undefined) return undefined;
  const text = await new Promise<string>((resolve) => {
    execFile(ip, ['-json', 'address', 'show'], { timeout: 3000 }, (error, stdout) => resolve(error ? '[]' : stdout));
  });
  const links = JSON.parse(text) as readonly {
    readonly addr_info?: readonly { readonly local?: string; readonly dynamic?: boolean }[];
  }[];
  return new Map(
    links.flatMap(({ addr_info = [] }) =>
      addr_info.flatMap(({ local, dynamic }) => (local === undefined ? [] : [[local, dynamic === true] as const])),
    ),
  );
}

const patience = 3000;

function tcp(host: string, port: number): Promise<'open' | 'refused' | 'silent'> {
  return new Promise((resolve) => {
    const socket = new Socket();
    const end = (verdict: 'open' | 'refused' | 'silent') => {
      socket.destroy();
      resolve(verdict);
    };
    socket.setTimeout(patience, () => end('silent'));
    socket.once('connect', () => end('open'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code === 'ECONNREFUSED' ? 'refused' : 'silent'));
    socket.connect(port, host);
  });
}

/**
 * `NodeCA`'s neighbour `CA.GetRootCACertificate` of swarmkit (api/ca.proto), the one call that a manager answers to strangers,
 * and the first that an engine makes when it joins: gRPC over HTTP/2, an empty message there, `bytes certificate = 1` back.
 * Nothing is believed of who answers until the certificate's digest is the token's.
 */
async function rootCa(host: string, port: number): Promise<string> {
  // Only who joins a Swarm needs it, and every command would wait while Node puts it together.
  const { connect: connectHttp2 } = await import('node:http2');
  return new Promise((resolve, reject) => {
    const authority = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
    const session = connectHttp2(authority, { rejectUnauthorized: false, servername: '' });
    let settled = false;
    const fail = (why: string) => {
      if (settled) return;
      settled = true;
      session.destroy();
      const message = `The manager at ${host}:${port} does not answer: ${why}.`;
      const hint = 'Is it on, is the address right, and do firewalls let 2377/tcp through?';
      reject(new AppFailure({ code: 'swarm.unreachable', message, hint, retry: true }));
    };
    session.setTimeout(5000, () => fail('silence for 5 s'));
    session.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
    const call = session.request({
      ':method': 'POST',
      ':path': '/docker.swarmkit.v1.CA/GetRootCACertificate',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    call.on('data', (chunk: Buffer) => chunks.push(chunk));
    call.on('error', (error: Error) => fail(error.message));
    call.on('end', () => {
      const certificate = readCertificate(Buffer.concat(chunks));
      if (certificate === undefined) return fail('it is no manager of a Swarm');
      settled = true;
      session.close();
      resolve(certificate);
    });
    // A compression flag, four bytes of length, and a message of none.
    call.end(Buffer.alloc(5));
  });
}

/** Field 1, length-delimited, behind gRPC's five bytes. */
function readCertificate(frame: Buffer): string | undefined {
  if (frame.length < 7 || frame[5] !== 0x0a) return undefined;
  let length = 0;
  let at = 6;
  for (let shift = 0; at < frame.length; shift += 7) {
    const byte = frame[at++] ?? 0;
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  const text = frame.subarray(at, at + length).toString('utf8');
  return text.includes('BEGIN CERTIFICATE') ? text : undefined;
}

/** Programs that tell, a line each time, when addresses change; none on Windows without native code. */
const monitors: Partial<Record<NodeJS.Platform, readonly [program: string, ...args: string[]]>> = {
  linux: ['ip', 'monitor', 'address', 'route'],
  darwin: ['route', '-n', 'monitor'],
};

/** Where no program tells, the list of addresses is read this often: a system call of microseconds. */
const lookEvery = 2000;

function watch(listener: () => void): () => void {
  let over = false;
  let stop = () => {};
  const look = () => {
    let before = JSON.stringify(networkInterfaces());
    const timer = setInterval(() => {
      const now = JSON.stringify(networkInterfaces());
      if (now === before) return;
      before = now;
      listener();
    }, lookEvery);
    timer.unref();
    stop = () => clearInterval(timer);
  };
  const [program, ...args] = monitors[process.platform] ?? [];
  const start = async () => {
    const path = program === undefined ? undefined : await findProgram(program);
    if (over) return;
    if (path === undefined) return look();
    const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    child.unref();
    child.stdout.on('data', listener);
    const instead = () => {
      if (!over) look();
    };
    child.once('error', instead);
    child.once('exit', instead);
    stop = () => child.kill();
  };
  void start();
  return () => {
    over = true;
    stop();
  };
}
