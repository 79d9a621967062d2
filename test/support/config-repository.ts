import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/*
 * A team's configuration repository with real git and real ssh keys: a working folder, and the bare repository that it
 * pushes to, which config-sync reads.
 */

const run = promisify(execFile);

export type Signer = 'alice' | 'mallory' | null;

export interface ConfigRepository {
  readonly folder: string;
  /** For GIT_REPO, with GIT_PROTOCOLS=file. */
  readonly url: string;
  readonly remote: string;
  /** Alice alone. */
  readonly allowedSigners: string;
  readonly git: (...args: readonly string[]) => Promise<string>;
  /** Writes the files, and commits all that is there. `signer`: whose key signs; null: nobody's. */
  readonly commit: (files: Readonly<Record<string, string | Buffer>>, signer: Signer) => Promise<string>;
  /** A commit on top of HEAD with exactly this tree, whatever git thinks of it. */
  readonly commitTree: (tree: string, signer: Signer) => Promise<string>;
  /** Makes an object of any bytes. */
  readonly writeObject: (type: 'blob' | 'tree' | 'commit', content: string | Buffer) => Promise<string>;
  readonly push: (...args: readonly string[]) => Promise<void>;
  readonly remove: () => Promise<void>;
}

export async function createConfigRepository(): Promise<ConfigRepository> {
  const folder = await mkdtemp(join(tmpdir(), 'claude-env-config-'));
  const work = join(folder, 'work');
  const remote = join(folder, 'remote.git');
  const env = { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' };
  const git = async (...args: readonly string[]) =>
    (await run('git', ['-C', work, ...args], { env, maxBuffer: 1 << 26 })).stdout.trim();
  for (const name of ['alice', 'mallory']) {
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)]);
  }
  await run('git', ['init', '--quiet', '--initial-branch=main', work], { env });
  await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', remote], { env });
  for (const [key, value] of [
    ['user.name', 'Alice'],
    ['user.email', 'alice@example.com'],
    ['gpg.format', 'ssh'],
    ['remote.origin.url', remote],
    ['gc.auto', '0'],
    // Big files are streamed.
    ['core.bigFileThreshold', '1m'],
  ] as const)
    await git('config', key, value);
  await git('--git-dir', remote, 'config', 'core.bigFileThreshold', '1m');
  const signing = (signer: Signer) => (signer === null ? [] : ['-c', `user.signingKey=${join(folder, signer)}`]);
  const sign = (signer: Signer) => (signer === null ? '--no-gpg-sign' : '-S');

  const writeObject = async (type: string, content: string | Buffer) => {
    const child = run('git', ['-C', work, 'hash-object', '-t', type, '-w', '--stdin', '--literally'], { env });
    child.child.stdin?.end(content);
    return (await child).stdout.trim();
  };
  return {
    folder,
    url: `file://${remote}`,
    remote,
    allowedSigners: `alice@example.com namespaces="git" ${await readFile(join(folder, 'alice.pub'), 'utf8')}`,
    git,
    commit: async (files, signer) => {
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(work, path)), { recursive: true });
        await writeFile(join(work, path), content);
      }
      await git('add', '--all');
      await git(...signing(signer), 'commit', '--quiet', '--allow-empty', sign(signer), '-m', `Change by ${signer}`);
      return git('rev-parse', 'HEAD');
    },
    commitTree: async (tree, signer) => {
      const sha = await git(...signing(signer), 'commit-tree', sign(signer), '-p', 'HEAD', '-m', 'A tree', tree);
      await git('update-ref', 'refs/heads/main', sha);
      return sha;
    },
    writeObject,
    push: async (...args) => {
      await git('push', '--quiet', ...args, 'origin', 'main');
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
