import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import { aliases } from './scripts/build/aliases.mjs';

/**
 * Packages that stay outside the bundles: electron is the host, keytar is native. Everything else is bundled, so that
 * the packaged app carries no node_modules but those. ssh2 and gRPC are left out: see scripts/build/aliases.mjs.
 */
const external = ['electron', 'electron/main', 'electron/renderer', 'keytar', 'bufferutil', 'utf-8-validate'];

/** `npm run dev` only: hot reload is an inline script, injected styles and a WebSocket, which the page's policy forbids. */
const developmentPolicy = {
  name: 'development-policy',
  apply: 'serve' as const,
  transformIndexHtml: (html: string) =>
    html
      .replace("script-src 'self'", "script-src 'self' 'unsafe-inline'")
      .replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
      .replace("connect-src 'self'", "connect-src 'self' ws:"),
};

export default defineConfig({
  main: {
    resolve: { alias: aliases },
    build: {
      outDir: 'out/main',
      externalizeDeps: false,
      lib: { entry: resolve('main/hosts/electron/index.ts'), formats: ['cjs'] },
      rolldownOptions: { external, output: { entryFileNames: 'index.cjs', codeSplitting: false } },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      externalizeDeps: false,
      lib: { entry: resolve('preload/index.ts'), formats: ['cjs'] },
      rolldownOptions: { external, output: { entryFileNames: 'index.cjs' } },
    },
  },
  renderer: {
    root: 'renderer',
    plugins: [react(), developmentPolicy],
    build: {
      outDir: resolve('out/renderer'),
      minify: true,
      emptyOutDir: true,
      rolldownOptions: { input: resolve('renderer/index.html') },
    },
  },
});
