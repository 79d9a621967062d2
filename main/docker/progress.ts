import type { StepReport } from '../services/ports.ts';

/** Lines that pull and build answer with (engine API, "ImageCreate" and "ImageBuild"). */
export interface ProgressLine {
  readonly stream?: string;
  readonly status?: string;
  readonly id?: string;
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string; readonly code?: number };
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly aux?: { readonly ID?: string };
}

interface Layer {
  readonly status: string;
  readonly current: number;
  readonly total: number;
}

/** How much of a layer's work a status stands for; downloading and unpacking count the same. */
const weight = ({ status, current, total }: Layer): number => {
  const part = total > 0 ? Math.min(current / total, 1) : 0;
  switch (status) {
    case 'Already exists':
    case 'Pull complete':
      return 1;
    case 'Extracting':
      return 0.5 + part / 2;
    case 'Download complete':
    case 'Verifying Checksum':
      return 0.5;
    case 'Downloading':
      return part / 2;
    default:
      return 0;
  }
};

const finished = new Set(['Already exists', 'Pull complete']);

/** Folds a pull's lines into "3 of 7 layers" and a fraction; hand in each line, get a report when something is to be said. */
export function createPullProgress(): (line: ProgressLine) => StepReport | undefined {
  const layers = new Map<string, Layer>();
  return ({ id, status, progressDetail }) => {
    if (status === undefined) return undefined;
    const isLayer = id !== undefined && /^[0-9a-f]{12}$/.test(id);
    if (!isLayer) return { message: id === undefined ? status : `${status} (${id})` };
    layers.set(id, { status, current: progressDetail?.current ?? 0, total: progressDetail?.total ?? 0 });
    const all = [...layers.values()];
    const done = all.filter((layer) => finished.has(layer.status)).length;
    const fraction = all.reduce((sum, layer) => sum + weight(layer), 0) / all.length;
    return { message: `${done} of ${all.length} layers`, fraction: Math.round(fraction * 1000) / 1000 };
  };
}
