import type { Aggregate, EngineState, McpServer, Operation, StepState } from '../../preload/contract/model.ts';

/*
 * The one mapping from states to shapes, colours and words (look.md). A colour is a token's name: `--ok`, `--busy`, …;
 * a shape is drawn by components/state-shape.tsx. Nothing else in the page decides how a state looks.
 */
export type Shape =
  | 'circle'
  | 'half'
  | 'triangle'
  | 'square'
  | 'ring'
  | 'check'
  | 'question'
  | 'note'
  | 'dash'
  | 'cross';
export type Tone = 'ok' | 'busy' | 'warn' | 'bad' | 'idle';
export interface Look {
  readonly shape: Shape;
  readonly tone: Tone;
  readonly label: string;
}

export const aggregateLook: Readonly<Record<Aggregate, Look>> = {
  healthy: { shape: 'circle', tone: 'ok', label: 'healthy' },
  working: { shape: 'half', tone: 'busy', label: 'working' },
  degraded: { shape: 'triangle', tone: 'warn', label: 'degraded' },
  failed: { shape: 'square', tone: 'bad', label: 'failed' },
  stopped: { shape: 'ring', tone: 'idle', label: 'stopped' },
  completed: { shape: 'check', tone: 'idle', label: 'completed' },
  unknown: { shape: 'question', tone: 'idle', label: 'unknown' },
};

export const engineLook: Readonly<Record<EngineState['kind'], Look>> = {
  connecting: { shape: 'half', tone: 'busy', label: 'connecting' },
  connected: { shape: 'circle', tone: 'ok', label: 'connected' },
  unreachable: { shape: 'square', tone: 'bad', label: 'unreachable' },
};

/** `needs-setup` is a note and no trouble: it has no alarming colour. */
export const mcpLook: Readonly<Record<McpServer['state'], Look>> = {
  ready: { shape: 'circle', tone: 'ok', label: 'ready' },
  starting: { shape: 'half', tone: 'busy', label: 'starting' },
  'needs-setup': { shape: 'note', tone: 'idle', label: 'needs setup' },
  unreachable: { shape: 'triangle', tone: 'warn', label: 'unreachable' },
  failed: { shape: 'square', tone: 'bad', label: 'failed' },
  unknown: { shape: 'question', tone: 'idle', label: 'unknown' },
};

export const stepLook: Readonly<Record<StepState, Look>> = {
  waiting: { shape: 'ring', tone: 'idle', label: 'waiting' },
  running: { shape: 'half', tone: 'busy', label: 'running' },
  done: { shape: 'check', tone: 'ok', label: 'done' },
  failed: { shape: 'square', tone: 'bad', label: 'failed' },
  skipped: { shape: 'dash', tone: 'idle', label: 'skipped' },
  cancelled: { shape: 'cross', tone: 'idle', label: 'cancelled' },
};

export const operationLook: Readonly<Record<Operation['state'], Look>> = {
  running: { shape: 'half', tone: 'busy', label: 'running' },
  cancelling: { shape: 'half', tone: 'warn', label: 'cancelling' },
  done: { shape: 'check', tone: 'ok', label: 'done' },
  failed: { shape: 'square', tone: 'bad', label: 'failed' },
  cancelled: { shape: 'cross', tone: 'idle', label: 'cancelled' },
};
