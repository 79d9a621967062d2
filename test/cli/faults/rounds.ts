import { expect } from 'vitest';
import { describeMoment, type Moment, startUntil } from './moments.ts';
import { marker, sh } from './picture.ts';
import { changes, type Stand } from './stand.ts';

export interface Round {
  /** Which of `changes`; -1: the first `up`, from nothing. */
  readonly change: number;
  readonly moment: Moment;
}

export const describeRound = ({ change, moment }: Round): string =>
  `${change < 0 ? 'the first up' : changes[change]?.[0]}, ${describeMoment(moment)}`;

/** Brings everything up undisturbed and leaves a mark in the anonymous volume; answers with the milliseconds it took. */
export async function bringUp(stand: Stand): Promise<number> {
  const { bench, project } = stand;
  const began = Date.now();
  const { code, stdout, stderr } = await bench.run(stand.upArguments);
  expect({ code, said: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, said: '' });
  const took = Date.now() - began;
  await sh(bench.engine.docker.getContainer(`${project}-db-1`), `printf '%s' '${marker}' > /scratch/marker`);
  return took;
}

/** The next edition of the file; for the first `up`, nothing on the engine. */
async function prepare(stand: Stand, { change }: Round): Promise<void> {
  const next = changes[change];
  if (next === undefined) await stand.reset();
  else await stand.write(next[1](stand.edition()));
}

/**
 * Killed while it starts a container, engine 20.10 goes on holding that one's port after it is back (its log says "Removing
 * stale endpoint", its docker-proxy stays): no `up` can have the port, but ours has to say who holds it and what helps.
 */
async function untilPortIsFree(stand: Stand): Promise<void> {
  const { stdout, stderr } = await stand.bench.run(['-f', stand.file, 'plan']);
  if (/lost when it was killed: restart/.test(stdout + stderr)) await stand.bench.engine.restart();
}

async function expectNextUpConverges(stand: Stand, round: Round): Promise<void> {
  const what = describeRound(round);
  if (round.change < 0) await bringUp(stand);
  else {
    const { code, stdout, stderr } = await stand.bench.run(stand.upArguments);
    expect({ what, code, said: code === 0 ? '' : stdout + stderr }).toEqual({ what, code: 0, said: '' });
  }
  await stand.expectConverged(what);
}

/** `up` is killed at the moment, and the next one has to make everything right. Answers whether there was one to kill. */
export async function killProgramRound(stand: Stand, round: Round): Promise<boolean> {
  const { bench, project } = stand;
  await prepare(stand, round);
  const running = await startUntil(bench.engine, project, round.moment, () => bench.start(stand.upArguments));
  const killed = running.child.exitCode === null && running.child.kill('SIGKILL');
  await running.finished;
  await expectNextUpConverges(stand, round);
  return killed;
}

/** It may be waiting for an answer that never comes: what it does then must be bounded. */
const endsWithin = 30_000;

/** The engine dies under an `up`: that says so and ends; when the engine is back, the next one makes everything right. */
export async function killEngineRound(stand: Stand, round: Round, how: 'kill' | 'stop' = 'kill'): Promise<boolean> {
  const { bench, project } = stand;
  const what = describeRound(round);
  await prepare(stand, round);
  const running = await startUntil(bench.engine, project, round.moment, () => bench.start(stand.upArguments));
  const hit = running.child.exitCode === null;
  await bench.engine[how]();
  const began = Date.now();
  const { code, stdout, stderr } = await running.finished;
  try {
    expect(Date.now() - began, `${what}: the program ends`).toBeLessThan(endsWithin);
    if (hit && code !== 0) {
      expect([1, 3], `${what}: ${stdout}${stderr}`).toContain(code);
      expect(stderr, what).toMatch(/\S/);
      expect(stderr, `${what}: no defect of ours`).not.toMatch(/internal|at .*\.cjs|unexpected/i);
    }
  } finally {
    await bench.engine.start();
  }
  await untilPortIsFree(stand);
  await expectNextUpConverges(stand, round);
  return hit;
}
