import { expect, it } from 'vitest';
import { AppFailure } from '../../main/core/app-failure.ts';
import type { Step } from '../../main/core/plan/plan.ts';
import { createRedactor } from '../../main/core/redact.ts';
import { encodeFailure } from '../../main/services/encode-failure.ts';
import { withRedactor } from '../../main/services/knowing-keychain.ts';
import { createOperations } from '../../main/services/operations.ts';
import type { Log } from '../../main/services/ports.ts';
import { createFakeClock, createFakeIds } from '../support/fake-engine-world.ts';

const value = 'shop-web-1-hunter2';

function setUp() {
  const redactor = createRedactor();
  const lines: unknown[] = [];
  const log: Log = Object.assign((...line: unknown[]) => void lines.push(redactor.redactWithin(line)), { redactor });
  return { redactor, log, lines };
}

it('what a step prints and what it fails with is told without values; ids and codes stay', async () => {
  const { redactor, log } = setUp();
  redactor.know(value);
  // The step is called as the value is, so that nothing but texts may be changed.
  const step: Step = {
    id: value,
    kind: 'start-container',
    container: 'a',
    target: 'a',
    cause: 'test',
    destructive: false,
    after: [],
  };
  const operations = createOperations({ clock: createFakeClock(), ids: createFakeIds(), log });
  const said: string[] = [];
  operations.subscribe((frame) => said.push(frame.kind === 'progress' ? (frame.progress.message ?? '') : ''));
  const id = operations.start({
    stack: 'fake/shop',
    action: 'up',
    steps: [step],
    execute: async (_step, { report }) => {
      report({ message: `printed ${value}` });
      throw new AppFailure({
        code: 'exec.failed',
        message: `failed: ${value}`,
        detail: Buffer.from(value).toString('base64'),
      });
    },
    release: async () => undefined,
  });
  const { error, progress } = await operations.finished(id);
  expect(said).toContain('printed ••••••');
  expect(error).toMatchObject({
    code: 'exec.failed',
    message: 'failed: ••••••',
    detail: expect.stringMatching(/^••••••.{0,3}$/),
  });
  expect(progress[value]).toMatchObject({ step: value, state: 'failed', error });
});

it('a defect is neither told nor logged with values', () => {
  const { redactor, log, lines } = setUp();
  redactor.know(value);
  const found = encodeFailure(new Error(`oops ${value}`), { what: 'test', log, newId: () => 'abcdefgh' });
  expect(JSON.stringify([found, lines])).not.toContain(value);
  expect(JSON.stringify(lines)).toContain('oops ••••••');
});

it('what is read from the keychain or kept in it is known from then on', async () => {
  const { redactor } = setUp();
  const kept = new Map<string, string>([['a', value]]);
  const keychain = withRedactor(
    {
      get: async (account) => kept.get(account),
      set: async (account, text) => void kept.set(account, text),
      delete: async (account) => kept.delete(account),
      close: () => undefined,
    },
    redactor,
  );
  expect(redactor.redact(value)).toBe(value);
  await keychain.get('a');
  await keychain.set('b', 'another value');
  expect(redactor.redact(`${value}, another value`)).toBe('••••••, ••••••');
});
