/** The room's door: everything else in here is its own business. */
export { createEngines, type EnginesOptions } from './engines.ts';
export { type Host, nodeHost } from './host.ts';
