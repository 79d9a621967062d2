import { expect, test } from 'vitest';
import {
  baseImages,
  declaredArgs,
  findBuildKitOnly,
  findInstruction,
  parseDockerfile,
} from '../../../main/docker/dockerfile.ts';

const text = [
  '# syntax=docker/dockerfile:1',
  'ARG VERSION=1',
  '',
  'FROM --platform=$BUILDPLATFORM base:$VERSION AS build',
  'ARG TARGETARCH OTHER=x',
  'RUN one \\',
  '  # in between',
  '',
  '  && two',
  'run three',
].join('\r\n');

test('instructions have the line they begin at, whatever stands between their lines', () => {
  const { instructions } = parseDockerfile(text);
  expect(instructions.map(({ line, keyword }) => `${line} ${keyword}`)).toEqual([
    '2 ARG',
    '4 FROM',
    '5 ARG',
    '6 RUN',
    '10 RUN',
  ]);
  expect(instructions[3]?.text).toBe('one && two');
});

test('here-documents are no instructions, and several may follow one line', () => {
  const parsed = parseDockerfile(
    'FROM x\nRUN <<A cat <<-"B"\nRUN no\nA\n\tFROM no\n\tB\nCOPY <<C /c\nRUN --mount=x\nC\nUSER y\n',
  );
  expect(parsed.instructions.map(({ line, keyword }) => `${line} ${keyword}`)).toEqual([
    '1 FROM',
    '2 RUN',
    '7 COPY',
    '10 USER',
  ]);
  expect(findBuildKitOnly(parsed)).toEqual(['a here-document (line 2)']);
});

test('an unfinished file ends, and an escape of Windows counts', () => {
  expect(parseDockerfile('RUN a \\').instructions).toHaveLength(1);
  expect(parseDockerfile('RUN <<E\nno end').instructions).toHaveLength(1);
  const windows = parseDockerfile('# escape=`\nFROM x\nRUN dir c:\\ `\n  && y\nUSER z');
  expect(windows.instructions.map(({ line }) => line)).toEqual([2, 3, 5]);
});

test.each([
  ['RUN --mount=type=cache,target=/x make', ['RUN --mount (line 1)']],
  ['RUN make --mount=x', []],
  ['RUN --network=none --security=insecure x', ['RUN --network (line 1)', 'RUN --security (line 1)']],
  ['COPY --chown=1:1 a b', []],
  ['COPY --chown=1 --chmod=755 a b', ['COPY --chmod (line 1)']],
  ['ADD https://example.org/x.git#v1 /x', ['ADD of a git repository (line 1)']],
  ['ADD https://example.org/x.tar /x', []],
  ['# syntax=docker/dockerfile:1\nFROM x', []],
  ['# syntax=example.org/mine:1\nFROM x', ['# syntax=example.org/mine:1 (line 1)']],
])('%s: %s', (line, needs) => {
  expect(findBuildKitOnly(parseDockerfile(line))).toEqual(needs);
});

test('base images with their arguments, and the names of arguments', () => {
  const parsed = parseDockerfile(text);
  expect(baseImages(parsed, {})).toEqual(['base:1']);
  expect(baseImages(parsed, { VERSION: '2' })).toEqual(['base:2']);
  expect([...declaredArgs(parsed)]).toEqual(['VERSION', 'TARGETARCH', 'OTHER']);
});

test('a step is found by its number, by its words, or as the only one of its kind', () => {
  const parsed = parseDockerfile(text);
  expect(findInstruction(parsed, { said: 'run three', number: 5 })?.line).toBe(10);
  expect(findInstruction(parsed, { said: 'LABEL added', number: 5 })).toBeUndefined();
  expect(findInstruction(parsed, { said: 'RUN one   && two' })?.line).toBe(6);
  expect(findInstruction(parsed, { said: 'FROM base:1' })?.line).toBe(4);
  expect(findInstruction(parsed, { said: 'RUN something else' })).toBeUndefined();
});
