import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Host } from './host.ts';
import { mapLimited } from './parallel.ts';

/*
 * What listens on this machine. Parsers are pure; each names the command whose output it reads.
 */

export interface Listener {
  /** `0.0.0.0` and `::` mean every address. */
  readonly hostIp: string;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  readonly pid?: number;
  readonly process?: string;
  /** Linux: by which the process can be found. */
  readonly inode?: string;
  /** Set when no process holds it: in whose words it is taken all the same. */
  readonly owner?: string;
}

const listenState = { tcp: '0A', udp: '07' } as const;

/** /proc/net/{tcp,tcp6,udp,udp6}: `sl local_address rem_address st … inode` (Documentation/networking/proc_net_tcp.rst). */
export function parseProcNet(text: string, protocol: 'tcp' | 'udp'): readonly Listener[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const fields = line.trim().split(/\s+/);
      const [address, port] = (fields[1] ?? '').split(':');
      const inode = fields[9];
      if (!address || !port || inode === undefined || fields[3] !== listenState[protocol]) return [];
      return [{ hostIp: parseKernelAddress(address), port: Number.parseInt(port, 16), protocol, inode }];
    });
}

/** The kernel prints each 32-bit word in the machine's byte order; every machine that Docker runs on is little-endian. */
function parseKernelAddress(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)));
  if (bytes.length === 4) return bytes.join('.');
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (isMapped) return bytes.slice(12).join('.');
  if (bytes.every((byte) => byte === 0)) return '::';
  if (bytes.slice(0, 15).every((byte) => byte === 0) && bytes[15] === 1) return '::1';
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((bytes[2 * i] ?? 0) * 256 + (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  return groups.join(':');
}

/** `lsof -nP +c 0 -iTCP -sTCP:LISTEN -iUDP -F pcPn`: a field a line; p and c open a process, P and n a socket. */
export function parseLsof(text: string): readonly Listener[] {
  const found: Listener[] = [];
  let pid = 0;
  let process = '';
  let protocol: 'tcp' | 'udp' = 'tcp';
  for (const line of text.split('\n')) {
    const value = line.slice(1);
    if (line.startsWith('p')) pid = Number(value);
    else if (line.startsWith('c')) process = value;
    else if (line.startsWith('P')) protocol = value === 'UDP' ? 'udp' : 'tcp';
    else if (line.startsWith('n') && !value.includes('->')) {
      const address = splitAddress(value);
      if (address) found.push({ ...address, protocol, pid, process });
    }
  }
  return found;
}

/** `netstat -ano`: `TCP 0.0.0.0:80 0.0.0.0:0 LISTENING 4`; the state is translated, the foreign port 0 is not. */
export function parseNetstat(text: string, names: ReadonlyMap<number, string>): readonly Listener[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [kind = '', local = '', foreign = ''] = fields;
    const protocol = kind === 'TCP' ? 'tcp' : kind === 'UDP' ? 'udp' : undefined;
    const address = splitAddress(local);
    const listens = protocol === 'udp' || foreign.endsWith(':0');
    if (!protocol || !address || !listens) return [];
    const pid = Number(fields.at(-1));
    const process = names.get(pid);
    return [{ ...address, protocol, pid, ...(process && { process }) }];
  });
}

/** `tasklist /FO CSV /NH`: `"System","4","Services","0","140 K"`. */
export const parseTasklist = (text: string): ReadonlyMap<number, string> =>
  new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const match = /^"([^"]*)","(\d+)"/.exec(line);
      return match ? [[Number(match[2]), match[1] ?? ''] as const] : [];
    }),
  );

/**
 * `netsh interface ipv4 show excludedportrange protocol=tcp`: ranges that Windows (Hyper-V, mostly) keeps to itself, in
 * which nothing can listen although nothing does (docker/for-win#3171). Rows are two numbers; the rest is translated.
 */
export const parseExcludedRanges = (text: string): readonly Listener[] =>
  text.split(/\r?\n/).flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s*\*?\s*$/.exec(line);
    if (!match) return [];
    const [first, last] = [Number(match[1]), Number(match[2])];
    const owner = `Windows, which keeps ports ${first}-${last} to itself`;
    return Array.from({ length: last - first + 1 }, (_, offset) => ({
      hostIp: '0.0.0.0',
      port: first + offset,
      protocol: 'tcp' as const,
      owner,
    }));
  });

function splitAddress(text: string): { hostIp: string; port: number } | undefined {
  const colon = text.lastIndexOf(':');
  const port = Number(text.slice(colon + 1));
  if (colon < 0 || !Number.isInteger(port) || port <= 0) return undefined;
  const host = text.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return { hostIp: host === '*' ? '0.0.0.0' : host, port };
}

const run = promisify(execFile);
/** A command that is missing or refuses is no reason to fail: fewer owners are known then. */
const output = (file: string, args: readonly string[]): Promise<string> =>
  run(file, [...args], { maxBuffer: 16 * 1024 * 1024, timeout: 5000, windowsHide: true }).then(
    ({ stdout }) => stdout,
    (error: unknown) =>
      // lsof ends with 1 when one of several kinds had no match, having printed the others.
      error instanceof Error && 'stdout' in error && typeof error.stdout === 'string' ? error.stdout : '',
  );

/** Everything that listens on this machine now. On Linux processes are not named yet: `nameProcess` does that for one. */
export async function readListeners({
  platform,
  readText,
}: Pick<Host, 'platform' | 'readText'>): Promise<readonly Listener[]> {
  if (platform === 'linux') {
    const tables = [
      ['tcp', 'tcp'],
      ['tcp6', 'tcp'],
      ['udp', 'udp'],
      ['udp6', 'udp'],
    ] as const;
    const texts = await Promise.all(
      tables.map(async ([name, protocol]) => parseProcNet((await readText(`/proc/net/${name}`)) ?? '', protocol)),
    );
    return texts.flat();
  }
  if (platform === 'darwin') {
    return parseLsof(await output('lsof', ['-nP', '+c', '0', '-iTCP', '-sTCP:LISTEN', '-iUDP', '-F', 'pcPn']));
  }
  if (platform === 'win32') {
    const [netstat, tasks, excluded] = await Promise.all([
      output('netstat', ['-ano']),
      output('tasklist', ['/FO', 'CSV', '/NH']),
      output('netsh', ['interface', 'ipv4', 'show', 'excludedportrange', 'protocol=tcp']),
    ]);
    return [...parseNetstat(netstat, parseTasklist(tasks)), ...parseExcludedRanges(excluded)];
  }
  return [];
}

/** Linux: finds the process that holds a socket. Without root only one's own processes can be seen into. */
export async function nameProcess(listener: Listener): Promise<Listener> {
  if (listener.inode === undefined) return listener;
  const wanted = `socket:[${listener.inode}]`;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const holders = await mapLimited(pids, 16, async (pid) => {
    const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
    const links = await Promise.all(files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => '')));
    return links.includes(wanted) ? pid : undefined;
  });
  const pid = holders.find((holder) => holder !== undefined);
  if (pid === undefined) return listener;
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
  return { ...listener, pid: Number(pid), ...(name !== '' && { process: name.trim() }) };
}
