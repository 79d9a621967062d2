import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { testEngine } from '../support/engine.ts';
import { type BenchProject, bareCalls, type Contender, ourCommand, peer, runningHost } from './contenders.ts';

const rounds = Math.max(1, Number(process.argv[2] ?? '5'));
const engine = testEngine();

async function makeProject(folder: string): Promise<BenchProject> {
  const services = Array.from({ length: 10 }, (_, index) => `s${index}`);
  const image = engine.base;
  const file = join(folder, 'compose.yaml');
  const service = { image, command: ['sleep', 'infinity'], init: true };
  await writeFile(file, stringify({ services: Object.fromEntries(services.map((name) => [name, service])) }));
  return { file, name: engine.uniqueName('bench'), services, image };
}

async function seconds(act: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await act();
  return (performance.now() - start) / 1000;
}

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

type Measure = 'up' | 'again' | 'down';
const measured = new Map<string, Record<Measure, number[]>>();

async function round(contender: Contender): Promise<void> {
  const times = measured.get(contender.name) ?? { up: [], again: [], down: [] };
  measured.set(contender.name, times);
  times.up.push(await seconds(contender.up));
  if (contender.again !== undefined) times.again.push(await seconds(contender.again));
  times.down.push(await seconds(contender.down));
}

/** Median of the ratios round by round, which stays true when the machine's speed drifts. */
function ratio(ours: readonly number[], theirs: readonly number[]): string {
  const ratios = ours.flatMap((value, index) => {
    const other = theirs[index];
    return other === undefined ? [] : [value / other];
  });
  return ratios.length === 0 ? '-' : `${median(ratios).toFixed(2)}x`;
}

function report(contenders: readonly Contender[]): void {
  const [reference] = contenders;
  for (const measure of ['up', 'again', 'down'] as const) {
    console.log(`\n${{ up: 'cold up of 10 services', again: 'up with nothing to do', down: 'down' }[measure]}`);
    for (const { name } of contenders) {
      const times = measured.get(name)?.[measure] ?? [];
      if (times.length === 0) continue;
      const against = contenders
        .filter((other) => other.name !== name && (other === reference || other.name.startsWith('docker compose')))
        .map((other) => [other.name, ratio(times, measured.get(other.name)?.[measure] ?? [])] as const)
        .filter(([, value]) => value !== '-')
        .map(([other, value]) => `${value} ${other}`);
      console.log(`  ${name.padEnd(26)} ${median(times).toFixed(3)} s   ${against.join('   ')}`);
    }
  }
}

const folder = await mkdtemp(join(tmpdir(), 'claude-env-bench-'));
try {
  const project = await makeProject(folder);
  const compose = await peer(project);
  if (compose === undefined) console.log('docker compose is not measured: CLAUDE_ENV_PEER_COMPOSE names no binary.');
  const contenders = [
    bareCalls(engine.docker, project),
    await runningHost(project),
    ourCommand(project),
    ...(compose === undefined ? [] : [compose]),
  ];
  const info = (await engine.docker.version()) as { Version: string };
  console.log(`engine ${info.Version}, ${rounds} interleaved rounds after one that does not count`);
  for (const contender of contenders) await round(contender);
  measured.clear();
  for (let index = 0; index < rounds; index++) for (const contender of contenders) await round(contender);
  report(contenders);
  await Promise.all(contenders.map((contender) => contender.close()));
} finally {
  await engine.cleanUp();
  await rm(folder, { recursive: true, force: true });
}
