import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { aliases } from './aliases.mjs';
import { commandOutput } from './command-output.mjs';
import { together } from './together.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** @param {string} name */
const module = (name) => join(root, 'main/hosts', `${name}.ts`);

/**
 * The terminal program as CommonJS for Node 20: everything bundled but the native keytar, so that it starts fast and
 * runs from a packaged app; beside it the keychain's own process, which Electron's main starts as well. What is imported with `import()` (the web host) becomes a file beside it, loaded when needed.
 */
export default defineConfig({
  root,
  publicDir: false,
  logLevel: 'warn',
  resolve: { alias: aliases },
  ssr: { noExternal: true, external: ['keytar'] },
  build: {
    ssr: true,
    target: 'node20',
    outDir: 'out/cli',
    emptyOutDir: true,
    minify: false,
    rolldownOptions: {
      input: { index: 'main/hosts/cli/index.ts', 'keychain-worker': 'main/platform/keychain/worker.ts' },
      // Native speed-ups of ws, which does without.
      external: ['keytar', 'bufferutil', 'utf-8-validate'],
      output: {
        ...commandOutput,
        codeSplitting: {
          groups: together({
            index: [module('cli/index')],
            main: [module('cli/main')],
            app: ['cli/run', 'shared/create-app', 'shared/crash'].map(module),
            change: [module('cli/commands/change')],
          }),
        },
        banner: (chunk) => (chunk.name === 'index' && chunk.isEntry ? '#!/usr/bin/env node' : ''),
      },
    },
  },
});
