import { createHash, randomBytes } from 'node:crypto';

/*
 * Tokens and invite codes: shown once, kept as SHA-256. They hold 256 and 192 random bits, so that a plain digest is enough:
 * slow hashes are for what people make up.
 */

export const tokenForm = /^cet_[A-Za-z0-9_-]{43}$/;
export const codeForm = /^cei_[A-Za-z0-9_-]{32}$/;

/** @param {string} text */
export const digestOf = (text) => createHash('sha256').update(text).digest('hex');

/** @param {string} text */
const withDigest = (text) => ({ text, digest: digestOf(text) });

export const newToken = () => withDigest(`cet_${randomBytes(32).toString('base64url')}`);
export const newCode = () => withDigest(`cei_${randomBytes(24).toString('base64url')}`);

/**
 * @param {string} text of the secret `first-operator`
 * @returns {{ readonly name: string, readonly digest: string }}
 * @throws {Error} that says nothing of what is in it
 */
export function parseFirstOperator(text) {
  const refuse = () => new Error('The secret first-operator is not {"name": "…", "tokenSha256": "<64 hex digits>"}.');
  /** @type {unknown} */
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse();
  }
  const { name, tokenSha256 } = /** @type {{ name?: unknown, tokenSha256?: unknown }} */ (value ?? {});
  if (typeof name !== 'string' || name.trim() === '' || name.length > 80) throw refuse();
  if (typeof tokenSha256 !== 'string' || !/^[0-9a-f]{64}$/.test(tokenSha256)) throw refuse();
  return { name: name.trim(), digest: tokenSha256 };
}
