import { AppFailure } from '../core/app-failure.ts';
import type { StepReport } from '../services/ports.ts';
import { type Dockerfile, findInstruction } from './dockerfile.ts';
import { toEngineError } from './errors.ts';

/*
 * buildx' `--progress=rawjson`: a line of JSON for every change, as BuildKit's SolveStatus has it (moby/buildkit
 * client/graph.go), then, after a failure, words for people. Seen with buildx 0.29.1.
 */

interface Vertex {
  readonly digest: string;
  readonly name?: string;
  readonly started?: string;
  readonly completed?: string;
  readonly error?: string;
}
interface Status {
  readonly vertexes?: readonly Vertex[];
  readonly logs?: readonly { readonly vertex: string; readonly data?: string }[];
}

const keptLines = 40;
const lineLimit = 500;

/** `[2/3] RUN make`, `[build 2/3] RUN make`, `[linux/amd64 build 2/3] RUN make` */
const stepName = /^\[(?:(.*) )?(\d+)\/(\d+)\] (.*)$/s;

export interface BuildxOutput {
  readonly line: (text: string) => void;
  /** What the end of a failed build means. */
  readonly failure: (code: number | null) => AppFailure;
}

export interface BuildxOutputOptions {
  readonly image: string;
  readonly report: (progress: StepReport) => void;
  /** Where the Dockerfile is, for the place of a failing step; undefined: nobody here knows it. */
  readonly dockerfile?: { readonly parsed: Dockerfile; readonly path: string | undefined } | undefined;
}

/** Reads what a build says. */
export function createBuildxOutput({ image, report, dockerfile }: BuildxOutputOptions): BuildxOutput {
  const vertices = new Map<string, Vertex>();
  const outputs = new Map<string, string[]>();
  const words: string[] = [];
  let failed: Vertex | undefined;
  let fraction = 0;

  const progress = (): number => {
    const steps = [...vertices.values()].filter(({ name }) => name !== undefined && stepName.test(name));
    const done = steps.filter(({ completed }) => completed !== undefined).length;
    fraction = Math.max(fraction, steps.length === 0 ? 0 : done / steps.length);
    return fraction;
  };
  const onVertex = (next: Vertex) => {
    const before = vertices.get(next.digest);
    vertices.set(next.digest, { ...before, ...next });
    const cancelled = next.error !== undefined && /context canceled/.test(next.error);
    if (next.error !== undefined && next.error !== '' && !cancelled) failed ??= { ...before, ...next };
    if (next.started !== undefined && before?.started === undefined)
      report({ message: say(next), fraction: progress() });
  };
  const onLog = (digest: string, text: string) => {
    const kept = outputs.get(digest) ?? [];
    for (const line of text.split('\n')) {
      // A carriage return draws over the line: only what stands at the end is worth keeping.
      const last = line.split('\r').findLast((part) => part.trim() !== '');
      if (last === undefined) continue;
      kept.push(last.slice(0, lineLimit));
      report({ message: `${position(vertices.get(digest))}${last.trim()}`, fraction: progress() });
    }
    outputs.set(digest, kept.slice(-keptLines));
  };

  return {
    line: (text) => {
      const status = toStatus(text);
      if (status === undefined) {
        if (text.trim() !== '') words.push(text.slice(0, lineLimit));
        if (words.length > keptLines) words.shift();
        return;
      }
      for (const vertex of status.vertexes ?? []) onVertex(vertex);
      for (const { vertex, data = '' } of status.logs ?? [])
        onLog(vertex, Buffer.from(data, 'base64').toString('utf8'));
    },
    failure: (code) => {
      const said = words.findLast((line) => line.startsWith('ERROR: '))?.slice('ERROR: '.length);
      const sentence = (said ?? failed?.error ?? words.at(-1) ?? `buildx ended with exit code ${code}`)
        .replace(/^failed to build: /, '')
        .replace(/^failed to solve: /, '');
      const name = failed?.name ?? '';
      const place = dockerfile && findPlace(dockerfile.parsed, name);
      const output = failed === undefined ? [] : (outputs.get(failed.digest) ?? []);
      return new AppFailure({
        code: 'image.build-failed',
        message: `Building ${image} failed${name === '' ? '' : ` at ${say(failed)}`}${place === undefined || dockerfile?.path !== undefined ? '' : ` (line ${place} of build.dockerfile_inline)`}: ${sentence}`,
        ...toHint(sentence),
        ...(place !== undefined &&
          dockerfile?.path !== undefined && { where: { file: dockerfile.path, line: place, column: 1 } }),
        detail: [name, ...output, ...words].filter((line) => line !== '').join('\n'),
      });
    },
  };
}

function toStatus(text: string): Status | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function position(vertex: Vertex | undefined): string {
  const [, stage, number, total] = stepName.exec(vertex?.name ?? '') ?? [];
  // BuildKit counts unnamed stages where there are several: no name that anybody wrote.
  const name = stage === undefined || /^stage-\d+$/.test(stage) ? 'Step' : stage;
  return number === undefined ? '' : `${name} ${number}/${total}: `;
}

function say(vertex: Vertex | undefined): string {
  const name = vertex?.name ?? '';
  const text = stepName.exec(name)?.[4] ?? name.replace(/^\[internal\] /, '');
  return `${position(vertex)}${text.replaceAll(/\s+/g, ' ').trim()}`;
}

function findPlace(dockerfile: Dockerfile, name: string): number | undefined {
  const said = stepName.exec(name)?.[4];
  return said === undefined ? undefined : findInstruction(dockerfile, { said })?.line;
}

/** Sentences of BuildKit and its drivers that need a word more. */
function toHint(sentence: string): { hint?: string } {
  if (/unsupported frontend capability moby\.buildkit\.frontend\.contexts/.test(sentence)) {
    return {
      hint: 'This engine’s BuildKit is too old for build.additional_contexts: Docker Engine 23 or newer has it, or begin the Dockerfile with `# syntax=docker/dockerfile:1`.',
    };
  }
  if (
    /not supported for the docker driver|docker exporter does not currently support exporting manifest lists/i.test(
      sentence,
    )
  ) {
    return {
      hint: 'The engine’s own builder cannot do this: make another (`docker buildx create --name other`) and build with `--builder other`.',
    };
  }
  const { hint } = toEngineError('', sentence);
  return hint === undefined ? {} : { hint };
}
