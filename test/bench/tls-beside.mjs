import { readFileSync } from 'node:fs';
import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { createServer } from 'node:tls';

/*
 * `node --import` it, and a server of node:http speaks TLS as well, a thousand ports above its own: what a server pays that offers
 * TLS itself, without a proxy's reading and writing. TLS_FOLDER has `cert` and `key`, in PEM.
 */
const folder = process.env.TLS_FOLDER;
const [cert, key] = ['cert', 'key'].map((name) => readFileSync(`${folder}/${name}`));
const createPlain = http.createServer;

http.createServer = (...options) => {
  const server = createPlain(...options);
  const beside = createServer({ cert, key, noDelay: true }, (socket) => server.emit('connection', socket));
  server.once('listening', () => {
    // One that listens at a socket's path is for its own machine.
    const { port } = server.address();
    if (port !== undefined) beside.listen(port + 1000);
  });
  return server;
};
syncBuiltinESMExports();
