import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { AppFailure } from '../../main/core/app-failure.ts';
import { cli } from '../bench/contenders.ts';
import { createSwarmStand, type StackPlace } from '../support/swarm-stand.ts';
import { standInSwarm } from './stand.ts';

/* Deploys that are killed at any moment, and people who deploy at the same one (must-shows 4 and 7 of issue 5). */

const swarm = standInSwarm({ nodes: 3 });

const service = (name: string, version: number, more = ''): string => `
  ${name}:
    image: claude-env/base
    init: true
    stop_grace_period: 1s
    command: [sleep, "1000"]
    environment: {VERSION: "${version}"}
    secrets: [password]
    configs: [settings]
    deploy: {replicas: 2, restart_policy: {delay: 0s}, update_config: {monitor: 500ms, parallelism: 0}}${more}`;
const compose = (
  version: number,
): string => `services:${['one', 'two', 'three'].map((name) => service(name, version)).join('')}
secrets: {password: {file: ./password.txt}}
configs: {settings: {content: "version ${version}"}}
`;
const write = async (place: StackPlace, version: number): Promise<void> => {
  await writeFile(place.file, compose(version));
  await writeFile(`${place.folder}/password.txt`, `password ${version}`);
};
/** Everything of one version, all of it running, nothing left of another one. */
async function expectVersion(place: StackPlace, version: number): Promise<void> {
  const specs = Object.values(await swarm.stand.specs(place.name)).map((spec) => JSON.stringify(spec));
  expect(specs).toHaveLength(3);
  for (const spec of specs) expect(spec).toContain(`VERSION=${version}`);
  expect(new Set(specs.map((spec) => /"SecretName":"([^"]+)"/.exec(spec)?.[1])).size).toBe(1);
  const running = (await swarm.stand.tasks(place.name)).filter(({ Status }) => Status.State === 'running');
  expect(running).toHaveLength(6);
  expect(await swarm.stand.secrets(place.name)).toHaveLength(1);
  expect((await swarm.stand.plan(place)).steps.filter(({ kind }) => kind !== 'wait-converged')).toEqual([]);
}

it('a deploy that is killed at 20 moments is completed by the next one', { timeout: 1_200_000 }, async () => {
  const place = await swarm.stand.put('killed', { 'compose.yaml': compose(0), 'password.txt': 'password 0' });
  // Each machine has the image, under an id of its own.
  const words = ['stack', 'deploy', '-f', place.file, '-p', place.name, '--resolve-image', 'never'];
  /** The command, killed after `ms` unless it has ended; how it ended, and when. */
  const deploy = async (ms?: number): Promise<{ readonly end: string; readonly took: number }> => {
    const begun = performance.now();
    const child = spawn(process.execPath, [cli, ...words], { stdio: ['ignore', 'ignore', 'inherit'] });
    const ended = once(child, 'exit');
    const timer = ms === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), ms);
    const [code, signal] = (await ended) as [number | null, string | null];
    clearTimeout(timer);
    return { end: signal ?? String(code), took: performance.now() - begun };
  };
  await swarm.stand.deploy(place);
  await write(place, 1);
  const first = await deploy();
  expect(first.end).toBe('0');
  let whole = first.took;
  const moments: string[] = [];
  for (let version = 2; moments.length < 20; version += 1) {
    await write(place, version);
    // The moment is what is tried here: spread over the time that a deploy takes, which is not the same twice.
    const moment = (whole * (moments.length + Math.random())) / 20;
    const { end, took } = await deploy(moment);
    if (end === 'SIGKILL') moments.push((moment / 1000).toFixed(1));
    else {
      expect(end).toBe('0');
      whole = Math.min(took, whole * 0.9);
    }
    await swarm.stand.deploy(place);
    await expectVersion(place, version);
  }
  console.log(
    `a deploy takes ${(whole / 1000).toFixed(1)} s; killed after ${moments.join(', ')} s, and completed each time`,
  );
  await swarm.stand.run(place, { kind: 'remove' });
});

it('of two people who deploy different versions at once, 20 times, never is there a mixture', {
  timeout: 900_000,
}, async () => {
  const other = await createSwarmStand(swarm.lab.node(1));
  const mine = await swarm.stand.put('shared', { 'compose.yaml': compose(0), 'password.txt': 'password 0' });
  const told: string[] = [];
  const theirs = await other.put('shared', { 'compose.yaml': compose(1), 'password.txt': 'password 1' });
  try {
    await swarm.stand.deploy(mine);
    for (let round = 1; round <= 20; round += 1) {
      await Promise.all([write(mine, 2 * round), write(theirs, 2 * round + 1)]);
      const both = await Promise.allSettled([swarm.stand.deploy(mine), other.deploy(theirs)]);
      const refused = both.filter((one) => one.status === 'rejected').map(({ reason }) => reason as AppFailure);
      // One may have ended before the other began.
      for (const { error } of refused) {
        expect(['stack.busy', 'plan.changed']).toContain(error.code);
        if (error.code === 'stack.busy') expect(error.message).toMatch(/.@.* is deploying shared since \d\d:\d\d UTC/);
        told.push(error.code);
      }
      const winner = both[0]?.status === 'fulfilled' ? 0 : 1;
      expect(both[winner]?.status).toBe('fulfilled');
      const versions = new Set(
        Object.values(await swarm.stand.specs('shared')).map((spec) => /VERSION=(\d+)/.exec(JSON.stringify(spec))?.[1]),
      );
      expect(versions.size).toBe(1);
    }
  } finally {
    await other.close();
  }
  console.log(`what the second was told in 20 rounds: ${told.join(' ')}`);
  expect(told.length).toBeGreaterThanOrEqual(10);
  await swarm.stand.run(mine, { kind: 'remove' });
});
