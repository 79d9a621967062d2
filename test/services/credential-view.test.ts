import { describe, expect, it } from 'vitest';
import type { Frame } from '../../preload/contract/api.ts';
import { composeLabels } from '../support/fake-engine.ts';
import { settle } from '../support/fake-engine-world.ts';
import { createWorld, type WorldOptions } from './support.ts';

const file = '/srv/shop/compose.yaml';
const text = `
services:
  web: {image: web:1, environment: {TOKEN: "\${TOKEN}"}, secrets: [db]}
  db: {image: db:1, secrets: [db]}
secrets: {db: {environment: DB_PASSWORD}}
`;

function world(options: WorldOptions = {}) {
  const made = createWorld({ texts: { [file]: text }, ...options });
  const frames: Frame<'credentials'>[] = [];
  const closing = new AbortController();
  const over = made.services.credentials.follow((frame) => frames.push(frame), closing.signal);
  /** Every list so far, each as lines. */
  const lists = () =>
    frames.flatMap((frame) =>
      frame.kind === 'list'
        ? [
            frame.credentials.map(({ key, state, usedBy }) =>
              [key.name, state, ...usedBy.map(({ stack, services }) => `${stack}:${services}`)].join(' '),
            ),
          ]
        : [],
    );
  return { ...made, frames, closing, over, lists, last: () => lists().at(-1) };
}

describe('the Credentials screen', () => {
  it('has the names before any file was read or the keychain was asked', async () => {
    const { frames, services, keychain } = world();
    await services.credentials.set({ scope: 'user', name: 'TOKEN' }, 'v');
    await settle();
    const kinds = frames.map((frame) => (frame.kind === 'list' ? `list ${frame.looked}` : frame.keychain.kind));
    expect(kinds[0]).toBe('asking');
    expect(kinds.indexOf('list false')).toBeLessThan(kinds.indexOf('list true'));
    expect(kinds).toContain('available');
    expect([...keychain.values.keys()]).toEqual(['user/TOKEN']);
  });

  it('reads files of stacks that were opened, and none because a label names it', async () => {
    const labelled = '/srv/other/compose.yaml';
    const { services, files, last } = world({
      texts: { [file]: text, [labelled]: `services: {x: {image: web:1, environment: {A: "\${FROM_LABEL}"}}}` },
      prepare: (engine) => {
        const labels = { ...composeLabels('other', 'x'), 'com.docker.compose.project.config_files': labelled };
        engine.put({ name: 'other-x-1', image: 'web:1', labels });
      },
    });
    await settle();
    expect(last()).toEqual([]);
    await services.stacks.open({ files: [file], project: 'shop' });
    await settle();
    expect(last()).toEqual(['DB_PASSWORD missing fake/shop:db,web', 'TOKEN missing fake/shop:web']);
    await services.credentials.set({ scope: 'user', name: 'TOKEN' }, 'v');
    await services.credentials.set({ scope: 'project', project: 'shop', name: 'DB_PASSWORD' }, 'v', {
      keep: 'session',
    });
    await settle();
    expect(last()).toEqual(['DB_PASSWORD session fake/shop:db,web', 'TOKEN kept fake/shop:web']);
    expect(files.reads).not.toContain(labelled);
  });

  it('knows stacks that were brought up from a file, until they are taken down', async () => {
    const { services, clock, last, lists } = world({ environment: { DB_PASSWORD: 'set', TOKEN: 'set' } });
    await services.credentials.set({ scope: 'user', name: 'TOKEN' }, 'v');
    const target = { files: [file], project: 'shop' };
    const run = async (action: 'up' | 'down') => {
      const { fingerprint } = await services.stacks.plan(target, action, {});
      const { operation } = await services.stacks.run(target, action, { fingerprint });
      const finished = services.operations.finished(operation);
      await clock.advance(60_000);
      expect((await finished).state).toBe('done');
      await settle();
    };
    await run('up');
    expect(last()).toEqual(['TOKEN kept fake/shop:web']);
    await run('down');
    expect(last()).toEqual(['TOKEN kept']);
    expect(lists().length).toBeGreaterThan(2);
  });

  it('is told nothing once it is closed', async () => {
    const { services, frames, closing, over, state } = world();
    await settle();
    closing.abort();
    await over;
    const before = frames.length;
    await services.credentials.set({ scope: 'user', name: 'TOKEN' }, 'v');
    await state.write('brought-up', { version: 1, 'brought-up': [] });
    await settle();
    expect(frames.length).toBe(before);
  });
});
