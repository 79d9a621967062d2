// Node has its own modules compiled inside it, and V8 refuses that code once flags differ: what every command needs comes first.
import 'node:child_process';
import 'node:crypto';
import 'node:fs/promises';
import 'node:https';
import { join } from 'node:path';
import v8 from 'node:v8';
import { cacheFolder } from './cache-folder.ts';
import { keepCode } from './code-cache.ts';

/**
 * For a program that runs as a command, whose files are in the folder `program`: first thing, before anything else is
 * imported. Files that are loaded after this come from V8's own code of them (code-cache.ts).
 *
 * And V8 optimises a function later than it would (after 10,000 calls instead of 400): it does that on other threads, but
 * in one command the optimised code is hardly run. Load and plan of 200 services take 96 ms of CPU instead of 146; a
 * command that goes on (`web`) gets there all the same. V8 says on standard error that it does not know a flag, so only
 * the V8 of the Node that the project brings is told.
 */
export function startQuickly(program: string): void {
  if (process.versions.node.startsWith('24.')) {
    v8.setFlagsFromString('--invocation-count-for-maglev=10000');
    v8.setFlagsFromString('--invocation-count-for-turbofan=100000');
  }
  keepCode(program, join(cacheFolder(), 'code'));
}
