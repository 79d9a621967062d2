import { appendFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { containerIds, contents } from './picture.ts';
import { createStand, type Place, peers, type Stand } from './stand.ts';

/* One changes, the other looks: stop, start, restart, lists, logs, orphans, one-offs. */

const service = (more = '') => `
    image: IMAGE
    init: true
    command: [sh, -c, 'echo up; exec sleep infinity']
${more}`;
const compose = `services:
  web: ${service('    depends_on: [db]')}
  db: ${service("    volumes: ['data:/data']")}
volumes: {data: }
`;
const extra = `  old: ${service()}`;

/** Name and state of every container. */
async function states({ engine }: Stand, { name }: Place): Promise<Readonly<Record<string, string>>> {
  const filters = { label: [`com.docker.compose.project=${name}`] };
  const found = await engine.docker.listContainers({ all: true, filters });
  return Object.fromEntries(found.map(({ Names, State }) => [Names[0]?.slice(name.length + 2), State]));
}
const both = (state: string) => ({ 'web-1': state, 'db-1': state });

describe.skipIf(peers.compose === undefined)('of two that look after one project', () => {
  let stand: Stand;
  let place: Place;
  beforeAll(async () => {
    stand = await createStand();
  });
  afterAll(() => stand.close());
  beforeEach(async () => {
    place = await stand.put({ name: 'verbs', files: { 'compose.yaml': compose } });
  });
  const rows = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly Service: string; readonly State: string });

  it('either stops, starts and restarts the containers of the other', async () => {
    await stand.ours(place, 'up');
    const made = await containerIds(stand.engine, place.name);
    await stand.theirs(place, ['stop', '-t', '1']);
    expect(await states(stand, place)).toEqual(both('exited'));
    await stand.ours(place, 'start');
    expect(await states(stand, place)).toEqual(both('running'));
    await stand.theirs(place, ['restart', '-t', '1']);
    await stand.ours(place, 'stop', { timeout: 1 });
    expect(await states(stand, place)).toEqual(both('exited'));
    await stand.theirs(place, ['start']);
    expect(await states(stand, place)).toEqual(both('running'));
    await stand.ours(place, 'restart', { timeout: 1 });
    expect(await states(stand, place)).toEqual(both('running'));
    expect(await containerIds(stand.engine, place.name)).toEqual(made);
    const { steps } = await stand.plan(place, 'up');
    expect(steps).toEqual([]);
    await stand.ours(place, 'down', { volumes: true, timeout: 1 });
    expect(await contents(stand.engine, place.name)).toEqual([]);
  });

  it('either lists, shows and reads what the other made', async () => {
    await stand.ours(place, 'up');
    const listed = JSON.parse(await stand.theirs(place, ['ls', '--format', 'json'])) as readonly object[];
    expect(listed).toContainEqual(
      expect.objectContaining({ Name: place.name, Status: 'running(2)', ConfigFiles: place.files.join(',') }),
    );
    const shown = rows(await stand.theirs(place, ['ps', '--format', 'json']));
    expect(shown.map(({ Service, State }) => [Service, State]).sort()).toEqual([
      ['db', 'running'],
      ['web', 'running'],
    ]);
    expect(await stand.theirs(place, ['logs', '--no-color'])).toMatch(/^web-1 +\| up$/m);
    await stand.theirs(place, ['down', '-v', '-t', '1']);

    await stand.theirs(place, ['up', '-d']);
    expect(await stand.listed(place)).toEqual({ files: place.files, services: ['db', 'web'] });
    await stand.ours(place, 'down', { volumes: true, timeout: 1 });
  });

  it('orphans of the other are warned about, stay, and go when that is asked for', async () => {
    const file = place.files[0] ?? '';
    const original = compose.replaceAll('IMAGE', stand.image);
    const withOld = compose.replace('volumes: {data', `${extra}volumes: {data`).replaceAll('IMAGE', stand.image);
    await writeFile(file, withOld);
    await stand.ours(place, 'up');
    await writeFile(file, original);
    expect((await stand.try(place, ['up', '-d'])).stderr).toMatch(/orphan containers.*old-1/);
    expect(await states(stand, place)).toEqual({ ...both('running'), 'old-1': 'running' });
    await stand.theirs(place, ['up', '-d', '--remove-orphans']);
    expect(await states(stand, place)).toEqual(both('running'));

    await writeFile(file, withOld);
    await stand.theirs(place, ['up', '-d']);
    await writeFile(file, original);
    const { steps, warnings } = await stand.plan(place, 'up');
    expect(steps).toEqual([]);
    expect(warnings.map(({ message }) => message).join()).toContain('old-1');
    await stand.ours(place, 'up', { removeOrphans: true });
    expect(await states(stand, place)).toEqual(both('running'));
    await stand.ours(place, 'down', { volumes: true, timeout: 1 });
  });

  it('what `run` of the other left is no replica, and goes with the orphans', async () => {
    await stand.theirs(place, ['up', '-d']);
    await stand.theirs(place, ['run', '-d', '--no-deps', 'web', 'sleep', 'infinity']);
    expect((await stand.plan(place, 'up')).steps).toEqual([]);
    await stand.ours(place, 'down', { volumes: true, timeout: 1, removeOrphans: true });
    expect(await contents(stand.engine, place.name)).toEqual([]);

    await stand.ours(place, 'up');
    await stand.ours(place, 'run', {
      services: ['web'],
      noDeps: true,
      run: { slug: '0123456789abcdef', command: ['sleep', 'infinity'], detach: true },
    });
    const before = await containerIds(stand.engine, place.name);
    expect(before.size).toBe(3);
    expect(rows(await stand.theirs(place, ['ps', '--format', 'json']))).toHaveLength(2);
    await stand.theirs(place, ['up', '-d']);
    expect(await containerIds(stand.engine, place.name)).toEqual(before);
    await stand.theirs(place, ['down', '-v', '-t', '1', '--remove-orphans']);
    expect(await contents(stand.engine, place.name)).toEqual([]);
  });

  it('a change of the file is seen by the one that did not make the container', async () => {
    await stand.theirs(place, ['up', '-d']);
    const made = await containerIds(stand.engine, place.name);
    await appendFile(place.files[0] ?? '', '  more: {labels: {a: b}}\n'.replace('  more', 'x-more'));
    expect((await stand.plan(place, 'up')).steps).toEqual([]);
    await writeFile(
      place.files[0] ?? '',
      compose.replaceAll('IMAGE', stand.image).replace('  db: ', '  db:\n    environment: {NEW: yes}'),
    );
    await stand.ours(place, 'up');
    const after = await containerIds(stand.engine, place.name);
    expect(after.get(`${place.name}-web-1`)).toBe(made.get(`${place.name}-web-1`));
    expect(after.get(`${place.name}-db-1`)).not.toBe(made.get(`${place.name}-db-1`));
    await stand.theirs(place, ['up', '-d']);
    expect(await containerIds(stand.engine, place.name)).toEqual(after);
    await stand.theirs(place, ['down', '-v', '-t', '1']);
  });
});
