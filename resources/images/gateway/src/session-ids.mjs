import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/*
 * The session ids that clients get: `<sealed>.<the replica's own id>`. What is sealed says which replica has the session and
 * whose it is, so that every gateway finds the replica without asking anybody, nobody can aim a gateway at an address, and
 * nobody can use another person's session. The key comes from the service key, which all gateways of a stack have.
 */

/** @typedef {{ readonly replica: string, readonly person: string, readonly upstream: string }} SessionId */

const ivLength = 12;
const tagLength = 16;
const maxOpened = 10_000;
/** Ids of MCP are visible ASCII without spaces; one that has more than this is not kept in anybody's memory. */
const upstreamForm = /^[\x21-\x7e]{1,256}$/;

/**
 * @param {string} serviceKey
 * @returns {{
 *   seal: (server: string, session: SessionId) => string | undefined,
 *   open: (server: string, id: string) => SessionId | undefined,
 * }} `seal` gives undefined for an upstream id that is none; `open` for what this stack has not sealed for this server
 */
export function createSessionIds(serviceKey) {
  const key = Buffer.from(hkdfSync('sha256', serviceKey, '', 'claude-env gateway session ids', 32));
  /** What was opened lately, the oldest first: unsealing costs more than the rest of what a call needs. @type {Map<string, SessionId>} */
  const opened = new Map();

  /** @param {string} server @param {string} id @returns {SessionId | undefined} */
  function unseal(server, id) {
    const dot = id.indexOf('.');
    const sealed = Buffer.from(id.slice(0, dot), 'base64url');
    const upstream = id.slice(dot + 1);
    if (dot < 0 || sealed.length <= ivLength + tagLength || !upstreamForm.test(upstream)) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivLength), { authTagLength: tagLength });
    decipher.setAAD(Buffer.from(`${server}\n${upstream}`));
    decipher.setAuthTag(sealed.subarray(sealed.length - tagLength));
    try {
      const text = `${decipher.update(sealed.subarray(ivLength, sealed.length - tagLength)).toString()}${decipher.final('utf8')}`;
      const line = text.indexOf('\n');
      return { replica: text.slice(0, line), person: text.slice(line + 1), upstream };
    } catch {
      // Sealed by nobody here: a stranger's invention, or from before the service key changed.
      return undefined;
    }
  }

  return {
    seal: (server, { replica, person, upstream }) => {
      if (!upstreamForm.test(upstream)) return undefined;
      const iv = randomBytes(ivLength);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      // The replica's id is not secret, but belongs to this seal and no other.
      cipher.setAAD(Buffer.from(`${server}\n${upstream}`));
      const sealed = Buffer.concat([
        iv,
        cipher.update(`${replica}\n${person}`, 'utf8'),
        cipher.final(),
        cipher.getAuthTag(),
      ]);
      return `${sealed.toString('base64url')}.${upstream}`;
    },
    open: (server, id) => {
      if (id.length > 1024) return undefined;
      const known = `${server}\n${id}`;
      const before = opened.get(known);
      if (before !== undefined) return before;
      const session = unseal(server, id);
      if (session === undefined) return undefined;
      opened.set(known, session);
      if (opened.size > maxOpened) opened.delete(/** @type {string} */ (opened.keys().next().value));
      return session;
    },
  };
}
