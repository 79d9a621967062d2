import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../main/core/app-failure.ts';
import { judgeService } from '../../main/core/swarm/converge.ts';
import { deploysOf } from '../../main/core/swarm/record.ts';
import { createSwarmStand, dockerCommand } from '../support/swarm-stand.ts';
import { fewestRunning } from './fewest-running.ts';
import { standInSwarm } from './stand.ts';

/*
 * Stacks on a Swarm of two machines, beside docker's own `docker stack` (CLI 28.5.2) on the same files. Monitor is a second,
 * so that a test takes its time for what it is about; stacks of their own, so they run side by side.
 */

const swarm = standInSwarm({ nodes: 2 });

const quick = 'update_config: {monitor: 1s, failure_action: pause}, rollback_config: {monitor: 1s}';
const base = (command: string): string =>
  `image: claude-env/base\n    init: true\n    stop_grace_period: 1s\n    command: ["sh", "-c", ${JSON.stringify(command)}]`;

const everything = `
services:
  web:
    ${base('exec sleep 1000')}
    environment: {B: "2", A: "1"}
    labels: {team: blue}
    secrets: [{source: password, target: again, mode: 0400}]
    configs: [{source: settings, target: /etc/settings}]
    networks: {front: {aliases: [www, site]}, back: {}}
    ports: ["18080:80"]
    volumes: ["data:/data", "./here:/here:ro", {type: tmpfs, target: /scratch, tmpfs: {size: 1048576}}]
    healthcheck: {test: ["CMD", "true"], interval: 1s}
    ulimits: {nofile: {soft: 1000, hard: 2000}}
    cap_add: [net_admin]
    extra_hosts: ["zed:1.2.3.4", "alf:2.3.4.5"]
    deploy:
      replicas: 2
      labels: {tier: front}
      placement: {constraints: [node.role == manager]}
      resources: {limits: {cpus: "0.5", memory: 64M}}
      restart_policy: {condition: on-failure, delay: 1s}
      ${quick.replace(', rollback', '\n      rollback')}
  each:
    ${base('exec sleep 1000')}
    restart: always
    ports: [{target: 443, published: 18443, mode: host}]
    deploy: {mode: global, ${quick}}
networks: {front: {driver_opts: {a: b}}, back: {attachable: true, labels: {x: "1"}}}
volumes: {data: {labels: {keep: "yes"}}}
secrets: {password: {file: ./password.txt}}
configs: {settings: {file: ./settings.txt}}
`;

describe.skipIf(dockerCommand === undefined)('beside docker stack', { concurrent: true }, () => {
  it('asks for the same, and what either deployed is left as it is by the other', async () => {
    const place = await swarm.stand.put('both', {
      'compose.yaml': everything,
      'password.txt': 'p1',
      'settings.txt': 's1',
      'here/x': '',
    });
    await swarm.stand.deploy(place);
    const [ours, tasks] = await Promise.all([swarm.stand.specs('both'), swarm.stand.tasks('both')]);
    expect(tasks).toHaveLength(4);
    expect((await swarm.stand.plan(place)).steps).toEqual([]);

    expect(await swarm.stand.docker('stack', 'ls', '--format', '{{.Name}} {{.Services}}')).toContain('both 2\n');
    expect(await swarm.stand.docker('stack', 'services', 'both', '--format', '{{.Name}} {{.Replicas}}')).toContain(
      'both_web 2/2',
    );
    await swarm.stand.docker('stack', 'deploy', '--detach=true', '--resolve-image', 'never', '-c', place.file, 'both');
    expect((await swarm.stand.tasks('both')).map(({ ID }) => ID).sort()).toEqual(tasks.map(({ ID }) => ID).sort());
    expect(await swarm.stand.specs('both')).toEqual(ours);
    expect((await swarm.stand.plan(place)).steps).toEqual([]);

    expect((await swarm.stand.run(place, { kind: 'remove' })).state).toBe('done');
    await swarm.stand.docker('stack', 'deploy', '--detach=true', '--resolve-image', 'never', '-c', place.file, 'both');
    expect(await swarm.stand.specs('both')).toEqual(ours);
    expect((await swarm.stand.plan(place)).steps.filter(({ kind }) => kind !== 'wait-converged')).toEqual([]);

    await swarm.stand.docker('stack', 'rm', 'both');
    expect((await swarm.stand.app.services.swarm.list({})).map(({ name }) => name)).not.toContain('both');
  });
});

describe.concurrent('secrets', () => {
  const readsPassword = (check: string): string => `
services:
  db:
    ${base(`case "$$(cat /run/secrets/password)" in ${check}*) echo no such password; exit 3;; esac; exec sleep 1000`)}
    secrets: [password]
    deploy: {restart_policy: {delay: 0s}, ${quick}}
secrets: {password: {file: ./password.txt}}
`;

  it('rotates with a rolling update and removes the old one last; one that cannot start is taken back', async () => {
    const place = await swarm.stand.put('rota', { 'compose.yaml': readsPassword('bad'), 'password.txt': 'first' });
    const change = (value: string) => writeFile(join(place.folder, 'password.txt'), value);
    await swarm.stand.deploy(place);
    await change('second');
    const plan = await swarm.stand.plan(place);
    expect(plan.steps.map(({ kind, service }) => [kind, service])).toEqual([
      ['create-secret', undefined],
      ['update-service', 'db'],
      ['wait-converged', 'db'],
      ['remove-secret', undefined],
      ['create-config', undefined],
    ]);
    await swarm.stand.deploy(place);
    const [second = '', ...rest] = await swarm.stand.secrets('rota');
    expect(second).toMatch(/^rota_password-\w{8}$/);
    expect(rest).toEqual([]);

    await change('bad');
    const failed = await swarm.stand.run(place, { kind: 'deploy', options: {} });
    expect(failed.error?.message).toMatch(/exit code 3.*rolled back.*old secret/);
    expect(failed.error?.detail).toContain('no such password');
    expect(await swarm.stand.secrets('rota')).toContain(second);
    expect(JSON.stringify(await swarm.stand.specs('rota'))).toContain(`"SecretName":"${second}"`);
    expect(await swarm.stand.tasks('rota')).toHaveLength(1);
    await swarm.stand.run(place, { kind: 'remove' });
  });
});

describe.concurrent('a canary', () => {
  const versioned = (version: number): string => `
services:
  web:
    ${base('exec sleep 1000')}
    environment: {VERSION: "${version}"}
    deploy: {replicas: 3, endpoint_mode: dnsrr, ${quick}}
`;
  /** Of the running tasks. */
  const versions = async (): Promise<string> => {
    const tasks = await swarm.lab.node(1).docker.listTasks({
      filters: { service: ['canary_web'], 'desired-state': ['running'] },
    });
    const specs = tasks.map(({ Spec }) => (Spec as { ContainerSpec?: { Env?: readonly string[] } }).ContainerSpec?.Env);
    return specs
      .flatMap((env) => env ?? [])
      .sort()
      .join(' ');
  };

  it('is so many tasks of the new version until somebody, on any machine, promotes it or takes it back', async () => {
    const { stand, lab } = swarm;
    const place = await stand.put('canary', { 'compose.yaml': versioned(1) });
    await stand.deploy(place);
    await writeFile(place.file, versioned(2));
    await stand.deploy(place, { canary: 1 });
    expect(await versions()).toBe('VERSION=1 VERSION=1 VERSION=2');
    // Neither this program nor what it keeps on this machine has anything to do with it any more.
    const other = await createSwarmStand(lab.node(1));
    const { services, tasks, now } = await other.app.services.swarm.look({ project: 'canary' });
    const [web] = services;
    if (web === undefined) throw new Error('no service');
    expect(judgeService(web, tasks, now).text).toMatch(/^3 of 3 tasks run, 1 of them is the canary of /);
    expect((await other.plan(place)).problems.map(({ rule }) => rule)).toEqual(['canary-open']);
    expect((await other.run(place, { kind: 'canary', end: 'rollback', services: [] })).state).toBe('done');
    expect(await versions()).toBe('VERSION=1 VERSION=1 VERSION=1');
    await other.close();

    await stand.deploy(place, { canary: 2 });
    expect(await versions()).toBe('VERSION=1 VERSION=2 VERSION=2');
    expect((await stand.run(place, { kind: 'canary', end: 'promote', services: ['web'] })).state).toBe('done');
    expect(await versions()).toBe('VERSION=2 VERSION=2 VERSION=2');
    expect((await stand.plan(place)).steps).toEqual([]);
    const deploys = deploysOf(await stand.app.services.swarm.look({ project: 'canary' }));
    expect(deploys.map(({ changes }) => changes.split(':')[0])).toEqual([
      'canary promoted',
      'update web',
      expect.stringMatching(/^canary taken back, back to deploy 1 by /),
      'update web',
      'create web',
    ]);
    await stand.run(place, { kind: 'remove' });
  });
});

describe.concurrent('when it does not go well', () => {
  const rolling = (image: string): string => `
services:
  web:
    ${base('exec sleep 1000').replace('claude-env/base', image)}
    deploy: {replicas: 3, update_config: {monitor: 1s, order: start-first, failure_action: pause}, rollback_config: {monitor: 1s}}
`;

  it('an image that nobody has stops the update and is explained; rollback brings back what ran, which never went', async () => {
    const place = await swarm.stand.put('bad', { 'compose.yaml': rolling('claude-env/base') });
    await swarm.stand.deploy(place);
    const before = (await swarm.stand.tasks('bad')).map(({ ID }) => ID).sort();
    await writeFile(place.file, rolling('claude-env/nowhere:1'));
    const { fewest, result: failed } = await fewestRunning(swarm.stand, place.name, () =>
      swarm.stand.run(place, { kind: 'deploy', options: {} }),
    );
    expect(fewest).toBe(3);
    expect(failed.error).toMatchObject({
      code: 'service.failed',
      message: expect.stringMatching(/^web: its update was stopped: .*No such image/),
    });
    const running = (await swarm.stand.tasks('bad')).filter(({ Status }) => Status.State === 'running');
    expect(running.map(({ ID }) => ID).sort()).toEqual(before);

    const back = await swarm.stand.run(place, { kind: 'rollback', services: [] });
    expect(back.state).toBe('done');
    expect(JSON.stringify(await swarm.stand.specs('bad'))).not.toContain('nowhere');
    await swarm.stand.run(place, { kind: 'remove' });
  });

  it('of two who deploy at once one does, and the other is told who; an interrupted deploy is completed by the next', async () => {
    const place = await swarm.stand.put('twice', { 'compose.yaml': rolling('claude-env/base') });
    // Another person's machine: another state folder, the same Swarm.
    const other = await createSwarmStand(swarm.lab.node(1));
    const request = { kind: 'deploy', options: { resolveImage: 'never' } } as const;
    const target = { files: [place.file], project: place.name };
    const { fingerprint } = await swarm.stand.app.services.swarm.plan(target, request);
    const both = await Promise.allSettled(
      [swarm.stand, other].map(async ({ app }) => ({
        app,
        ...(await app.services.swarm.run(target, request, { fingerprint })),
      })),
    );
    const [started] = both.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const [refused] = both.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(refused).toBeInstanceOf(AppFailure);
    expect((refused as AppFailure).error).toMatchObject({
      code: 'stack.busy',
      message: expect.stringMatching(/@.* is deploying twice since \d\d:\d\d UTC/),
    });
    if (started === undefined) throw new Error('nobody deployed');
    const { operations } = started.app.services;
    operations.cancel(started.operation);
    expect((await operations.finished(started.operation)).state).toBe('cancelled');
    await other.close();

    await swarm.stand.deploy(place);
    expect((await swarm.stand.tasks('twice')).filter(({ Status }) => Status.State === 'running')).toHaveLength(3);
    await swarm.stand.run(place, { kind: 'remove' });
  });
});
