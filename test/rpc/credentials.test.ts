import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../main/core/app-failure.ts';
import type { Frame } from '../../preload/contract/api.ts';
import { connect } from './support.ts';

const canary = 'c4nary-~Ü"0451';
const key = { scope: 'user', name: 'TOKEN' };
const input = { key, value: canary, keep: 'keychain' };

describe('a value that is set', () => {
  it('reaches the services, and neither an answer nor the log', async () => {
    const values: string[] = [];
    const page = connect({}, { setValue: (value) => values.push(value) });
    expect(await page.ask('credentials.set', input)).toEqual({ t: 'result', id: 1, output: {} });
    expect(values).toEqual([canary]);
    expect(JSON.stringify([page.sent, page.lines])).not.toContain('c4nary');
  });

  it.each([
    ['is too long', { ...input, value: canary.repeat(40_000) }],
    ['is no text', { ...input, value: [canary] }],
    ['stands in another place', { key: { scope: canary, name: canary }, value: 'v', keep: canary }],
    ['comes with more than was asked for', { ...input, [canary]: canary, keep: undefined }],
    ['is all there is', canary],
  ])('stays out of the answer and the log when it %s', async (_what, bad) => {
    const page = connect();
    expect(await page.ask('credentials.set', bad)).toMatchObject({ t: 'error', error: { code: 'input.invalid' } });
    expect(JSON.stringify([page.sent, page.lines])).not.toContain('c4nary');
  });

  it('stays out of the answer and the log when the keychain refuses it, or a defect shows itself', async () => {
    for (const error of [new AppFailure({ code: 'keychain.locked', message: 'locked' }), new TypeError('a defect')]) {
      const page = connect(
        {},
        {
          setValue: () => {
            throw error;
          },
        },
      );
      expect(await page.ask('credentials.set', input)).toMatchObject({ t: 'error' });
      expect(JSON.stringify([page.sent, page.lines])).not.toContain('c4nary');
    }
  });

  it('is revealed to no page but the desktop’s', async () => {
    const page = connect();
    const answer = await page.ask('desktop.revealCredential', { key });
    expect(answer).toMatchObject({ t: 'error', error: { code: 'unsupported' } });
    expect(page.called).toEqual([]);
  });
});

describe('the list of credentials', () => {
  const list = (looked: boolean): Frame<'credentials'> => ({ kind: 'list', credentials: [], looked });
  const keychain: Frame<'credentials'> = { kind: 'keychain', keychain: { kind: 'available' } };

  it('is kept at its last state, and the keychain’s at its, while the page cannot take it', () => {
    const page = connect();
    page.connection.receive({ t: 'open', id: 5, stream: 'credentials', input: {} });
    const [push] = page.credentials;
    push?.(list(false));
    page.fill(2 ** 21);
    push?.(list(false));
    push?.(keychain);
    push?.(list(true));
    expect(page.frames(5)).toEqual([list(false)]);
    page.fill(0);
    return expect.poll(() => page.frames(5).length).toBe(3);
  });
});
