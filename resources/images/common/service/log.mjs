/*
 * One line of JSON a message, on standard output: `docker service logs` shows it, and anything can read it.
 * Whoever writes hands over words and numbers of our own, never a header, a body or a token. What slips in all the same, in
 * the text of some library's error, is taken out by its form.
 */

/** @typedef {Readonly<Record<string, unknown>>} Fields */
/**
 * @typedef {object} Log
 * @property {(message: string, fields?: Fields) => void} info
 * @property {(message: string, fields?: Fields) => void} warn
 * @property {(message: string, fields?: Fields) => void} error
 */

const secretForms = [
  // Tokens and invite codes of people.
  [/\bce([ti])_[\w-]{8,}/g, 'ce$1_***'],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 ***'],
  // user:password@ of an address
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"]*@/gi, '$1***@'],
];

/** @param {string} text */
export const scrub = (text) =>
  secretForms.reduce((now, [form, instead]) => now.replace(/** @type {RegExp} */ (form), String(instead)), text);

/**
 * @param {unknown} error
 * @returns {Fields} what of an error is worth a line: never the values that it carries besides
 */
export function describeError(error) {
  if (!(error instanceof Error)) return { error: typeof error };
  const { code } = /** @type {{ code?: unknown }} */ (error);
  return { error: error.message, ...(typeof code === 'string' ? { code } : {}) };
}

/**
 * @param {string} service
 * @param {object} [options]
 * @param {(line: string) => void} [options.write]
 * @param {() => Date} [options.now]
 * @returns {Log}
 */
export function createLog(service, { write = (line) => process.stdout.write(line), now = () => new Date() } = {}) {
  /** @param {string} level */
  const at =
    (level) =>
    /** @param {string} message @param {Fields} [fields] */
    (message, fields = {}) =>
      write(`${scrub(JSON.stringify({ ...fields, time: now().toISOString(), level, service, message }))}\n`);
  return { info: at('info'), warn: at('warn'), error: at('error') };
}
