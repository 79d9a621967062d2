import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containerIds, contents, takePicture } from './picture.ts';
import { nothing, roundTrip } from './round-trip.ts';
import { createStand, peers, type Stand } from './stand.ts';

/* What a project does not make anew each time: its images, and networks and volumes that are not its own. */

const service = 'init: true, command: [sleep, infinity]';

describe.skipIf(peers.compose === undefined)('what is there before a project comes up', () => {
  let stand: Stand;
  beforeAll(async () => {
    stand = await createStand();
  });
  afterAll(() => stand.close());

  it('an image that either built is good for the other', async () => {
    const place = await stand.put({
      name: 'built',
      files: {
        Dockerfile: 'FROM IMAGE\nCOPY content /content\nLABEL made=here\n',
        content: 'x',
        'compose.yaml': `services:\n  own: {build: ., ${service}}\n  named: {build: {context: ., labels: {a: b}}, image: 'PROJECT-app:1', ${service}}\n`,
      },
    });
    const imagesOf = async () => {
      const { docker } = stand.engine;
      const ids = await containerIds(stand.engine, place.name);
      const found = await Promise.all([...ids.values()].map((id) => docker.getContainer(id).inspect()));
      return new Set(found.map(({ Image }) => Image));
    };
    const removeImages = async () => {
      await stand.theirs(place, ['down', '-t', '1', '--rmi', 'all']);
      expect(await contents(stand.engine, place.name)).toEqual([]);
    };

    await stand.theirs(place, ['up', '-d']);
    const made = await containerIds(stand.engine, place.name);
    const images = await imagesOf();
    expect((await stand.plan(place, 'up')).steps).toEqual([]);
    await stand.ours(place, 'down', { timeout: 1 });
    await stand.ours(place, 'up');
    expect(await imagesOf()).toEqual(images);
    expect(await containerIds(stand.engine, place.name)).not.toEqual(made);
    await removeImages();

    await stand.ours(place, 'up');
    const ours = await containerIds(stand.engine, place.name);
    await stand.theirs(place, ['up', '-d']);
    expect(await containerIds(stand.engine, place.name)).toEqual(ours);
    await removeImages();
  });

  it('external networks and volumes are used by both and stay', async () => {
    const { engine } = stand;
    const [network, volume] = [engine.uniqueName('net'), engine.uniqueName('vol')];
    await Promise.all([
      engine.docker.createNetwork({ Name: network }),
      engine.docker.createVolume({ Name: volume, Labels: { mine: 'yes' } }),
    ]);
    const outcome = await roundTrip(stand, {
      name: 'external',
      files: {
        'compose.yaml': `
services:
  app: {image: IMAGE, ${service}, networks: [default, shared], volumes: ['data:/data']}
networks:
  shared: {external: true, name: ${network}}
volumes:
  data: {external: true, name: ${volume}}
`,
      },
    });
    expect(outcome).toEqual(nothing);
    expect(await engine.docker.getNetwork(network).inspect()).toMatchObject({ Name: network, Containers: {} });
    expect(await engine.docker.getVolume(volume).inspect()).toMatchObject({ Name: volume, Labels: { mine: 'yes' } });
  });

  it('files that are values get into the containers of both', async () => {
    const place = await stand.put({
      name: 'values',
      envFiles: ['values.env'],
      files: {
        'values.env': 'TOKEN=not a secret\n',
        'compose.yaml': `
services:
  app:
    image: IMAGE
    ${service.replace(', ', '\n    ')}
    configs: [{source: inline, target: /inline.conf, mode: 0440, uid: '1000', gid: '1000'}]
    secrets: [token]
configs: {inline: {content: "a=b\\n"}}
secrets: {token: {environment: TOKEN}}
`,
      },
    });
    const read = () =>
      stand.theirs(place, [
        'exec',
        '-T',
        'app',
        'sh',
        '-c',
        'cat /inline.conf /run/secrets/token; ls -ln /inline.conf /run/secrets/token | cut -c1-32',
      ]);
    await stand.ours(place, 'up');
    const ours = [await read(), await takePicture(stand.engine, place.name)];
    await stand.theirs(place, ['up', '-d']);
    await stand.theirs(place, ['down', '-t', '1']);
    await stand.theirs(place, ['up', '-d']);
    expect([await read(), await takePicture(stand.engine, place.name)]).toEqual(ours);
    expect((await stand.plan(place, 'up')).steps).toEqual([]);
    await stand.ours(place, 'down', { timeout: 1 });
  });
});
