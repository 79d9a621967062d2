import type { Aggregate, LiveState, Stack, StackId } from '../../../preload/contract/model.ts';

/** look.md folds the seven states to four for the tray: fine, working, degraded, down; `off` is nothing running, or no engine. */
export type TrayFace = 'fine' | 'working' | 'degraded' | 'down' | 'off';

export interface TrayEntry {
  readonly stack: StackId;
  readonly label: string;
  readonly face: TrayFace;
  readonly canStart: boolean;
  readonly canStop: boolean;
}

export interface TrayModel {
  readonly face: TrayFace;
  /** One line: what is wrong first, otherwise how much is well. */
  readonly tooltip: string;
  readonly entries: readonly TrayEntry[];
}

const faceOf: Readonly<Record<Aggregate, TrayFace>> = {
  healthy: 'fine',
  completed: 'off',
  stopped: 'off',
  working: 'working',
  degraded: 'degraded',
  failed: 'down',
  unknown: 'off',
};
/** The worst face wins. */
const severity: readonly TrayFace[] = ['off', 'fine', 'working', 'degraded', 'down'];
const words: Readonly<Record<TrayFace, string>> = {
  fine: 'healthy',
  working: 'working',
  degraded: 'degraded',
  down: 'failed',
  off: 'not running',
};

const worst = (faces: readonly TrayFace[]): TrayFace =>
  faces.reduce<TrayFace>((a, b) => (severity.indexOf(b) > severity.indexOf(a) ? b : a), 'off');

function toEntry(stack: Stack): TrayEntry {
  const running = stack.aggregate !== 'stopped' && stack.aggregate !== 'completed' && stack.aggregate !== 'unknown';
  return {
    stack: stack.id,
    label: `${stack.title}: ${stack.aggregate}`,
    face: faceOf[stack.aggregate],
    canStart: stack.aggregate === 'stopped' || stack.aggregate === 'completed',
    canStop: running,
  };
}

function toTooltip(face: TrayFace, stacks: readonly Stack[], live: LiveState): string {
  const engines = Object.values(live.engines);
  if (engines.length > 0 && engines.every((engine) => engine.state.kind === 'unreachable')) {
    return 'claude-env: no container engine answers';
  }
  const bad = stacks.find((stack) => faceOf[stack.aggregate] === face);
  if (bad !== undefined && (face === 'down' || face === 'degraded')) {
    return `claude-env: ${bad.title} ${words[face]}${bad.reason === undefined ? '' : `, ${bad.reason}`}`.slice(0, 120);
  }
  if (face === 'off') return 'claude-env: nothing is running';
  const well = stacks.filter((stack) => stack.aggregate === 'healthy').length;
  return `claude-env: ${words[face]}${well > 0 ? `, ${well} of ${stacks.length} stacks healthy` : ''}`;
}

/**
 * What the tray shows, from the live state alone. Stacks of ours come first, the rest by name; the list is cut at twelve,
 * because menus do not scroll well.
 */
export function toTrayModel(live: LiveState): TrayModel {
  const stacks = Object.values(live.stacks).sort(
    (a, b) => Number(b.kind === 'local') - Number(a.kind === 'local') || a.title.localeCompare(b.title),
  );
  const entries = stacks.map(toEntry);
  const face = worst(entries.map((entry) => entry.face));
  return { face, tooltip: toTooltip(face, stacks, live), entries: entries.slice(0, 12) };
}
