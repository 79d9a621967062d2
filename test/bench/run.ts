import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { testEngine } from '../support/engine.ts';
import { bareCalls, type Contender, ourCommand, peer, runningHost } from './contenders.ts';
import type { LoadPlanResult } from './plan-once.ts';
import { type BenchProject, chain, independent, large } from './projects.ts';
import { type Judged, judge, judgeFigure, keyOf, type Measure, median, titles } from './report.ts';

/*
 * `node run.ts --rounds N --load-plan BUNDLE [--check]`, inside the network of a test engine. With --check a limit that
 * is missed, or a peer that is not there, is an exit code of 1.
 */
const { values } = parseArgs({
  options: { rounds: { type: 'string' }, 'load-plan': { type: 'string' }, check: { type: 'boolean', default: false } },
});
const rounds = Math.max(1, Number(values.rounds ?? '15'));
const engine = testEngine();
const times = new Map<string, number[]>();

async function measure(contender: Contender, what: Measure, act: () => Promise<void>): Promise<void> {
  const start = performance.now();
  await act();
  const key = keyOf(contender.who, what);
  times.set(key, [...(times.get(key) ?? []), (performance.now() - start) / 1000]);
}

async function round(contender: Contender, ten: BenchProject, six: BenchProject): Promise<void> {
  await measure(contender, 'up', () => contender.up(ten));
  const { again } = contender;
  if (again !== undefined) await measure(contender, 'again', () => again(ten));
  await measure(contender, 'down', () => contender.down(ten));
  if (contender.who === 'bare') return;
  await measure(contender, 'chain', () => contender.up(six));
  await contender.down(six);
}

type Size = Parameters<typeof large>[0];
const lines: Readonly<Record<Size, number>> = { usual: 18, heavy: 37 };

/** One process a round, so that each plans for the first time. */
async function loadAndPlan(bundle: string, file: string): Promise<LoadPlanResult> {
  const { stdout } = await promisify(execFile)(process.execPath, [bundle, file]);
  return JSON.parse(stdout) as LoadPlanResult;
}

function say(judged: Judged | undefined): boolean {
  if (judged !== undefined) console.log(judged.line);
  return judged?.holds !== false;
}

function reportTimes(contenders: readonly Contender[]): boolean {
  const held: boolean[] = [];
  for (const what of ['up', 'again', 'chain', 'down'] as const) {
    console.log(`\n${titles[what]}`);
    for (const { name, who } of contenders) held.push(say(judge(name, who, what, times)));
  }
  return held.every(Boolean);
}

/** The limits are for a project as there are; what a heavier one takes is shown. */
function reportLoads(size: Size, results: readonly LoadPlanResult[]): boolean {
  const mega = (pick: (result: LoadPlanResult) => number) => median(results.map(pick)) / 1e6;
  const limit = (most: number) => (size === 'usual' ? most : undefined);
  console.log(`\nload and plan of 200 services with ${lines[size]} lines each, the first in a new process`);
  return [
    say(judgeFigure('CPU, all threads', median(results.map(({ cpu }) => cpu)) * 1000, limit(150), 'ms')),
    say(
      judgeFigure(
        'memory it takes',
        mega(({ peak, idle }) => peak - idle),
        limit(80),
        'MB',
      ),
    ),
    say(
      judgeFigure(
        'the whole process at its highest',
        mega(({ peak }) => peak),
        undefined,
        'MB',
      ),
    ),
  ].every(Boolean);
}

const load = (): string =>
  loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');

const folder = await mkdtemp(join(tmpdir(), 'claude-env-bench-'));
let good = true;
try {
  const made = (hint: string) => ({ folder, name: engine.uniqueName(hint), image: engine.base });
  const [ten, six] = [await independent(made('ten')), await chain(made('chain'))];
  const compose = await peer();
  if (compose === undefined) {
    console.log('SKIPPED: docker compose cannot be had here, so nothing can be said about ratios to it.');
    good = false;
  }
  const contenders = [
    bareCalls(engine.docker),
    await runningHost(),
    ourCommand(),
    ...(compose === undefined ? [] : [compose]),
  ];
  const info = (await engine.docker.version()) as { Version: string };
  console.log(
    `engine ${info.Version}, ${compose?.name ?? 'no peer'}, Node ${process.versions.node}, ${cpus().length} CPUs`,
  );
  console.log(`${rounds} interleaved rounds after one that does not count; load of the machine: ${load()}`);
  // Compared with nobody, so not between the rounds: an engine that still cleans up on the other core costs it a third more.
  const loads = new Map<Size, LoadPlanResult[]>();
  for (const size of values['load-plan'] === undefined ? [] : (['usual', 'heavy'] as const)) {
    const big = join(folder, `${size}.yaml`);
    await writeFile(big, large(size));
    const results: LoadPlanResult[] = [];
    while (results.length < rounds) results.push(await loadAndPlan(values['load-plan'] ?? '', big));
    loads.set(size, results);
  }
  for (const contender of contenders) await round(contender, ten, six);
  times.clear();
  for (let index = 0; index < rounds; index++) {
    // Nobody always comes after the same other one.
    const order = contenders.map((_, place) => contenders[(place + index) % contenders.length] as Contender);
    for (const contender of order) await round(contender, ten, six);
  }
  good = reportTimes(contenders) && good;
  for (const [size, results] of loads) good = reportLoads(size, results) && good;
  console.log(`\nload of the machine at the end: ${load()}`);
  await Promise.all(contenders.map((contender) => contender.close()));
} finally {
  await engine.cleanUp();
  await rm(folder, { recursive: true, force: true });
}
process.exit(values.check && !good ? 1 : 0);
