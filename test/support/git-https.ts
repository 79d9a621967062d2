import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

/* A host of git repositories over https, with a password: git's own http-backend behind Node. */

export interface GitHost {
  readonly url: string;
  /** Its certificate's file, which nobody trusts by themselves. */
  readonly certificate: string;
  /** Where it sends everybody from now on; undefined: nowhere. */
  redirect: string | undefined;
  readonly close: () => Promise<void>;
}

/** @param repository a bare one @param folder for key and certificate @param password of anybody */
export async function startGitHost(repository: string, folder: string, password: string): Promise<GitHost> {
  const [key, certificate] = [join(folder, 'tls.key'), join(folder, 'tls.crt')];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  await promisify(execFile)('openssl', [
    ...request,
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate],
  ]);
  const server = createServer({ key: await readFile(key), cert: await readFile(certificate) }, (asked, answer) => {
    const [user, given] = Buffer.from(asked.headers.authorization?.replace('Basic ', '') ?? '', 'base64')
      .toString()
      .split(':');
    if (host.redirect !== undefined) answer.writeHead(301, { location: `${host.redirect}${asked.url}` }).end();
    else if (user === '' || given !== password)
      answer.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    else backend(repository, asked, answer);
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const host: GitHost = {
    url: `https://localhost:${(server.address() as AddressInfo).port}/${basename(repository)}`,
    certificate,
    redirect: undefined,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return host;
}

/** One request as CGI. https://git-scm.com/docs/git-http-backend */
function backend(repository: string, asked: IncomingMessage, answer: ServerResponse): void {
  const { pathname, search } = new URL(asked.url ?? '/', 'https://localhost');
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: dirname(repository),
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: asked.method,
      CONTENT_TYPE: asked.headers['content-type'],
      HTTP_CONTENT_ENCODING: asked.headers['content-encoding'],
      GIT_PROTOCOL: String(asked.headers['git-protocol'] ?? ''),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  asked.pipe(child.stdin);
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  child.once('close', () => {
    const all = Buffer.concat(parts);
    const end = all.indexOf('\r\n\r\n');
    const headers = all
      .toString('latin1', 0, end)
      .split('\r\n')
      .map((line) => line.split(': ') as [string, string]);
    const status = headers.find(([name]) => name === 'Status')?.[1];
    answer.writeHead(status === undefined ? 200 : Number.parseInt(status, 10), Object.fromEntries(headers));
    answer.end(all.subarray(end + 4));
  });
}
