/*
 * Reading what a client sends. A body is taken whole before it goes on: it can then be sent to another replica when the first does
 * not take the connection, and a slow sender holds no replica.
 */

/**
 * @typedef {{ readonly bytes: Buffer, readonly release: () => void } | { readonly refused: 'too large' | 'too much' | 'left' }} Body
 *   `release` is called when nobody needs the bytes any more; `too much` is what everybody, or this sender, sends at once
 */

const nothing = /** @type {Buffer} */ (Buffer.alloc(0));

/**
 * @param {{ each: number, share: number, together: number }} limits bytes of a body, of one sender's, and of all at once: whoever
 *   sends slowly leaves room for the others
 * @returns {(request: import('node:http').IncomingMessage, sender: string) => Promise<Body>}
 */
export function createBodyReader({ each, share, together }) {
  let held = 0;
  /** By sender. @type {Map<string, number>} */
  const heldBy = new Map();

  return (request, sender) =>
    new Promise((resolve) => {
      if (Number(request.headers['content-length'] ?? 0) > each) return resolve({ refused: 'too large' });
      /** Room for more than has come: a list of parts would cost hundreds of bytes for each, and a part may have one. */
      let bytes = nothing;
      let size = 0;
      /** @param {number} change */
      const hold = (change) => {
        held += change;
        const now = (heldBy.get(sender) ?? 0) + change;
        if (now === 0) heldBy.delete(sender);
        else heldBy.set(sender, now);
      };
      const release = () => {
        hold(-bytes.length);
        bytes = nothing;
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
        const next = size + chunk.length;
        if (next > each) return refuse('too large');
        if (next > bytes.length) {
          // Mostly it is all there with the first part, which then needs no copy.
          const room = size === 0 ? chunk : Buffer.allocUnsafeSlow(Math.min(each, 2 * next));
          if (room !== chunk) bytes.copy(room, 0, 0, size);
          hold(room.length - bytes.length);
          bytes = room;
          if (held > together || (heldBy.get(sender) ?? 0) > share) return refuse('too much');
        }
        if (bytes !== chunk) chunk.copy(bytes, size);
        size = next;
      };
      const onEnd = () => done({ bytes: bytes.subarray(0, size), release });
      const onClose = () => refuse('left');
      request.on('data', onData).once('end', onEnd).once('close', onClose).once('error', onClose);
    });
}
