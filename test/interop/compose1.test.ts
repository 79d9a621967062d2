import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containerIds, contents } from './picture.ts';
import { createStand, type Place, peers, type Stand } from './stand.ts';

/*
 * docker-compose 1.29.2 lists, shows and stops what ours made, and the other way round. Its configuration hash is another
 * one, so that `up` makes the other's containers anew: so does docker compose 2.
 */
const compose = `version: '3.8'
services:
  web:
    image: IMAGE
    init: true
    command: [sh, -c, 'echo up; exec sleep infinity']
    depends_on: [db]
  db:
    image: IMAGE
    init: true
    command: sleep infinity
    volumes: ['data:/data']
volumes:
  data:
`;

describe.skipIf(peers.compose1 === undefined)('with docker-compose 1.29.2', () => {
  let stand: Stand;
  let place: Place;
  beforeAll(async () => {
    stand = await createStand();
    place = await stand.put({ name: 'old', files: { 'compose.yaml': compose } });
  });
  afterAll(() => stand.close());
  const old = (...words: string[]) => stand.theirs(place, words, peers.compose1);
  const running = async () => {
    const filters = { label: [`com.docker.compose.project=${place.name}`], status: ['running'] };
    const found = await stand.engine.docker.listContainers({ filters });
    return found.map(({ Labels }) => Labels['com.docker.compose.service']).sort();
  };

  it('a project of ours is shown, read, stopped, started and taken down', async () => {
    await stand.ours(place, 'up');
    const made = await containerIds(stand.engine, place.name);
    expect((await old('ps', '--services', '--filter', 'status=running')).trim().split('\n').sort()).toEqual([
      'db',
      'web',
    ]);
    expect((await old('ps', '-q')).trim().split('\n').sort()).toEqual([...made.values()].sort());
    expect(await old('logs', '--no-color', 'web')).toContain('| up');
    await old('stop', '-t', '1');
    expect(await running()).toEqual([]);
    await old('start');
    expect(await running()).toEqual(['db', 'web']);
    expect(await containerIds(stand.engine, place.name)).toEqual(made);
    await old('down', '-v', '-t', '1');
    expect(await contents(stand.engine, place.name)).toEqual([]);
  });

  it('its project is listed, stopped, started, planned with a cause, and taken down by ours', async () => {
    await old('up', '-d');
    expect(await stand.listed(place)).toEqual({ files: place.files, services: ['db', 'web'] });
    await stand.ours(place, 'stop', { timeout: 1 });
    expect(await running()).toEqual([]);
    await stand.ours(place, 'start');
    expect(await running()).toEqual(['db', 'web']);
    const { steps } = await stand.plan(place, 'up');
    expect(steps.filter(({ kind }) => kind === 'create-container').map(({ target }) => target)).toHaveLength(2);
    await stand.ours(place, 'up');
    expect(await running()).toEqual(['db', 'web']);
    expect((await stand.plan(place, 'up')).steps).toEqual([]);
    await stand.ours(place, 'down', { volumes: true, timeout: 1 });
    expect(await contents(stand.engine, place.name)).toEqual([]);
  });
});
