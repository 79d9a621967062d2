import type { AppError } from '../../preload/contract/errors.ts';
import { AppFailure } from '../core/app-failure.ts';
import type { StepReport } from '../services/ports.ts';
import { type Dockerfile, findInstruction } from './dockerfile.ts';
import { toEngineError } from './errors.ts';
import { createPullProgress, type ProgressLine } from './progress.ts';

const keptLines = 40;
const lineLimit = 500;

/** Podman (seen: 4.3) shouts, and leaves out a space. */
const stepLine = /^step (\d+)\/(\d+) ?: (.*)$/is;

/** The builder's remarks about its own containers and layers. */
const bookkeeping = /^ ?-{2,3}> |^Removing intermediate container /;

export interface BuildOutputOptions {
  readonly image: string;
  readonly report: (progress: StepReport) => void;
  /** For the place of a failing step; undefined where the engine fetched it. `path`: absent when it is written inline. */
  readonly dockerfile?: { readonly parsed: Dockerfile; readonly path: string | undefined } | undefined;
}

/**
 * Reads what the classic builder says: `Step 3/12 : RUN …` opens a step, everything else is its output, a base image that
 * is pulled looks like any pull, and an `error` line ends it. Throws `image.build-failed` on that.
 */
export function createBuildOutput({ image, report, dockerfile }: BuildOutputOptions): (line: ProgressLine) => void {
  const pull = createPullProgress();
  let step = '';
  let position = '';
  let fraction = 0;
  let partial = '';
  let output: string[] = [];

  const onText = (text: string) => {
    const opened = stepLine.exec(text);
    if (opened) {
      const [, number, total, instruction = ''] = opened;
      step = text.trim();
      position = `Step ${number}/${total}`;
      fraction = (Number(number) - 1) / Number(total);
      output = [];
      report({ message: `${position}: ${instruction.replaceAll(/\s+/g, ' ').trim()}`, fraction });
      return;
    }
    // A carriage return draws over the line: only what stands at the end is worth keeping.
    const line = text
      .split('\r')
      .findLast((part) => part.trim() !== '')
      ?.slice(0, lineLimit);
    if (line === undefined || bookkeeping.test(line)) return;
    output = [...output.slice(1 - keptLines), line];
    report({ message: position === '' ? line : `${position}: ${line.trim()}`, fraction });
  };

  return (line) => {
    if (line.error !== undefined) {
      if (partial !== '') onText(partial);
      const sentence = (line.errorDetail?.message ?? line.error).trim();
      throw buildFailure({ image, sentence, step, output, dockerfile });
    }
    if (line.stream !== undefined) {
      const lines = (partial + line.stream).split('\n');
      partial = lines.pop() ?? '';
      for (const text of lines) onText(text);
    } else if (line.status !== undefined) {
      const said = pull(line);
      if (said?.message) report({ message: position === '' ? said.message : `${position}: ${said.message}`, fraction });
    }
  };
}

interface Failed extends Pick<BuildOutputOptions, 'image' | 'dockerfile'> {
  readonly sentence: string;
  readonly step: string;
  readonly output: readonly string[];
}

function buildFailure({ image, sentence, step, output, dockerfile }: Failed): AppFailure {
  const known = toEngineError('', sentence);
  const at = step === '' ? '' : ` at ${step.replace(/^(Step \d+\/\d+) ?: /i, '$1: ').split('\n')[0]}`;
  const { inline, where } = toPlace(step, dockerfile);
  return new AppFailure({
    code: 'image.build-failed',
    message: `Building ${image} failed${at}${inline}: ${sentence}`,
    ...(known.hint !== undefined && { hint: known.hint }),
    ...where,
    detail: [step, ...output, sentence].filter((line) => line !== '').join('\n'),
  });
}

/** The classic builder counts instructions, so its n-th step is the n-th of the file. */
function toPlace(
  step: string,
  dockerfile: BuildOutputOptions['dockerfile'],
): { readonly inline: string; readonly where?: Pick<AppError, 'where'> } {
  const [, number, , said = ''] = stepLine.exec(step) ?? [];
  if (dockerfile === undefined || number === undefined) return { inline: '' };
  const found = findInstruction(dockerfile.parsed, { said, number: Number(number) });
  if (found === undefined) return { inline: '' };
  return dockerfile.path === undefined
    ? { inline: ` (line ${found.line} of build.dockerfile_inline)` }
    : { inline: '', where: { where: { file: dockerfile.path, line: found.line, column: 1 } } };
}
