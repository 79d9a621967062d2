/**
 * `node --import test/electron-host/register.ts out/main/index.cjs`: runs the built main, unmodified, with `electron`
 * resolved to the stand-in. Electron's binary cannot be had on every machine; a real Chromium stands behind the window.
 */
import { registerHooks } from 'node:module';

const standIn = new URL('./electron.ts', import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'electron' || specifier === 'electron/main') return { url: standIn, shortCircuit: true };
    return next(specifier, context);
  },
});
