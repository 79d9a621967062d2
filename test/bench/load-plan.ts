import { startQuickly } from '../../main/platform/quick-start.ts';

/*
 * The first plan of a process that has done nothing else, started as the command is (main/hosts/cli/index.ts): with V8's
 * cache of code from the runs before, and nothing else that is warm. `node load-plan.cjs FILE`
 */
startQuickly(import.meta.dirname);

void import('./plan-once.ts');
