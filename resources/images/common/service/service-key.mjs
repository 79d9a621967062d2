import { createHash, timingSafeEqual } from 'node:crypto';

/*
 * What our own services show each other: `authorization: Bearer <service key>`.
 */

/**
 * @param {string | undefined} header
 * @returns {string | undefined} what follows `Bearer`, where nothing but that stands there
 */
export const bearerOf = (header) => /^Bearer ([\w.~+/=-]{1,512})$/i.exec(header ?? '')?.[1];

/** @param {string} text */
const digest = (text) => createHash('sha256').update(text).digest();

/**
 * Takes equally long for every wrong text: compares digests, which are of one length.
 * @param {string} a
 * @param {string} b
 */
export const sameSecret = (a, b) => timingSafeEqual(digest(a), digest(b));

/**
 * @param {string} key
 * @returns {(header: string | undefined) => boolean} whether an Authorization header carries the service key
 */
export function createKeyCheck(key) {
  if (key.length < 32) throw new Error('The service key is shorter than 32 characters.');
  return (header) => {
    const shown = bearerOf(header);
    return shown !== undefined && sameSecret(shown, key);
  };
}
