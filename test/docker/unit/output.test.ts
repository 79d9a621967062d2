import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createBuildOutput } from '../../../main/docker/build-output.ts';
import { createDemux } from '../../../main/docker/demux.ts';
import { readJsonLines } from '../../../main/docker/json-lines.ts';
import { createLineSplitter, lineLimit } from '../../../main/docker/log-lines.ts';
import { toEngineTime } from '../../../main/docker/logs.ts';
import { createPullProgress } from '../../../main/docker/progress.ts';
import type { LogChunk, StepReport } from '../../../main/services/ports.ts';

const frame = (stream: 1 | 2, data: Buffer): Buffer => {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(data.length, 4);
  return Buffer.concat([header, data]);
};

/** Everything that comes in, cut into pieces of this size. */
function lines(bytes: Buffer, size: number, tty = false, timestamps = false): readonly LogChunk[] {
  const chunks: LogChunk[] = [];
  const splitter = createLineSplitter(timestamps, (chunk) => chunks.push(chunk));
  const demux = createDemux(tty, splitter.write);
  for (let at = 0; at < bytes.length; at += size) demux(bytes.subarray(at, at + size));
  splitter.end();
  return chunks;
}

describe('log lines', () => {
  const bytes = Buffer.concat([
    frame(1, Buffer.from('grüß ')),
    frame(2, Buffer.from('err\n')),
    frame(1, Buffer.from('dich €\nlast')),
    frame(1, Buffer.alloc(0)),
  ]);
  test.each([1, 2, 3, 7, 8, 9, 1000])('cut into pieces of %i bytes', (size) => {
    expect(lines(bytes, size)).toEqual([
      { stream: 'stderr', text: 'err' },
      { stream: 'stdout', text: 'grüß dich €' },
      { stream: 'stdout', text: 'last' },
    ]);
  });

  test('bytes that are no UTF-8 do not disturb what follows', () => {
    const odd = Buffer.concat([Buffer.from([0x61, 0xff, 0xfe, 0x0a]), Buffer.from('fine\n')]);
    expect(lines(odd, 1, true).map(({ text }) => text)).toEqual(['a\ufffd\ufffd', 'fine']);
  });

  test('times are taken off once a line, also of a line in pieces', () => {
    const long = 'x'.repeat(lineLimit + 10);
    const text = `2026-01-01T00:00:00.123456789Z one\n2026-01-01T00:00:01Z ${long}\nno time\n`;
    const seen = lines(Buffer.from(text), 5000, true, true);
    expect(seen.map(({ at, text: line }) => [at, line.length])).toEqual([
      ['2026-01-01T00:00:00.123456789Z', 3],
      // The first piece holds the time as well until it is taken off.
      ['2026-01-01T00:00:01Z', lineLimit - '2026-01-01T00:00:01Z '.length],
      ['2026-01-01T00:00:01Z', 10 + '2026-01-01T00:00:01Z '.length],
      [undefined, 7],
    ]);
  });

  test('an endless line is handed on while it grows', () => {
    const chunks: LogChunk[] = [];
    const { write } = createLineSplitter(false, (chunk) => chunks.push(chunk));
    for (let i = 0; i < 100; i += 1) write('stdout', Buffer.alloc(1024, 'x'));
    expect(chunks).toHaveLength(6);
  });

  test('since: seconds with nanoseconds', () => {
    expect(toEngineTime('2026-01-01T00:00:00.5Z')).toBe('1767225600.500000000');
    expect(toEngineTime('2026-01-01T01:00:00.123456789+01:00')).toBe('1767225600.123456789');
    expect(toEngineTime('1700000000')).toBe('1700000000');
  });
});

test('JSON lines, however they are cut', async () => {
  const bytes = Buffer.from('{"a":"ü"}\r\n\n{"b":2}');
  const pieces = [...bytes].map((byte) => Buffer.from([byte]));
  const seen: unknown[] = [];
  for await (const line of readJsonLines(Readable.from(pieces))) seen.push(line);
  expect(seen).toEqual([{ a: 'ü' }, { b: 2 }]);
});

test('a pull’s layers become one fraction that does not go back', () => {
  const progress = createPullProgress();
  const id = (n: number) => `${n}`.repeat(12);
  const said = [
    { status: 'Pulling from library/redis', id: '7' },
    { status: 'Pulling fs layer', id: id(1) },
    { status: 'Already exists', id: id(2) },
    { status: 'Downloading', id: id(1), progressDetail: { current: 50, total: 100 } },
    { status: 'Download complete', id: id(1) },
    { status: 'Extracting', id: id(1), progressDetail: { current: 50, total: 100 } },
    { status: 'Pull complete', id: id(1) },
    { status: 'Digest: sha256:x' },
  ].map(progress);
  expect(said).toEqual([
    { message: 'Pulling from library/redis (7)' },
    { message: '0 of 1 layers', fraction: 0 },
    { message: '1 of 2 layers', fraction: 0.5 },
    { message: '1 of 2 layers', fraction: 0.625 },
    { message: '1 of 2 layers', fraction: 0.75 },
    { message: '1 of 2 layers', fraction: 0.875 },
    { message: '2 of 2 layers', fraction: 1 },
    { message: 'Digest: sha256:x' },
  ]);
});

describe('a build’s output', () => {
  test('steps with their last words; carriage returns and the builder’s own remarks are left out', () => {
    const reports: StepReport[] = [];
    const output = createBuildOutput({ image: 'x', report: (report) => reports.push(report) });
    output({ stream: 'Step 1/2 : FROM a\n' });
    output({ stream: ' ---> 0123\n' });
    output({ stream: 'Step 2/2 : RUN b \t c' });
    output({ stream: '\n10%\r50%\r100%\r\npar' });
    output({ stream: 'tial\n' });
    expect(reports).toEqual([
      { message: 'Step 1/2: FROM a', fraction: 0 },
      { message: 'Step 2/2: RUN b c', fraction: 0.5 },
      { message: 'Step 2/2: 100%', fraction: 0.5 },
      { message: 'Step 2/2: partial', fraction: 0.5 },
    ]);
  });

  test('Podman’s way of writing', () => {
    const reports: StepReport[] = [];
    const output = createBuildOutput({ image: 'x', report: (report) => reports.push(report) });
    output({ stream: 'STEP 3/4: RUN a\n' });
    output({ stream: '--> 63047b80ed4\n' });
    expect(reports).toEqual([{ message: 'Step 3/4: RUN a', fraction: 0.5 }]);
  });

  test('a failure keeps the last 40 lines of its step and nothing of the step before', () => {
    const output = createBuildOutput({ image: 'x', report: () => {} });
    output({ stream: 'Step 1/2 : RUN first\nfrom before\nStep 2/2 : RUN second\n' });
    for (let i = 1; i <= 100; i += 1) output({ stream: `line ${i}\n` });
    output({ stream: 'without an end' });
    let thrown: unknown;
    try {
      output({ error: 'exit 1', errorDetail: { message: 'The command returned a non-zero code: 1' } });
    } catch (error) {
      thrown = error;
    }
    const detail = (thrown as { error: { detail: string } }).error.detail.split('\n');
    expect(detail[0]).toBe('Step 2/2 : RUN second');
    expect(detail[1]).toBe('line 62');
    expect(detail.slice(-2)).toEqual(['without an end', 'The command returned a non-zero code: 1']);
    expect(detail).toHaveLength(42);
  });
});
