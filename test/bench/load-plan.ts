import module from 'node:module';
import { join } from 'node:path';
import { cacheFolder } from '../../main/platform/cache-folder.ts';

/*
 * The first plan of a process that has done nothing else. It starts as the command does (main/hosts/cli/index.ts): with
 * V8's cache of code from the runs before, and nothing else that is warm. `node load-plan.mjs FILE`
 */
module.enableCompileCache?.(join(cacheFolder(), 'code'));

await import('./plan-once.ts');
