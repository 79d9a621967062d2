import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { type App, createApp } from '../../main/hosts/shared/create-app.ts';
import { spyOnEngine } from '../support/engine-spy.ts';
import { type LabNode, startSwarmLab } from '../support/swarm-lab.ts';
import { cli } from './contenders.ts';
import { printFigures } from './report.ts';

/*
 * `node swarm-size.ts [--check] [--seconds N] [--sizes 10,50,100]`, as root: a Swarm of three engines, and what a larger stack and more people cost its
 * manager (must-show 3 of issue 5): calls of a deploy of 10, 50 and 100 services, and the manager's time while twelve apps are
 * open at it.
 */
const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '60' },
    sizes: { type: 'string', default: '10,50,100' },
  },
});
const run = promisify(execFile);
const { say, good } = printFigures();
const apps = 12;

const service = (name: string): string =>
  `  ${name}: {image: claude-env/base, command: [sleep, infinity], init: true, stop_grace_period: 1s}`;
const compose = (count: number): string =>
  `services:\n${Array.from({ length: count }, (_, at) => service(`s${at}`)).join('\n')}\n`;

/** How many requests a command makes of its engine, and how long it takes. */
async function callsOf(node: LabNode, words: readonly string[]): Promise<{ calls: number; seconds: number }> {
  const spy = await spyOnEngine(node.socket);
  const begun = performance.now();
  try {
    const env = { ...process.env, DOCKER_HOST: spy.address, CLAUDE_ENV_ENGINES: 'named' };
    await run(process.execPath, [cli, 'stack', ...words], { env });
    return { calls: spy.heads().match(/^[A-Z]+ \//gm)?.length ?? 0, seconds: (performance.now() - begun) / 1000 };
  } finally {
    await spy.close();
  }
}

/** Seconds that a machine's engine has computed, containerd's included (fields 14 and 15 of proc(5), in hundredths). */
async function engineSeconds({ dir }: LabNode): Promise<number> {
  let ticks = 0;
  for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
    if (!/^(dockerd|containerd)$/.test((await read('comm')).trim()) || !(await read('cmdline')).includes(`${dir}/`))
      continue;
    const stat = await read('stat');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  if (ticks === 0) throw new Error(`no engine below ${dir}`);
  return ticks / 100;
}
/** Percent of a core. */
async function shareOf(node: LabNode, seconds: number): Promise<number> {
  const before = await engineSeconds(node);
  await pause(seconds * 1000);
  return (100 * ((await engineSeconds(node)) - before)) / seconds;
}

/** An app as somebody has it open on a machine of his own, on its Team page. */
async function openApp(node: LabNode, folder: string): Promise<App> {
  await mkdir(join(folder, 'state'), { recursive: true, mode: 0o700 });
  const own = { DOCKER_HOST: `unix://${node.socket}`, DOCKER_CONFIG: folder, CLAUDE_ENV_STATE: join(folder, 'state') };
  Object.assign(process.env, { ...own, CLAUDE_ENV_ENGINES: 'named' });
  const app = await createApp({ host: 'web', version: 'bench' });
  await app.services.live.ready();
  const { engine } = await app.services.team.view({});
  await new Promise<void>((resolve, reject) => {
    app.services.swarmLive
      .follow(
        engine,
        (frame) => {
          if (frame.kind === 'patches' && frame.patches.some(({ op }) => op === 'put-service')) resolve();
        },
        new AbortController().signal,
      )
      .catch(reject);
  });
  return app;
}

const lab = await startSwarmLab({ nodes: 3 });
const opened: App[] = [];
try {
  await lab.form();
  const manager = lab.node(1);
  const root = join(manager.dir, 'bench');
  await mkdir(join(root, 'state'), { recursive: true, mode: 0o700 });
  process.env.CLAUDE_ENV_STATE = join(root, 'state');
  const seconds = Number(values.seconds);

  const measure = async (count: number) => {
    const file = join(root, 'stack.yaml');
    await writeFile(file, compose(count));
    const words = ['deploy', 'size', '-f', file, '--resolve-image', 'never'];
    const first = await callsOf(manager, words);
    const again = await callsOf(manager, words);
    console.log(
      `  ${count} services: ${first.calls} calls and ${first.seconds.toFixed(0)} s until converged, ` +
        `${again.calls} calls and ${again.seconds.toFixed(1)} s with nothing changed`,
    );
    return { first: first.calls / count, again: again.calls };
  };
  const remove = () => callsOf(manager, ['rm', 'size']);

  console.log('\nstack on a Swarm of three engines: requests to its manager');
  const [smallest = 10, ...larger] = values.sizes.split(',').map(Number);
  const base = await measure(smallest);
  const idle = await shareOf(manager, seconds);
  for (let number = 1; number <= apps; number += 1) opened.push(await openApp(manager, join(root, `app${number}`)));
  const watched = await shareOf(manager, seconds);
  for (const app of opened.splice(0)) await app.close();
  const limit = Number(base.first.toFixed(2));
  say(`calls a service, ${smallest} services`, base.first, undefined, '');
  for (const size of larger) {
    await remove();
    const { first, again } = await measure(size);
    say(`calls a service, ${size} services`, first, limit, '');
    say(`calls with nothing changed, to those of ${smallest}`, again / base.again, size / smallest, 'x');
  }

  console.log(`\n${apps} open apps at one manager, ${smallest} services that run`);
  say('of a core, its engine without them', idle, undefined, '%');
  say('of a core, with them', watched, undefined, '%');
  say('of a core, what they cost', Math.max(0, watched - idle), 2, '%');
} finally {
  await Promise.all(opened.map((app) => app.close()));
  await lab.down();
}
process.exit(good() || !values.check ? 0 : 1);
