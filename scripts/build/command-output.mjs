/** `output` of bundles that start as the command does (main/platform/quick-start.ts): the command, and the bench of it. */
export const commandOutput = /** @satisfies {import('rolldown').OutputOptions} */ ({
  format: 'cjs',
  // Code that V8 kept has no `import()` (main/platform/code-cache.ts).
  dynamicImportInCjs: false,
  // A single character beyond makes V8 decode, and keep, two bytes for each of a million.
  charset: 'ascii',
  comments: { jsdoc: false },
  entryFileNames: '[name].cjs',
  // The hash says what code-cache.ts has kept the code of.
  chunkFileNames: '[name]-[hash:8].cjs',
});
