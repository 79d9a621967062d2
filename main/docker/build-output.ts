import { AppFailure } from '../core/app-failure.ts';
import type { StepReport } from '../services/ports.ts';
import { toEngineError } from './errors.ts';
import { createPullProgress, type ProgressLine } from './progress.ts';

const keptLines = 40;
const lineLimit = 500;

/** Podman (seen: 4.3) shouts, and leaves out a space. */
const stepLine = /^step (\d+)\/(\d+) ?: (.*)$/is;

/** The builder's remarks about its own containers and layers. */
const bookkeeping = /^ ?-{2,3}> |^Removing intermediate container /;

/**
 * Reads what the classic builder says: `Step 3/12 : RUN …` opens a step, everything else is its output, a base image that
 * is pulled looks like any pull, and an `error` line ends it. Throws `image.build-failed` on that.
 */
export function createBuildOutput(image: string, report: (progress: StepReport) => void): (line: ProgressLine) => void {
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
      throw buildFailure(image, (line.errorDetail?.message ?? line.error).trim(), step, output);
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

function buildFailure(image: string, sentence: string, step: string, output: readonly string[]): AppFailure {
  const known = toEngineError('', sentence);
  const where = step === '' ? '' : ` at ${step.replace(/^(Step \d+\/\d+) ?: /i, '$1: ').split('\n')[0]}`;
  return new AppFailure({
    code: 'image.build-failed',
    message: `Building ${image} failed${where}: ${sentence}`,
    ...(known.hint !== undefined && { hint: known.hint }),
    detail: [step, ...output, sentence].filter((line) => line !== '').join('\n'),
  });
}
