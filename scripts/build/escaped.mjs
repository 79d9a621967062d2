/** Beyond ASCII, each as it is written in a string, a template or a regular expression of JavaScript. */
const beyond = /[^\0-\x7f]/g;

/**
 * A plugin for bundles that Node loads: leaves nothing in them but ASCII, which V8 keeps in one byte each and takes as it
 * is. A single `…` makes it decode, and keep, two bytes for each of a million. At the very end, since what comes after
 * `renderChunk` (unused code is dropped there) writes the characters as they were.
 * @returns {import('vite').Plugin}
 */
export function escaped() {
  return {
    name: 'escaped',
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== 'chunk') continue;
        if (/\\[^\0-\x7f]/.test(file.code) || /String\.raw`[^`]*[^\0-\x7f`]/.test(file.code)) {
          this.error(`${file.fileName}: after a backslash or in String.raw, nothing can be escaped`);
        }
        file.code = file.code.replaceAll(beyond, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
      }
    },
  };
}
