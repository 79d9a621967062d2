import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

/*
 * The address with the one-time token is handed to the browser as an argument, and on Linux every user of the machine
 * can read other people's arguments for a moment. So the exchange also asks who is at the other end: the kernel lists
 * the owner of every TCP socket of this network namespace in /proc/net/tcp, for everybody to read.
 */

export interface Connection {
  /** IPv4, as `127.0.0.1`. */
  readonly address: string;
  readonly port: number;
  readonly peerAddress: string;
  readonly peerPort: number;
}

/** `0100007F:1F90`: the address as the kernel's 32-bit number on a little-endian machine, and the port, in hex. */
const toKernelForm = (address: string, port: number): string => {
  const bytes = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return `${bytes.reverse().join('')}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
};

/** User id that owns the peer's end; undefined when the table does not have it. proc(5) describes the columns. */
export function peerOwner(table: string, { address, port, peerAddress, peerPort }: Connection): number | undefined {
  const [local, remote] = [toKernelForm(peerAddress, peerPort), toKernelForm(address, port)];
  for (const line of table.split('\n').slice(1)) {
    const columns = line.trim().split(/\s+/);
    if (columns[1] === local && columns[2] === remote) return Number(columns[7]);
  }
  return undefined;
}

export interface PeerOptions {
  /** Our own user id; undefined on Windows. */
  readonly self?: number | undefined;
  readonly readTable?: () => Promise<string>;
}

/**
 * False only when the other end surely belongs to another person: neither to us nor to root. Root serving a page (sudo)
 * has no way to tell the person at the screen from others, and other systems have no such table: the token decides alone.
 */
export async function isOurPeer(socket: Socket, options: PeerOptions = {}): Promise<boolean> {
  const { self = process.getuid?.(), readTable = () => readFile('/proc/net/tcp', 'utf8') } = options;
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (process.platform !== 'linux' || self === undefined || self === 0) return true;
  if (localAddress === undefined || localPort === undefined) return false;
  if (remoteAddress === undefined || remotePort === undefined) return false;
  const table = await readTable().catch(() => undefined);
  if (table === undefined) return true;
  const owner = peerOwner(table, {
    address: localAddress,
    port: localPort,
    peerAddress: remoteAddress,
    peerPort: remotePort,
  });
  return owner === undefined || owner === self || owner === 0;
}
