import type { Bridge } from '../../preload/contract/wire.ts';

/** What only some hosts can do: native dialogs, a tray. */
export type Capability = Bridge['capabilities'][number];
