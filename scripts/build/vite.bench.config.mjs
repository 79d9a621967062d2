import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { commandOutput } from './command-output.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The bench's load-plan.ts, bundled as the program is: what reads TypeScript shall not count. */
export default defineConfig({
  root,
  publicDir: false,
  logLevel: 'warn',
  ssr: { noExternal: true },
  build: {
    ssr: 'test/bench/load-plan.ts',
    target: 'node24',
    outDir: 'node_modules/.cache/bench',
    emptyOutDir: true,
    minify: false,
    rolldownOptions: { output: commandOutput },
  },
});
