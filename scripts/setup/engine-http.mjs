import { request } from 'node:http';

/**
 * Where node:http finds an engine, for addresses it can talk to without help. ssh and TLS are the product's business.
 * @param {string} address `unix:///var/run/docker.sock`, `npipe:////./pipe/docker_engine`, `tcp://127.0.0.1:2375`
 * @returns {{ socketPath: string } | { host: string, port: number } | undefined}
 */
export function httpTarget(address) {
  if (address.startsWith('unix://')) return { socketPath: address.slice('unix://'.length) };
  if (address.startsWith('npipe://')) return { socketPath: address.slice('npipe://'.length).replaceAll('/', '\\') };
  if (!address.startsWith('tcp://') && !address.startsWith('http://')) return undefined;
  const url = new URL(address.replace(/^tcp:/, 'http:'));
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 2375) };
}

/**
 * One request to an engine.
 * @param {string} address one that `httpTarget` understands
 * @param {string} path
 * @param {{ method?: string, timeout?: number, body?: import('node:stream').Readable, headers?: Record<string, string> }} [options]
 *   `timeout`: milliseconds of silence before giving up
 * @returns {Promise<{ status: number, text: string }>}
 */
export function engineRequest(address, path, { method = 'GET', timeout = 5000, body, headers = {} } = {}) {
  const target = httpTarget(address);
  if (target === undefined) return Promise.reject(new Error(`cannot be asked from here: ${address}`));
  return new Promise((resolve, reject) => {
    const call = request({ ...target, path, method, headers, timeout }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      answer.on('error', reject);
    });
    call.on('timeout', () => call.destroy(new Error(`no answer within ${timeout / 1000} s`)));
    call.on('error', reject);
    if (body === undefined) call.end();
    else {
      body.on('error', (error) => call.destroy(error));
      body.pipe(call);
    }
  });
}

/**
 * @param {string} address
 * @param {string} reference
 */
export async function hasImage(address, reference) {
  const { status } = await engineRequest(address, `/images/${encodeURIComponent(reference)}/json`);
  return status === 200;
}
