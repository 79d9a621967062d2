import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Connection, createConnection } from '../../../main/docker/connection.ts';
import { sshArguments } from '../../../main/docker/ssh-dial.ts';
import type { EngineState } from '../../../preload/contract/model.ts';
import { createManualClock, type ManualClock } from './clock.ts';
import { createFakeEngine, type FakeEngine } from './fake-engine.ts';

/*
 * An `ssh` of our own comes first on the PATH: it carries the connection to a socket as `docker system dial-stdio` does,
 * or says what the real one says when it cannot.
 */

const relay = `
import { connect } from 'node:net';
const socket = connect(process.argv[2]);
process.stdin.pipe(socket);
socket.pipe(process.stdout);
socket.on('error', () => {});
socket.on('close', () => process.exit());
`;

let directory: string;
let fake: FakeEngine;
let clock: ManualClock;
let connection: Connection;
const { PATH } = process.env;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'claude-env-ssh-'));
  process.env.PATH = `${directory}:${PATH}`;
  fake = await createFakeEngine();
  await fake.listen();
  clock = createManualClock();
  connection = createConnection({
    engine: {
      id: 'context:far',
      title: 'far',
      address: 'ssh://ann@far',
      source: 'test',
      configured: true,
      endpoint: { kind: 'ssh', user: 'ann', host: 'far', port: 2222 },
    },
    host: { readText: async () => undefined, platform: 'linux' },
    clock,
  });
});
afterEach(async () => {
  connection.close();
  process.env.PATH = PATH;
  await fake.remove();
  await rm(directory, { recursive: true, force: true });
});

async function installSsh(lines: string): Promise<void> {
  const path = join(directory, 'ssh');
  await writeFile(path, `#!/bin/sh\n${lines}\n`);
  await chmod(path, 0o755);
}

const until = (kind: EngineState['kind']): Promise<EngineState> =>
  new Promise((resolve) => {
    connection.onState((state) => state.kind === kind && resolve(state));
    if (connection.state().kind === kind) resolve(connection.state());
  });

describe.skipIf(process.platform === 'win32')('through ssh', () => {
  test('calls and events travel through processes that end with the connection', async () => {
    await writeFile(join(directory, 'relay.mjs'), relay);
    const log = join(directory, 'log');
    await installSsh(`echo "$@" >>'${log}'; exec '${process.execPath}' '${directory}/relay.mjs' '${fake.path}'`);
    connection.start();
    await until('connected');
    const list = () => connection.call('Listing', (docker, signal) => docker.listContainers({ abortSignal: signal }));
    expect(await list()).toEqual([]);
    const event = new Promise((resolve) =>
      connection.watch((signal) => signal.kind === 'event' && resolve(signal.event.action)),
    );
    fake.send({ Type: 'image', Action: 'pull', Actor: { ID: 'x' } });
    expect(await event).toBe('pull');
    const started = (await readFile(log, 'utf8')).trim().split('\n');
    expect(started[0]).toBe(sshArguments({ kind: 'ssh', user: 'ann', host: 'far', port: 2222 }).join(' '));
    // One for the event stream, at most two at a time for the calls: idle ones are used again.
    expect(started.length).toBeLessThanOrEqual(3);
    clock.advance(5000);
    await fake.stop();
    await until('unreachable');
  });

  test.each([
    ['ann@far: Permission denied (publickey).', /Permission denied \(publickey\)/, /ssh-add/],
    ['Host key verification failed.', /Host key verification failed/, /accept the host’s key/],
    ['ssh: Could not resolve hostname far: Name or service not known', /resolve hostname far/, /docker context/],
    ['bash: line 1: docker: command not found', /docker: command not found/, /Install the docker command/],
  ])('its own words: %s', async (words, message, hint) => {
    await installSsh(`echo 'Warning: something before' >&2; echo '${words}' >&2; exit 255`);
    connection.start();
    expect(await until('unreachable')).toMatchObject({
      error: {
        code: 'engine.unreachable',
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
        detail: expect.stringContaining('something before'),
      },
    });
  });

  test('a refused login is not tried again by itself', async () => {
    await installSsh("echo 'ann@far: Permission denied (publickey).' >&2; exit 255");
    connection.start();
    await until('unreachable');
    await clock.waiting(2 ** 31 - 1);
    expect(clock.asked).not.toContain(250);
  });

  test('no ssh on this machine', async () => {
    process.env.PATH = directory;
    connection.start();
    expect(await until('unreachable')).toMatchObject({ error: { hint: expect.stringMatching(/OpenSSH/) } });
  });
});

test('options end before the host', () => {
  const list = sshArguments({ kind: 'ssh', host: 'far', path: '/run/user/1000/docker.sock' });
  expect(list.slice(list.indexOf('--'))).toEqual([
    '--',
    'far',
    'docker',
    '--host',
    'unix:///run/user/1000/docker.sock',
    'system',
    'dial-stdio',
  ]);
});
