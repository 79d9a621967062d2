/**
 * `output.codeSplitting.groups`: in one file what an entry imports otherwise than with `import()`; what several of them
 * import goes with the first of them. Left to itself, the bundler makes a file of each set of modules that some set of
 * commands shares: forty of them, which Node looks for, reads and links one by one.
 * @param {Record<string, readonly string[]>} entries chunk's name: module ids
 * @returns {import('rolldown').CodeSplittingGroup[]}
 */
export function together(entries) {
  /** @type {Map<string, string> | undefined} */
  let chunks;
  return Object.keys(entries).map((chunk, index, { length }) => ({
    debugName: chunk,
    name: (id, context) => {
      chunks ??= assign(entries, context);
      return chunks.get(id) === chunk ? chunk : undefined;
    },
    priority: length - index,
  }));
}

/**
 * @param {Record<string, readonly string[]>} entries
 * @param {import('rolldown').ChunkingContext} context
 * @returns {Map<string, string>} module id: chunk's name
 */
function assign(entries, context) {
  const chunks = new Map();
  for (const [chunk, modules] of Object.entries(entries)) {
    const waiting = [...modules];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      if (chunks.has(id)) continue;
      chunks.set(id, chunk);
      waiting.push(...(context.getModuleInfo(id)?.importedIds ?? []));
    }
  }
  return chunks;
}
