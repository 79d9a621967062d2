import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Debian's package is there; `npm test` installs it as root on Debian. perl makes the password's hash. */
export const hasDockerRegistry =
  process.platform === 'linux' &&
  ['docker-registry', 'perl'].every((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0);

export interface DockerRegistry {
  /** `127.0.0.1:port`, or where it was told to listen. */
  readonly host: string;
  /** What it has written so far. */
  readonly log: () => string;
  /** It reads its list of users again when that has changed. */
  readonly changePassword: (password: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** The password goes in by standard input, so that it is no argument here either. */
const bcrypt = (password: string): string =>
  execFileSync('perl', ['-e', 'my $p = <STDIN>; print crypt($p, q($2y$05$abcdefghijklmnopqrstuu))'], {
    input: password,
    encoding: 'utf8',
  });

export interface RegistryPlace {
  /** On the loopback of another network than this one. */
  readonly netns?: string;
  /** Where it listens, by TLS, in place of the loopback. */
  readonly at?: { readonly address: string; readonly certificate: string; readonly key: string };
}

/** A real registry that lets one user in, by Basic authentication: on loopback without TLS, unless told otherwise. */
export async function startDockerRegistry(
  user: string,
  password: string,
  { netns, at }: RegistryPlace = {},
): Promise<DockerRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'claude-env-registry-'));
  const changePassword = (now: string) => writeFile(join(folder, 'htpasswd'), `${user}:${bcrypt(now)}\n`);
  await changePassword(password);
  const tls = { certificate: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  if (at !== undefined) {
    await Promise.all([writeFile(tls.certificate, at.certificate), writeFile(tls.key, at.key, { mode: 0o600 })]);
  }
  const config = {
    version: 0.1,
    log: { level: 'info', formatter: 'json' },
    storage: { filesystem: { rootdirectory: join(folder, 'data') } },
    http: { addr: `${at?.address ?? '127.0.0.1'}:0`, ...(at === undefined ? {} : { tls }) },
    auth: { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } },
  };
  await writeFile(join(folder, 'config.yml'), JSON.stringify(config));
  const inside = netns === undefined ? [] : ['nsenter', `--net=/var/run/netns/${netns}`, '--'];
  const [program = '', ...args] = [...inside, 'docker-registry', 'serve', join(folder, 'config.yml')];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  const host = await new Promise<string>((resolve, reject) => {
    const listen = (line: string) => {
      said.push(line);
      const [, address] = /listening on ([\d.]+:\d+)/.exec(line) ?? [];
      if (address !== undefined) resolve(address);
    };
    createInterface({ input: child.stdout }).on('line', listen);
    createInterface({ input: child.stderr }).on('line', listen);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`docker-registry ended with ${code}:\n${said.join('\n')}`)));
  });
  return {
    host,
    log: () => said.join('\n'),
    changePassword,
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill();
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
