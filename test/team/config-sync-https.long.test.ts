import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ConfigRepository, createConfigRepository } from '../support/config-repository.ts';
import { startConfigSync } from '../support/config-sync.ts';
import { type GitHost, startGitHost } from '../support/git-https.ts';

/* config-sync and a repository that only a password opens, over TLS. */

const password = 'a-password-of-a-deploy-token';
let repository: ConfigRepository;
let host: GitHost;
let data: string;
let sha: string;

beforeAll(async () => {
  repository = await createConfigRepository();
  data = await mkdtemp(join(tmpdir(), 'claude-env-data-'));
  sha = await repository.commit({ 'claude/CLAUDE.md': 'Base.\n' }, 'alice');
  await repository.push();
  host = await startGitHost(repository.remote, repository.folder, password);
});
afterAll(async () => {
  await host?.close();
  await repository?.remove();
  await rm(data, { recursive: true, force: true });
});

/** What one sync says, and all that was written on the way. */
async function syncOnce(options: {
  readonly url?: string;
  readonly key?: string;
  readonly trusted?: boolean;
  readonly folder?: string;
}) {
  const service = await startConfigSync(
    { ...repository, url: options.url ?? host.url },
    options.folder ?? join(data, 'none'),
    {
      GIT_PROTOCOLS: 'https ssh',
      ...(options.trusted === false ? {} : { GIT_SSL_CAINFO: host.certificate }),
      ...(options.key === undefined ? {} : { DEPLOY_KEY_FILE: options.key }),
    },
  );
  const state = await service.sync();
  await service.stop();
  return { state, said: service.output() + JSON.stringify(state) };
}
const keyFile = async (content: string) => {
  const path = join(repository.folder, `key-${content.length}`);
  await writeFile(path, content);
  return path;
};

it('reads it with the deploy key as password, with or without a user in the address', async () => {
  const key = await keyFile(`${password}\n`);
  for (const url of [host.url, host.url.replace('https://', 'https://ci@')]) {
    const { state, said } = await syncOnce({ url, key, folder: await mkdtemp(join(data, 'ok-')) });
    expect(state).toMatchObject({ error: null, current: { sha }, remote: host.url });
    expect(said).not.toContain(password);
  }
});

it.each([
  ['without a key', async () => ({}), 'remote.denied'],
  ['with another password', async () => ({ key: await keyFile('wrong') }), 'remote.denied'],
  [
    'whose certificate nobody vouches for',
    async () => ({ key: await keyFile(password), trusted: false }),
    'remote.certificate',
  ],
  [
    'whose address carries the password',
    async () => ({ url: host.url.replace('https://', `https://ci:${password}@`) }),
    'remote.invalid',
  ],
] as const)('names what is wrong with one %s', async (_what, options, code) => {
  const { state, said } = await syncOnce(await options());
  expect(state).toMatchObject({ error: { code }, current: null });
  expect(said).not.toContain(password);
});

it('does not follow it to where nothing is encrypted, nor to a folder of its own machine', async () => {
  let asked = 0;
  const plain = createServer((_request, answer) => {
    asked += 1;
    answer.end();
  });
  plain.listen(0, 'localhost');
  await once(plain, 'listening');
  for (const to of [`http://localhost:${(plain.address() as AddressInfo).port}`, `file://${repository.folder}`]) {
    host.redirect = to;
    const { state } = await syncOnce({ key: await keyFile(password) });
    expect(state, to).toMatchObject({ current: null, remoteHead: null, error: { code: expect.any(String) } });
  }
  host.redirect = undefined;
  plain.close();
  expect(asked).toBe(0);
});

it('does not show the key to another host, wherever the repository’s own sends it', async () => {
  const shown: (string | undefined)[] = [];
  const [cert, key] = [await readFile(host.certificate), await readFile(join(repository.folder, 'tls.key'))];
  const other = createTlsServer({ cert, key }, (request, answer) => {
    shown.push(request.headers.authorization);
    answer.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
  });
  await once(other.listen(0, 'localhost'), 'listening');
  host.redirect = `https://localhost:${(other.address() as AddressInfo).port}`;
  const { state } = await syncOnce({ key: await keyFile(password) });
  host.redirect = undefined;
  other.close();
  expect(shown.length).toBeGreaterThan(0);
  expect(shown.filter((one) => one !== undefined)).toEqual([]);
  expect(state).toMatchObject({ current: null, error: { code: 'remote.denied' } });
});
