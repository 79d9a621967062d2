import { chown, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sendToSwarm } from '../../main/docker/swarm-call.ts';
import type { StackRequest } from '../../main/services/swarm-plan.ts';
import type { SwarmLogFrame } from '../../preload/contract/swarm-logs.ts';
import { createSwarmStand, type SwarmStand } from '../support/swarm-stand.ts';
import { standInSwarm } from './stand.ts';

/*
 * Data, ports and logs on machines that are not the one that is asked. What is in a volume is read in the other engine's own
 * folder, and not through what is tried here.
 */

const swarm = standInSwarm({ nodes: 2 });
const { signal } = new AbortController();

const compose = (image: string): string => `
services:
  db:
    image: ${image}
    init: true
    stop_grace_period: 1s
    command: ["sleep", "infinity"]
    volumes: ["data:/data"]
    deploy: {placement: {constraints: [node.hostname == n2]}, restart_policy: {delay: 0s}, update_config: {monitor: 500ms}}
  talk:
    image: claude-env/base
    init: true
    stop_grace_period: 1s
    command: ["sh", "-c", "i=0; while true; do i=$$((i+1)); echo line $$i; sleep 0.2; done"]
    deploy: {placement: {constraints: [node.hostname == n2]}, restart_policy: {delay: 0s}, update_config: {monitor: 500ms}}
  web:
    image: claude-env/base
    init: true
    stop_grace_period: 1s
    command: ["perl", "-MIO::Socket::INET", "-e", "$$l = IO::Socket::INET->new(Listen => 9, LocalPort => 80, ReuseAddr => 1) or die; while ($$s = $$l->accept) { close $$s }"]
    ports: ["8088:80", {target: 80, published: 8089, mode: host}]
    deploy: {placement: {constraints: [node.hostname == n2]}, update_config: {monitor: 500ms}}
volumes: {data: {}}
`;

it('copies a volume from its node before an update, names it on the way back, and puts it back', async () => {
  const { lab } = swarm;
  const two = lab.node(2);
  const file = async (name: string): Promise<string> => {
    const { Mountpoint } = await two.docker.getVolume('shop_data').inspect();
    return join(Mountpoint, name);
  };
  const place = await swarm.stand.put('shop', { 'compose.yaml': compose('claude-env/base') });
  await swarm.stand.deploy(place);
  await writeFile(await file('rows'), 'one', { mode: 0o640 });
  await chown(await file('rows'), 999, 998);
  await two.docker.getImage('claude-env/base').tag({ repo: 'shop/db', tag: '2' });
  await writeFile(place.file, compose('shop/db:2'));

  const update: StackRequest = { kind: 'deploy', options: { resolveImage: 'never' }, backup: true };
  const target = { files: [place.file], project: 'shop' };
  const refused = await swarm.stand.app.services.swarm.plan(target, update);
  expect(refused.problems.map(({ message }) => message)).toEqual([
    'shop_data is on n2, and this machine has no connection to that engine: it cannot be backed up from here',
  ]);

  const stand: SwarmStand = await createSwarmStand(lab.node(1), [two]);
  try {
    const { app } = stand;
    const backups = app.services.swarm.backups;
    // A copy that fails ends the deploy before anything is changed.
    const inTheWay = join(app.platform.stateFolder, 'backups');
    await writeFile(inTheWay, '');
    const before = await stand.specs('shop');
    expect((await stand.run(place, update)).error?.code).toBe('state.unusable');
    expect(await stand.specs('shop')).toEqual(before);
    await two.exec(['rm', inTheWay]);

    expect((await stand.run(place, update)).state).toBe('done');
    const [kept] = await backups.list();
    expect(kept).toMatchObject({ stack: 'shop', service: 'db', volume: 'shop_data', node: 'n2', inUse: true });
    expect(kept?.image).toContain('claude-env/base');
    await writeFile(await file('rows'), 'two');
    await writeFile(await file('more'), 'that was not there');

    const back = await app.services.swarm.plan(target, { kind: 'rollback', services: ['db'] });
    const said = back.warnings.find(({ rule }) => rule === 'rollback-data');
    expect(said?.message).toContain('shop/db:2 wrote to shop_data on n2');
    expect(said?.hint).toContain(`restore-volume ${kept?.id}`);

    const restore = () => stand.run(place, { kind: 'restore-volume', from: kept?.id ?? '' });
    await expect(restore()).rejects.toMatchObject({ error: { code: 'engine.conflict' } });
    expect(await readFile(await file('rows'), 'utf8')).toBe('two');
    await stand.run(place, { kind: 'scale', replicas: { db: 0 } });
    expect((await restore()).state).toBe('done');
    expect(await readFile(await file('rows'), 'utf8')).toBe('one');
    const { uid, gid, mode } = await stat(await file('rows'));
    expect([uid, gid, (mode & 0o777).toString(8)]).toEqual([999, 998, '640']);
    await expect(stat(await file('more'))).rejects.toMatchObject({ code: 'ENOENT' });
    // What it held before is there as well, and nothing of ours is left on the node.
    expect(await backups.list()).toHaveLength(2);
    const left = await two.docker.listContainers({ all: true, filters: { label: ['io.claude-env.volume-copy'] } });
    expect(left).toEqual([]);

    const { membership } = app.services.engines.get(app.services.engines.preferred() ?? '');
    const mesh = (await membership.routes('claude-env/base')) === 'no' ? 'refused' : 'yes';
    const { ports, findings } = await app.services.swarm.tryPorts({ project: 'shop' });
    expect(
      ports.map((port) => [port.published, port.mode, port.nodes.map(({ node, answer }) => [node, answer])]),
    ).toEqual([
      [
        8088,
        'ingress',
        [
          ['n1', mesh],
          ['n2', mesh],
        ],
      ],
      [8089, 'host', [['n2', 'yes']]],
    ]);
    expect(findings.map(({ rule, message }) => [rule, message.includes('n1, n2')])).toEqual(
      mesh === 'yes' ? [] : [['swarm-mesh', true]],
    );
  } finally {
    await stand.close();
  }
}, 60_000);

it('marks in the log of a service that its node is gone, and goes on when it is back', async () => {
  const { lab } = swarm;
  const { docker } = lab.node(1);
  const stand = await createSwarmStand(lab.node(1));
  const controller = new AbortController();
  // A node counts as gone after three heartbeats: of one second here, of five by default.
  const now: { readonly Version: { readonly Index: number }; readonly Spec: object } = await docker.swarmInspect();
  const body = { ...now.Spec, Dispatcher: { HeartbeatPeriod: 1_000_000_000 } };
  const path = `/swarm/update?version=${now.Version.Index}`;
  await sendToSwarm(docker, { method: 'POST', path, body, signal });

  const frames: SwarmLogFrame[] = [];
  let wake = (): void => undefined;
  const until = async (fits: (all: readonly SwarmLogFrame[]) => boolean): Promise<void> => {
    while (!fits(frames)) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const gaps = () => frames.flatMap((frame) => (frame.kind === 'gap' ? [frame.gap] : []));
  const lastKind = (): string | undefined => frames.at(-1)?.kind;
  const onFrame = (frame: SwarmLogFrame): void => {
    frames.push(frame);
    wake();
  };
  try {
    const wanted = { follow: true, timestamps: true, tail: 1 };
    const target = { project: 'shop' };
    const reading = stand.app.services.swarm.logs(target, { service: 'talk', wanted }, onFrame, controller.signal);
    await until(() => lastKind() === 'lines');
    await lab.node(2).cut();
    await until(() => gaps().length > 0);
    expect(gaps()[0]).toMatchObject({ node: 'n2', tasks: ['talk.1'], reason: 'the node does not answer', over: false });
    await lab.node(2).heal();
    await until(() => gaps().length > 1 && lastKind() === 'lines');
    expect(gaps()[1]).toMatchObject({ node: 'n2', over: true });
    const seen = frames.flatMap((frame) => (frame.kind === 'lines' ? frame.lines : []));
    expect(new Set(seen.map(({ taskId, at }) => `${taskId} ${at}`)).size).toBe(seen.length);
    controller.abort();
    await reading;
  } finally {
    await stand.close();
  }
}, 60_000);
