import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containerIds } from './picture.ts';
import { createStand, type Place, peers, type Stand } from './stand.ts';

/* A secret that ours keeps in memory is one from the environment to docker compose, and either goes on with the other's. */

const files = {
  'compose.yaml': `services:
  web:
    image: IMAGE
    init: true
    command: [sleep, infinity]
    secrets:
      - token
      - {source: token, target: /etc/app/token}
secrets:
  token: {environment: TOKEN, x-claude-env: {keychain: NOT_IN_THE_KEYCHAIN}}
`,
  '.env': 'TOKEN=from the environment\n',
};
const expected = { code: 0, stdout: 'from the environment' };

describe.skipIf(peers.compose === undefined)('a secret in memory', () => {
  let stand: Stand;
  let place: Place;
  beforeAll(async () => {
    stand = await createStand();
    place = await stand.put({ name: 'memory', files });
  });
  afterAll(() => stand.close());

  const read = (path: string) => stand.try(place, ['exec', '-T', 'web', 'cat', path]);
  const kinds = async () => (await stand.plan(place, 'up')).steps.map(({ kind }) => kind);
  const volumes = async () => {
    const filters = { label: [`com.docker.compose.project=${place.name}`] };
    return ((await stand.engine.docker.listVolumes({ filters })).Volumes ?? []).map(({ Name }) => Name);
  };

  it('of ours is left as it is by theirs, and comes again after their restart', async () => {
    await stand.theirs(place, ['config', '--quiet']);
    await stand.ours(place, 'up');
    const made = await containerIds(stand.engine, place.name);
    expect(await read('/run/secrets/token')).toMatchObject(expected);
    expect(await read('/etc/app/token')).toMatchObject(expected);
    await stand.theirs(place, ['up', '-d']);
    expect(await containerIds(stand.engine, place.name)).toEqual(made);
    expect([await kinds(), await stand.drift(place)]).toEqual([[], []]);

    await stand.theirs(place, ['restart', '-t', '0']);
    expect(await read('/run/secrets/token')).toMatchObject({ code: 1 });
    expect(await kinds()).toEqual(['stop-container', 'deliver-files', 'start-container']);
    await stand.ours(place, 'up', { timeout: 0 });
    expect(await containerIds(stand.engine, place.name)).toEqual(made);
    expect(await read('/etc/app/token')).toMatchObject(expected);
  });

  it('is taken down by either', async () => {
    await stand.theirs(place, ['down', '-t', '0']);
    expect(await volumes()).toEqual([`${place.name}_web_claude-env-secrets`]);
    await stand.ours(place, 'down');
    expect(await volumes()).toEqual([]);
  });

  it('of theirs is made anew by ours, and of ours by theirs when that is asked for', async () => {
    await stand.theirs(place, ['up', '-d']);
    expect(await read('/run/secrets/token')).toMatchObject(expected);
    expect(await stand.drift(place)).toEqual([expect.stringContaining('io.claude-env.secret-files only-in-file')]);
    await stand.ours(place, 'up', { timeout: 0 });
    expect([await kinds(), await stand.drift(place)]).toEqual([[], []]);
    expect(await read('/run/secrets/token')).toMatchObject(expected);
    await stand.theirs(place, ['up', '-d', '--force-recreate', '-t', '0']);
    expect(await read('/run/secrets/token')).toMatchObject(expected);
    await stand.ours(place, 'down', { timeout: 0 });
    expect(await volumes()).toEqual([]);
  });
});
