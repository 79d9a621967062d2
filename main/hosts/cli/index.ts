import { startQuickly } from '../../platform/quick-start.ts';

startQuickly();

void import('./main.ts');
