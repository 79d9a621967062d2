// settings.json is the user's file and Claude Code's own: the team's settings are merged into it, nothing of the user's is
// replaced, and each part that was put in is known, so that exactly those can be taken out again. Pure.
import { isDeepStrictEqual } from 'node:util';

/**
 * @typedef {{[key: string]: unknown}} Settings
 * @typedef {{how: 'object' | 'list' | 'value' | 'item', path: string[], value?: unknown}} Part in the order they were put in:
 *   an object or a list that was made, a value that was set, an item that was added to a list
 * @typedef {{settings: Settings, parts: Part[], kept: string[]}} Merged `kept`: paths where the user's own value stays
 */

const deepest = 32;

/**
 * @param {string} text
 * @param {string} whose for the message
 * @returns {Settings}
 * @throws {Error} when it is no JSON object
 */
export function parseSettings(text, whose) {
  let value;
  try {
    value = /** @type {unknown} */ (JSON.parse(text));
    requirePlain(value, 0);
  } catch (error) {
    throw new Error(`${whose} settings.json cannot be used: ${error.message}`);
  }
  if (!isObject(value)) {
    throw new Error(`${whose} settings.json is not an object`);
  }
  return value;
}

/** @param {unknown} value @param {number} depth */
function requirePlain(value, depth) {
  if (depth > deepest) {
    throw new Error(`it is more than ${deepest} levels deep`);
  }
  if (typeof value !== 'object' || value === null) {
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    // Assigning to it would change what an object is, not what it has.
    if (key === '__proto__') {
      throw new Error(`it has a key called ${key}`);
    }
    requirePlain(inner, depth + 1);
  }
}

/** @param {Settings} users @param {Settings} teams @returns {Merged} */
export function mergeSettings(users, teams) {
  const settings = structuredClone(users);
  /** @type {Part[]} */
  const parts = [];
  /** @type {string[]} */
  const kept = [];
  /** @param {Settings} into @param {Settings} from @param {string[]} above */
  const merge = (into, from, above) => {
    for (const [key, value] of Object.entries(from)) {
      const path = [...above, key];
      const isNew = !Object.hasOwn(into, key);
      if (isNew && (isObject(value) || Array.isArray(value))) {
        into[key] = Array.isArray(value) ? [] : {};
        parts.push({ how: Array.isArray(value) ? 'list' : 'object', path });
      }
      const present = into[key];
      if (isObject(present) && isObject(value)) {
        merge(present, value, path);
      } else if (Array.isArray(present) && Array.isArray(value)) {
        for (const item of value) {
          if (!present.some((one) => isDeepStrictEqual(one, item))) {
            present.push(structuredClone(item));
            parts.push({ how: 'item', path, value: item });
          }
        }
      } else if (isNew) {
        into[key] = value;
        parts.push({ how: 'value', path, value });
      } else if (!isDeepStrictEqual(present, value)) {
        kept.push(path.join('.'));
      }
    }
  };
  merge(settings, teams, []);
  return { settings, parts, kept };
}

/**
 * Takes out what was put in and is still there; what the user changed or added stays.
 * @param {Settings} current
 * @param {readonly Part[]} parts
 * @returns {{settings: Settings, missing: string[]}} `missing`: paths of parts that are not there any more
 */
export function takeOutSettings(current, parts) {
  const settings = structuredClone(current);
  /** @type {string[]} */
  const missing = [];
  for (const { how, path, value } of [...parts].reverse()) {
    const key = path.at(-1) ?? '';
    const holder = path.slice(0, -1).reduce(stepInto, /** @type {unknown} */ (settings));
    const present = isObject(holder) && Object.hasOwn(holder, key) ? holder[key] : undefined;
    const index = how === 'item' && Array.isArray(present) ? lastIndexOf(present, value) : -1;
    if (how === 'item') {
      if (index >= 0) {
        /** @type {unknown[]} */ (present).splice(index, 1);
      } else {
        missing.push(path.join('.'));
      }
    } else if (how === 'value' ? isDeepStrictEqual(present, value) : isEmpty(present)) {
      delete (/** @type {Settings} */ (holder)[key]);
    } else if (how === 'value' || present === undefined) {
      missing.push(path.join('.'));
    }
  }
  return { settings, missing: [...new Set(missing.reverse())] };
}

/** @param {Part} part @returns {string} one line, with nothing of the user's in it */
export const partLine = ({ how, path, value }) =>
  `${path.join('.')}${how === 'item' ? '[]' : ''}: ${JSON.stringify(value)}`;

/** @param {unknown} value @param {string} key */
const stepInto = (value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined);
/** @param {unknown} value */
const isEmpty = (value) =>
  Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
/** @param {unknown[]} list @param {unknown} value */
const lastIndexOf = (list, value) => list.findLastIndex((one) => isDeepStrictEqual(one, value));

/** @param {unknown} value @returns {value is Settings} */
export const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
