import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The version in package.json, two folders above `out/cli`, where a clone, an npm package and an AppImage have it. */
export function programVersion(): string {
  const found: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
  if (typeof found === 'object' && found !== null && 'version' in found && typeof found.version === 'string') {
    return found.version;
  }
  throw new Error('package.json beside the program has no version');
}
