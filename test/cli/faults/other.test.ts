import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { containersOf } from '../support.ts';
import { describeMoment, type EngineMoment, type Moment, startUntil } from './moments.ts';
import { sh } from './picture.ts';
import { bringUp } from './rounds.ts';
import { createStand, type Stand } from './stand.ts';

/* `down`, `restart` and `scale` that are killed, `up` that is cancelled, and starts that fail: the next `up` mends all of it. */

let stand: Stand;
beforeAll(async () => {
  stand = await createStand();
  await bringUp(stand);
});
afterAll(() => stand.close());

const at = (event: EngineMoment, count = 1): Moment => ({ event, count });
const on = (...args: string[]) => stand.bench.run(['-f', stand.file, ...args]);
const own = () => containersOf(stand.bench.engine, stand.project);

/** Starts the command and sends it the signal at the moment. */
async function interrupted(moment: Moment, signal: NodeJS.Signals, ...args: string[]) {
  const { bench, project } = stand;
  const running = await startUntil(bench.engine, project, moment, () => bench.start(['-f', stand.file, ...args]));
  const hit = running.child.exitCode === null && running.child.kill(signal);
  const { code, stderr } = await running.finished;
  expect(hit, `${args.join(' ')}, ${describeMoment(moment)}: there was something to interrupt`).toBe(true);
  return { code, stderr };
}

async function expectUpMendsIt(what: string): Promise<void> {
  const { code, stdout, stderr } = await stand.bench.run(stand.upArguments);
  expect({ code, said: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, said: '' });
  await stand.expectConverged(what);
}

describe('killed', () => {
  it('down at its first moments: up brings everything back', async () => {
    await interrupted(at('destroy'), 'SIGKILL', 'down', '--yes');
    await bringUp(stand);
    await stand.expectConverged('down');
  });

  it('down at its last moments: the next down leaves nothing', async () => {
    await interrupted(at('destroy', 4), 'SIGKILL', 'down', '--yes');
    expect(await on('down', '--yes', '--volumes')).toMatchObject({ code: 0 });
    const { docker } = stand.bench.engine;
    const filters = { label: [`com.docker.compose.project=${stand.project}`] };
    expect(await own()).toEqual([]);
    expect(await docker.listNetworks({ filters })).toEqual([]);
    expect((await docker.listVolumes({ filters })).Volumes).toEqual([]);
    await bringUp(stand);
  });

  it('down, while a service takes its time to stop: the up that follows at once waits for it, and starts it again', async () => {
    const { bench } = stand;
    const project = bench.engine.uniqueName('slow');
    const file = await bench.file(
      'slow/compose.yaml',
      `name: ${project}
services:
  web:
    image: ${bench.engine.base}
    command: [sh, -c, "trap '' TERM; while :; do sleep 1; done"]
    stop_grace_period: 4s
`,
    );
    expect(await bench.run(['-f', file, 'up'])).toMatchObject({ code: 0 });
    const down = await startUntil(bench.engine, project, at('kill'), () => bench.start(['-f', file, 'down']));
    down.child.kill('SIGKILL');
    await down.finished;
    expect(await bench.run(['-f', file, 'up'])).toMatchObject({ code: 0 });
    const { State } = await bench.engine.docker.getContainer(`${project}-web-1`).inspect();
    expect(State).toMatchObject({ Running: true, ExitCode: 0 });
    // It has died of that stop already, so it will not die of it later.
    expect(Date.parse(State.FinishedAt)).toBeGreaterThan(0);
    expect(await bench.run(['-f', file, 'down', '--timeout', '0'])).toMatchObject({ code: 0 });
  });

  it('restart', async () => {
    await interrupted(at('die', 2), 'SIGKILL', 'restart');
    await expectUpMendsIt('restart');
  });

  it('scale', async () => {
    await interrupted(at('create'), 'SIGKILL', 'scale', 'worker=4');
    await expectUpMendsIt('scale');
  });
});

describe('cancelled with Ctrl-C', () => {
  it.for(['die', 'rename', 'exec_start: sh'] as const)('up at its first %s', async (event) => {
    await stand.write({ release: stand.edition().release + 1 });
    const { code, stderr } = await interrupted(at(event), 'SIGINT', 'up', '--yes');
    expect({ code, stderr }).toMatchObject({ code: 5, stderr: expect.not.stringContaining('internal') });
    await expectUpMendsIt(`cancelled at ${event}`);
  });
});

describe('a start that fails', () => {
  let server: Server | undefined;
  afterEach(async () => {
    await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
    server = undefined;
  });

  it('because the port was taken after the plan was made: said with its holder, and mended when it is free', async () => {
    const { bench, project } = stand;
    await stand.write({ release: stand.edition().release + 1 });
    const running = await startUntil(bench.engine, project, at('destroy'), () => bench.start(stand.upArguments));
    // Its old container gives the port back in the middle of the plan, and this takes it before the new one starts.
    const port = Number(/127\.0\.0\.1:(\d+):80/.exec(await sourceOf(stand))?.[1]);
    server = await listenWhenFree(port);
    const { code, stdout, stderr } = await running.finished;
    expect({ code, said: stdout + stderr }).toMatchObject({
      code: 1,
      said: expect.stringMatching(RegExp(`port ${port} is held by process .*(pid ${process.pid})`)),
    });
    await new Promise((resolve) => server?.close(resolve));
    server = undefined;
    await expectUpMendsIt('port taken in the middle');
  });

  it('because a container of somebody else has the name: nothing is touched before that is said', async () => {
    const { docker, base } = stand.bench.engine;
    await stand.write({ workers: 2 });
    await expectUpMendsIt('before the name is taken');
    const name = `${stand.project}-worker-3`;
    const foreign = await docker.createContainer({ name, Image: base, Cmd: ['true'] });
    const before = (await own()).map(({ Id, State }) => `${Id} ${State}`).sort();
    await stand.write({ workers: 3, release: stand.edition().release + 1 });
    const { code, stdout, stderr } = await stand.bench.run(stand.upArguments);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain(`the name ${name} is taken by a container that compose did not make`);
    expect((await own()).map(({ Id, State }) => `${Id} ${State}`).sort()).toEqual(before);
    await foreign.remove();
    await expectUpMendsIt('the name is free again');
  });

  it('because a hook fails: said, and the next up runs the hook again', async () => {
    const { bench, project } = stand;
    await stand.write({ release: stand.edition().release + 1 });
    const text = await sourceOf(stand);
    await bench.file('stand/compose.yaml', text.replace('sleep 1; echo', 'test -f /tmp/allowed && echo'));
    const first = await bench.run(stand.upArguments);
    expect(first.code).toBe(1);
    expect(first.stdout + first.stderr).toMatch(/hook/i);
    await sh(bench.engine.docker.getContainer(`${project}-front`), 'touch /tmp/allowed');
    await expectUpMendsIt('the hook may succeed');
    await stand.write({});
    await expectUpMendsIt('the hook is the usual one again');
  });
});

describe('what others did to the networks', () => {
  const names = async () => {
    const filters = { label: [`com.docker.compose.project=${stand.project}`] };
    return (await stand.bench.engine.docker.listNetworks({ filters })).map(({ Name }) => Name).sort();
  };

  it('a second network of one name, which two racing ups can make: one is left, and everything runs in it', async () => {
    const { docker } = stand.bench.engine;
    const name = `${stand.project}_back`;
    const { Labels } = await docker.getNetwork(name).inspect();
    await docker.createNetwork({ Name: name, CheckDuplicate: false, Labels });
    expect((await names()).filter((one) => one === name)).toHaveLength(2);
    await expectUpMendsIt('two networks of one name');
  });

  it('a container of somebody else in a network that changed: said before anything is stopped', async () => {
    const { docker, base } = stand.bench.engine;
    const network = `${stand.project}_back`;
    const guest = await docker.createContainer({
      name: stand.bench.engine.uniqueName('guest'),
      Image: base,
      Cmd: ['sleep', 'infinity'],
      HostConfig: { NetworkMode: network, Init: true },
    });
    await guest.start();
    const before = (await own()).map(({ Id, State }) => `${Id} ${State}`).sort();
    await stand.write({ network: `${stand.edition().network}g` });
    const { code, stdout, stderr } = await stand.bench.run(stand.upArguments);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(/containers of others are connected to it: cet\w+-guest/);
    expect((await own()).map(({ Id, State }) => `${Id} ${State}`).sort()).toEqual(before);
    await guest.remove({ force: true });
    await expectUpMendsIt('the guest has gone');
  });
});

const sourceOf = ({ file }: Stand): Promise<string> => readFile(file, 'utf8');

/** Tries at every event of the loop: the port is free for an instant only. */
function listenWhenFree(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const attempt = () => {
      const server = createServer();
      server.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'EADDRINUSE') setImmediate(attempt);
        else reject(error);
      });
      server.listen(port, '127.0.0.1', () => resolve(server));
    };
    attempt();
  });
}
