/** @typedef {'guest' | 'member' | 'operator'} Role */
/** @typedef {{ readonly id: string, readonly name: string, readonly role: Role }} Person */

/** Each may what those before it may. */
export const roles = /** @type {const} */ (['guest', 'member', 'operator']);

/**
 * @param {Role} role somebody's
 * @param {Role} needed
 */
export const allows = (role, needed) => roles.indexOf(role) >= roles.indexOf(needed);

/** Of what a WebSocket tells, the part that a guest may know of. */
const forGuests = new Set(['config', 'mcp']);

/** @param {Role} role @param {string} what */
export const mayHear = (role, what) => role !== 'guest' || forGuests.has(what);
