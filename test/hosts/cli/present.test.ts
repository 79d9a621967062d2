import { describe, expect, it } from 'vitest';
import { toExitCode } from '../../../main/hosts/cli/exit-codes.ts';
import { commandPrefix, type Globals, meansLocal, toTarget } from '../../../main/hosts/cli/globals.ts';
import { type Io, keepColours, oneLine, type Paint } from '../../../main/hosts/cli/io.ts';
import { errorText } from '../../../main/hosts/cli/present/errors.ts';
import {
  endLine,
  liveProgress,
  plainProgress,
  reduceOperation,
  runningLine,
} from '../../../main/hosts/cli/present/progress.ts';
import { portText } from '../../../main/hosts/cli/present/services.ts';
import { stateSentence } from '../../../main/hosts/cli/present/summary.ts';
import { columns, duration, roughly } from '../../../main/hosts/cli/present/table.ts';
import { programName } from '../../../main/hosts/shared/program-name.ts';
import type { Operation, PlanStep, Service, StepProgress } from '../../../preload/contract/model.ts';

const plain: Paint = (_style, text) => text;
const esc = '\u001b';

describe('what other programs wrote', () => {
  it('cannot move the cursor, ring or set titles', () => {
    const nasty = `a${esc}[2J${esc}]0;title\u0007b\rc\td\u009b1mé`;
    const codes = [...oneLine(nasty)].map((letter) => letter.charCodeAt(0));
    expect(codes.filter((code) => code < 32 || (code > 126 && code < 160))).toEqual([]);
    expect(keepColours(`${esc}[31mred${esc}[0m${esc}[2J${esc}[1Aup\u0007`)).toBe(`${esc}[31mred${esc}[0mup`);
  });

  it('cannot turn the direction of what stands behind it', () => {
    expect(oneLine('Bo\u202e, guest\u2066\u2028!')).toBe('Bo , guest !');
  });

  it('is cut to the room there is', () => {
    expect(oneLine('abcdef', 4)).toBe('abc…');
    expect(oneLine('abcd', 4)).toBe('abcd');
  });
});

describe('ports', () => {
  const port = (container: number, host?: number, protocol: 'tcp' | 'udp' = 'tcp') => ({
    container,
    protocol,
    ...(host === undefined ? {} : { host }),
  });

  it('are joined to ranges, once for IPv4 and IPv6, published ones only', () => {
    expect(portText([port(3006, 3006), port(3005, 3005), port(3005, 3005), port(3000, 3000), port(9)])).toBe(
      '3000 3005-3006',
    );
    expect(portText([port(80, 8080), port(81, 8081), port(53, 5353, 'udp')])).toBe('5353→53/udp 8080-8081→80-81');
    expect(portText([])).toBe('');
  });
});

describe('numbers and tables', () => {
  it('say how long in the unit that matters', () => {
    expect([duration(40), duration(59_940), duration(125_000)]).toEqual(['0.0 s', '59.9 s', '2 min 5 s']);
    expect([roughly(-5), roughly(59_000), roughly(3_500_000), roughly(90_000_000)]).toEqual([
      '0 s',
      '59 s',
      '58 min',
      '1 d',
    ]);
  });

  it('align columns by what is seen, not by what is written', () => {
    expect(
      columns(
        [
          ['a', `${esc}[1mbb${esc}[0m`, 'c'],
          ['aaa', 'b', 'c'],
        ],
        '',
      ),
    ).toEqual([`a    ${esc}[1mbb${esc}[0m  c`, 'aaa  b   c']);
  });
});

describe('failures', () => {
  it('put every mistake on a line that editors understand, with its hint below', () => {
    const text = errorText(
      {
        code: 'file.invalid',
        message: 'c.yaml has 2 mistakes; nothing was done.',
        hint: 'did you mean `image`?',
        diagnostics: [
          {
            severity: 'error',
            rule: 'a',
            message: 'unknown key',
            hint: 'did you mean `image`?',
            where: { file: '/c.yaml', line: 3, column: 5 },
          },
          { severity: 'warning', rule: 'b', message: 'no effect' },
        ],
      },
      plain,
    );
    expect(text.split('\n')).toEqual([
      'error: c.yaml has 2 mistakes; nothing was done.',
      '/c.yaml:3:5: unknown key',
      '  did you mean `image`?',
      'warning: no effect',
    ]);
  });

  it('show the last output of what failed, then what to do', () => {
    const error = { code: 'image.build-failed' as const, message: 'it failed', detail: 'one\ntwo\n', hint: 'mend it' };
    expect(errorText(error, plain).split('\n')).toEqual(['error: it failed', '  | one', '  | two', 'hint: mend it']);
  });

  it.each([
    ['usage', 2],
    ['input.invalid', 2],
    ['engine.unreachable', 3],
    ['file.invalid', 4],
    ['file.not-found', 4],
    ['cancelled', 5],
    ['port.taken', 1],
    ['internal', 1],
  ] as const)('%s ends with %d', (code, exit) => {
    expect(toExitCode(code)).toBe(exit);
  });
});

describe('which stack is meant', () => {
  const none: Globals = {
    files: [],
    project: undefined,
    projectDirectory: undefined,
    profiles: [],
    envFiles: [],
    engine: undefined,
    environment: undefined,
    json: false,
    yes: false,
  };

  it('is the local one when nothing is said', () => {
    expect(meansLocal(none)).toBe(true);
    expect(toTarget(none, '/work')).toEqual({});
    expect(commandPrefix(none)).toBe(programName());
  });

  it('is that of the files, from where the command was given', () => {
    const globals = { ...none, files: ['a.yaml', '/b.yaml'], envFiles: ['x.env'], profiles: ['one,two', 'three'] };
    expect(meansLocal(globals)).toBe(false);
    expect(toTarget(globals, '/work')).toEqual({
      files: ['/work/a.yaml', '/b.yaml'],
      envFiles: ['/work/x.env'],
      profiles: ['one', 'two', 'three'],
    });
  });

  it('is named so that a shell understands it', () => {
    expect(commandPrefix({ ...none, files: ["it's mine.yaml"] })).toBe(`${programName()} -f 'it'\\''s mine.yaml'`);
  });
});

const step: PlanStep = {
  id: 'build-image web',
  kind: 'build-image',
  target: 'web',
  cause: 'not there yet',
  destructive: false,
  after: [],
};
const operation = (progress: StepProgress): Operation => ({
  id: 'one',
  stack: 'env/shop',
  action: 'up',
  state: 'running',
  startedAt: '2026-01-01T00:00:00.000Z',
  steps: [step],
  progress: { [step.id]: progress },
});
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const running = (message?: string): StepProgress => ({
  step: step.id,
  state: 'running',
  startedAt: at(0),
  ...(message === undefined ? {} : { message }),
});
const done: StepProgress = { step: step.id, state: 'done', startedAt: at(0), endedAt: at(12) };

function fakeIo(): Io & { readonly said: string[] } {
  const said: string[] = [];
  return {
    said,
    json: false,
    live: false,
    canAsk: false,
    columns: () => 60,
    rows: () => 24,
    paint: plain,
    say: (text) => said.push(text),
    data: () => undefined,
    raw: () => undefined,
    warn: () => undefined,
    flushed: () => Promise.resolve(),
  };
}

describe('progress', () => {
  it('takes its own operation from the stream and leaves the others', () => {
    expect(reduceOperation(undefined, 'two', { kind: 'operation', operation: operation(done) })).toBeUndefined();
    const first = reduceOperation(undefined, 'one', {
      kind: 'operation',
      operation: operation({ step: step.id, state: 'waiting' }),
    });
    expect(first?.changes).toEqual([]);
    const next = reduceOperation(first?.operation, 'one', { kind: 'progress', operation: 'one', progress: running() });
    expect(next?.changes).toEqual([running()]);
    expect(next?.operation.progress).toEqual({ [step.id]: running() });
    expect(reduceOperation(undefined, 'one', { kind: 'progress', operation: 'one', progress: done })).toBeUndefined();
  });

  it('says in a file when a slow step begins and ends, and now and then what it does', () => {
    let now = 0;
    const io = fakeIo();
    const view = plainProgress(io, () => now);
    view.update(operation(running()), running());
    for (let second = 1; second <= 11; second += 1) {
      now = second * 1000;
      view.update(operation(running()), running(`line ${second}`));
    }
    view.update(operation(done), done);
    expect(io.said).toEqual([
      '◐ building web  not there yet',
      '  web: line 5',
      '  web: line 10',
      '✓ built web  12.0 s',
    ]);
  });

  it('never draws a line wider than the terminal', () => {
    for (const width of [20, 40, 80]) {
      const line = runningLine(
        { ...step, target: 'a-rather-long-name-of-an-image' },
        running('x'.repeat(200)),
        Date.parse(at(125)),
        plain,
        width,
      );
      expect(line.length).toBeLessThanOrEqual(width);
    }
  });

  it('takes the moving lines back and keeps what has ended', async () => {
    let text = '';
    const view = liveProgress(fakeIo(), (more) => {
      text += more;
    });
    view.update(operation(running('doing it')), running('doing it'));
    await expect.poll(() => text).toContain('doing it');
    view.update(operation(done), done);
    view.end();
    expect(text.endsWith(`${esc}[1A${esc}[0J✓ built web  12.0 s\n`)).toBe(true);
  });

  it('has no line for what was never begun', () => {
    expect(endLine(step, { step: step.id, state: 'skipped' }, plain)).toBeUndefined();
    expect(endLine(step, { step: step.id, state: 'cancelled' }, plain)).toBeUndefined();
    expect(endLine(step, { ...done, state: 'failed' }, plain)).toBe('■ building web failed  12.0 s');
  });
});

describe('the sentence about services', () => {
  const service = (name: string, more: Partial<Service>): Service => ({
    id: `env/shop/${name}`,
    stack: 'env/shop',
    name,
    aggregate: 'healthy',
    state: 'running',
    health: 'healthy',
    image: 'x',
    restarts: 0,
    ports: [],
    containers: [],
    ...more,
  });

  it('says healthy only when all are', () => {
    const web = service('web', {});
    expect(stateSentence([web, service('db', {})])).toBe('2 services are running and healthy');
    expect(stateSentence([web, service('db', { health: 'none' })])).toBe('2 services are running');
    expect(stateSentence([web, service('db', { health: 'unhealthy', aggregate: 'degraded' })])).toBe(
      '2 services are running; db is degraded',
    );
    expect(stateSentence([service('job', { state: 'exited', aggregate: 'completed', health: 'none' })])).toBe(
      'no service is running',
    );
    expect(stateSentence([])).toBe('there are no containers');
  });
});
