import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { testEngine } from '../support/engine.ts';
import { cli } from './contenders.ts';
import { median, printFigures } from './report.ts';

/*
 * `node swarm.ts [--rounds N] [--check]`, inside the network of a test engine: a Swarm of one node, ten services, ours beside
 * `docker stack deploy --detach=false` (CLI 28.5.2), which watches services one after the other, 5 s each (must-show 3 of issue 5).
 */
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '1' }, check: { type: 'boolean', default: false } },
});
const run = promisify(execFile);
const engine = testEngine();
const docker = process.env.CLAUDE_ENV_PEER_DOCKER;
const services = Array.from({ length: 10 }, (_, index) => `s${index}`);
const folder = await mkdtemp(join(tmpdir(), 'claude-env-bench-swarm-'));
const file = join(folder, 'stack.yaml');
// `docker stack deploy` refuses a file without a version on some releases.
const service = (name: string): string =>
  `  ${name}: {image: ${engine.base}, command: [sleep, infinity], init: true, stop_grace_period: 1s}`;
await writeFile(file, `version: "3.8"\nservices:\n${services.map(service).join('\n')}\n`);

const timed = async (act: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await act();
  return (performance.now() - start) / 1000;
};
const ours = (...words: readonly string[]) => run(process.execPath, [cli, 'stack', ...words, '-f', file]);
const theirs = (...words: readonly string[]) => run(docker ?? 'docker', ['stack', ...words]);

const address = { AdvertiseAddr: '127.0.0.1', ListenAddr: '127.0.0.1:2377' };
const { say, fail, good } = printFigures();

await engine.docker.swarmInit(address);
try {
  const times = { cold: [] as number[], again: [] as number[], theirCold: [] as number[], theirAgain: [] as number[] };
  for (let round = 0; round < Number(values.rounds); round += 1) {
    times.cold.push(await timed(() => ours('deploy', 'bench')));
    times.again.push(await timed(() => ours('deploy', 'bench')));
    await ours('rm', 'bench');
    if (docker === undefined) continue;
    const deploy = ['deploy', '--detach=false', '--resolve-image', 'never', '-c', file, 'bench'];
    times.theirCold.push(await timed(() => theirs(...deploy)));
    times.theirAgain.push(await timed(() => theirs(...deploy)));
    await ours('rm', 'bench');
  }
  console.log('\nstack of 10 services on a Swarm, until converged');
  say('claude-env stack deploy', median(times.cold), undefined, 's');
  say('the same with nothing changed', median(times.again) * 1000, undefined, 'ms');
  if (docker === undefined) {
    fail('SKIPPED: no docker CLI in CLAUDE_ENV_PEER_DOCKER, so nothing can be said about ratios to it.');
  } else {
    say('docker stack deploy --detach=false', median(times.theirCold), undefined, 's');
    say('the same with nothing changed', median(times.theirAgain), undefined, 's');
    say('ours to docker’s, deploy', (100 * median(times.cold)) / median(times.theirCold), 25, '%');
    say('ours to docker’s, nothing changed', (100 * median(times.again)) / median(times.theirAgain), 2, '%');
  }
} finally {
  await engine.docker.swarmLeave({ force: true });
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = good() || !values.check ? 0 : 1;
