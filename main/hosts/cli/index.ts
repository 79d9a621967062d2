import { startQuickly } from '../../platform/quick-start.ts';

startQuickly(import.meta.dirname);

void import('./main.ts');
