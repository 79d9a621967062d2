import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import tar from 'tar-stream';

/*
 * A registry with one image (distribution.github.io/distribution/spec/api), whose layer comes in drops until the test
 * releases it: what the engine does when a pull is cancelled is then seen from the other side.
 */

export interface Registry {
  /** `127.0.0.1:port/test/image:1` */
  readonly image: string;
  /** The engine has asked for the layer. */
  readonly layerBegun: Promise<void>;
  /** The engine closed the layer's connection before it was complete. */
  readonly layerAbandoned: Promise<void>;
  /** Lets the rest of the layer go. */
  readonly release: () => void;
  readonly close: () => Promise<void>;
}

/** What some registries give in place of a password: distribution.github.io/distribution/spec/auth/oauth */
export interface IdentityToken {
  readonly identityToken: string;
}
const accessToken = 'for-a-moment';

const expectedFrom = (login: string | IdentityToken): string =>
  typeof login === 'string' ? `Basic ${Buffer.from(login).toString('base64')}` : `Bearer ${accessToken}`;

async function answerToken(request: IncomingMessage, response: ServerResponse, login: IdentityToken): Promise<void> {
  const form = new URLSearchParams(await text(request));
  const isRight = form.get('grant_type') === 'refresh_token' && form.get('refresh_token') === login.identityToken;
  response.writeHead(isRight ? 200 : 401, { 'content-type': 'application/json' });
  response.end(JSON.stringify(isRight ? { access_token: accessToken, expires_in: 300 } : {}));
}

const sha256 = (data: Buffer): string => `sha256:${createHash('sha256').update(data).digest('hex')}`;

async function layerTar(): Promise<Buffer> {
  const pack = tar.pack();
  // Not compressible, and more than the buffers on the way hold.
  const noise = Buffer.alloc(4 * 1024 * 1024);
  for (let i = 0; i < noise.length; i += 32) createHash('sha256').update(String(i)).digest().copy(noise, i);
  pack.entry({ name: 'noise' }, noise);
  pack.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of pack) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** `login` as `user:password` makes it ask for that. */
export async function startRegistry(login?: string | IdentityToken): Promise<Registry> {
  const raw = await layerTar();
  const layer = gzipSync(raw);
  const config = Buffer.from(
    JSON.stringify({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: [sha256(raw)] },
      history: [{ created: '2026-01-01T00:00:00Z' }],
    }),
  );
  const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: {
        mediaType: 'application/vnd.docker.container.image.v1+json',
        size: config.length,
        digest: sha256(config),
      },
      layers: [
        { mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', size: layer.length, digest: sha256(layer) },
      ],
    }),
  );
  const begun = Promise.withResolvers<void>();
  const abandoned = Promise.withResolvers<void>();
  let isReleased = false;
  const release = () => {
    isReleased = true;
  };

  const sendLayer = async (response: ServerResponse) => {
    response.writeHead(200, { 'content-length': layer.length, 'docker-content-digest': sha256(layer) });
    response.on('close', () => {
      if (!response.writableFinished) abandoned.resolve();
    });
    begun.resolve();
    // Drops, as over a bad line: the engine notices a cancel between two of them (20.10 reads the body without a context).
    let sent = 0;
    while (!response.destroyed && !isReleased && sent < layer.length / 2) {
      response.write(layer.subarray(sent, sent + 1024));
      sent += 1024;
      await setTimeout(10);
    }
    if (!response.destroyed) response.end(layer.subarray(sent));
  };
  const send = (response: ServerResponse, type: string, body: Buffer) =>
    response.writeHead(200, {
      'content-type': type,
      'docker-content-digest': sha256(body),
      'content-length': body.length,
    });

  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const { url = '', method, headers } = request;
    if (url === '/token' && method === 'POST' && typeof login === 'object') {
      void answerToken(request, response, login);
    } else if (login !== undefined && headers.authorization !== expectedFrom(login)) {
      const basic = typeof login === 'string';
      const challenge = basic ? 'Basic realm="test"' : `Bearer realm="http://${headers.host}/token",service="test"`;
      response.writeHead(401, { 'www-authenticate': challenge }).end();
    } else if (url === '/v2/') {
      response.writeHead(200).end('{}');
    } else if (/\/manifests\/(1$|sha256:)/.test(url)) {
      send(response, manifestType, manifest).end(method === 'HEAD' ? undefined : manifest);
    } else if (url.endsWith(sha256(config))) {
      send(response, 'application/json', config).end(config);
    } else if (url.endsWith(sha256(layer))) {
      void sendLayer(response);
    } else {
      const error = { errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] };
      response.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify(error));
    }
  };
  const server = createServer(handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    image: `127.0.0.1:${port}/test/image:1`,
    layerBegun: begun.promise,
    layerAbandoned: abandoned.promise,
    release,
    close: async () => {
      release();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
