/*
 * Reading what a client sends. A body is taken whole before it goes on: it can then be sent to another replica when the first does
 * not take the connection, and a slow sender holds no replica.
 */

/**
 * @typedef {{ readonly bytes: Buffer, readonly release: () => void } | { readonly refused: 'too large' | 'too much' | 'left' }} Body
 *   `release` is called when nobody needs the bytes any more; `too much` is what everybody sends at once
 */

/**
 * @param {{ each: number, together: number }} limits bytes
 * @returns {(request: import('node:http').IncomingMessage) => Promise<Body>}
 */
export function createBodyReader({ each, together }) {
  let held = 0;

  return (request) =>
    new Promise((resolve) => {
      if (Number(request.headers['content-length'] ?? 0) > each) return resolve({ refused: 'too large' });
      /** @type {Buffer[]} */
      const chunks = [];
      let size = 0;
      const release = () => {
        held -= size;
        size = 0;
      };
      /** @param {Body} body */
      const done = (body) => {
        request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
        resolve(body);
      };
      /** @param {'too large' | 'too much' | 'left'} reason */
      const refuse = (reason) => {
        release();
        done({ refused: reason });
      };
      /** @param {Buffer} chunk */
      const onData = (chunk) => {
        chunks.push(chunk);
        size += chunk.length;
        held += chunk.length;
        if (size > each) refuse('too large');
        else if (held > together) refuse('too much');
      };
      const onEnd = () =>
        done({ bytes: chunks.length === 1 ? /** @type {Buffer} */ (chunks[0]) : Buffer.concat(chunks), release });
      const onClose = () => refuse('left');
      request.on('data', onData).once('end', onEnd).once('close', onClose).once('error', onClose);
    });
}
