import { describe, expect, it } from 'vitest';
import { diagnose, type Symptoms } from '../../main/core/diagnose.ts';

const base: Symptoms = { state: 'exited', health: 'none', oomKilled: false, restarts: 0 };

type Row = readonly [what: string, symptoms: Partial<Symptoms>, cause: RegExp, nextStep: RegExp];

/** Engine sentences as moby 20.10 to 28 and runc write them. */
const table: readonly Row[] = [
  ['126', { exitCode: 126 }, /cannot be executed, exit code 126/, /executable/],
  ['127', { exitCode: 127 }, /command was not found, exit code 127/, /command or entrypoint/],
  ['137, out of memory', { exitCode: 137, oomKilled: true }, /more memory than it may/, /mem_limit/],
  ['137, killed', { exitCode: 137 }, /killed \(SIGKILL\), exit code 137/, /grace period/],
  ['139', { exitCode: 139 }, /segmentation fault/, /another version/],
  ['143', { exitCode: 143 }, /asked to end \(SIGTERM\)/, /Start it again/],
  ['another signal', { exitCode: 129 }, /Signal 1 ended it/, /log/],
  ['an exit code of its own', { exitCode: 3 }, /ended with exit code 3$/, /log/],
  [
    'its last line',
    { exitCode: 2, lastLines: ['starting', 'config.yaml: unknown key "prot"'] },
    /exit code 2: config\.yaml: unknown key "prot"/,
    /log/,
  ],
  [
    'a port in use inside',
    { exitCode: 1, lastLines: ['Error: listen EADDRINUSE: address already in use :::3000', '    at Server.setup'] },
    /Inside the container, the port is in use already, exit code 1/,
    /second process/,
  ],
  [
    'a dependency refused',
    { exitCode: 1, lastLines: ['connect ECONNREFUSED 172.18.0.2:5432'] },
    /not reach/,
    /healthy/,
  ],
  [
    'a heap of its own',
    { exitCode: 134, lastLines: ['FATAL ERROR: JavaScript heap out of memory'] },
    /SIGABRT/,
    /memory/,
  ],
  [
    'port taken on the host',
    {
      state: 'created',
      error:
        'driver failed programming external connectivity on endpoint shop-web-1 (0b1c): Bind for 0.0.0.0:8080 failed: port is already allocated',
    },
    /Port 0\.0\.0\.0:8080 is in use/,
    /publish another one/,
  ],
  [
    'port taken by a process',
    {
      state: 'created',
      error:
        'driver failed programming external connectivity on endpoint x (1f): Error starting userland proxy: listen tcp4 127.0.0.1:3001: bind: address already in use',
    },
    /Port 127\.0\.0\.1:3001 is in use/,
    /Stop what holds/,
  ],
  [
    'missing folder',
    { state: 'created', error: 'invalid mount config for type "bind": bind source path does not exist: /home/me/none' },
    /folder \/home\/me\/none .* does not exist/,
    /Create it/,
  ],
  [
    'file over folder',
    {
      state: 'created',
      error:
        'OCI runtime create failed: runc create failed: error mounting "/srv/app.conf" to rootfs at "/etc/app.conf": not a directory: unknown: Are you trying to mount a directory onto a file (or vice-versa)?',
    },
    /Cannot mount \/srv\/app\.conf: one side is a file/,
    /both a file or both a folder/,
  ],
  [
    'wrong processor',
    { state: 'created', error: 'exec /usr/bin/app: exec format error' },
    /another kind of processor/,
    /platform/,
  ],
  [
    'no such program',
    {
      state: 'created',
      error:
        'OCI runtime create failed: runc create failed: unable to start container process: exec: "serve": executable file not found in $PATH: unknown',
    },
    /no program "serve"/,
    /command or entrypoint/,
  ],
  [
    'not executable',
    { state: 'created', error: 'unable to start container process: exec: "/run.sh": permission denied: unknown' },
    /"\/run\.sh" may not be executed/,
    /chmod \+x/,
  ],
  [
    'network gone',
    { state: 'exited', error: 'network 0123456789abcdef0123 not found' },
    /network 0123456789ab is gone/,
    /Redeploy/,
  ],
  [
    'disk full',
    { state: 'created', error: 'write /var/lib/docker/x: no space left on device' },
    /disk is full/,
    /space/,
  ],
  ['anything else', { state: 'created', error: 'the moon is in the way' }, /could not start it: the moon/, /Correct/],
  [
    'unhealthy with words',
    { state: 'running', health: 'unhealthy', healthOutput: 'checking\ncurl: (7) Failed to connect to localhost\n' },
    /health check fails: curl: \(7\)/,
    /log/,
  ],
  ['unhealthy without words', { state: 'running', health: 'unhealthy' }, /health check fails$/, /log/],
  [
    'crash loop',
    { state: 'restarting', exitCode: 127, restarts: 5 },
    /again and again \(5 restarts\)\. Its command was not found/,
    /command or entrypoint/,
  ],
  [
    'a loop that ends well',
    { state: 'restarting', exitCode: 0, restarts: 1 },
    /\(1 restart\)\..*without an error/,
    /keep running/,
  ],
  ['paused', { state: 'paused' }, /paused/, /unpause/],
  ['dead', { state: 'dead' }, /could not remove/, /Redeploy/],
];

describe('cause and next step', () => {
  it.each(table)('%s', (_, symptoms, cause, nextStep) => {
    const diagnosis = diagnose({ ...base, ...symptoms });
    expect(diagnosis?.cause).toMatch(cause);
    expect(diagnosis?.nextStep).toMatch(nextStep);
  });

  it.each([
    ['running', { state: 'running' }],
    ['healthy', { state: 'running', health: 'healthy' }],
    ['starting', { state: 'running', health: 'starting' }],
    ['ended as it should', { state: 'exited', exitCode: 0 }],
    ['a start that succeeded in spite of an earlier error', { state: 'running', error: 'port is already allocated' }],
  ] as const)('nothing for %s', (_, symptoms) => {
    expect(diagnose({ ...base, ...symptoms })).toBeUndefined();
  });

  it('stays short whatever a container prints', () => {
    const diagnosis = diagnose({ ...base, exitCode: 1, lastLines: ['x'.repeat(100_000)] });
    expect(diagnosis?.cause.length).toBeLessThan(400);
    const engine = diagnose({ ...base, state: 'created', error: 'y'.repeat(100_000) });
    expect(engine?.cause.length).toBeLessThan(400);
  });
});
