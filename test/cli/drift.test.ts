import { once } from 'node:events';
import { mkdir, rename } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Drift } from '../../preload/contract/model.ts';
import { peerBinary } from '../core/compose/support/live-peer.ts';
import { createWorkbench, engineContents, type Workbench } from './support.ts';

/* What stands in the way, what has drifted, and a file that was moved: in the terminal, on a real engine. */

let bench: Workbench;
beforeAll(async () => {
  bench = await createWorkbench();
});
afterAll(() => bench.remove());

const errorOf = (stdout: string): { code: string; diagnostics: { rule: string; where?: { line: number } }[] } =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .find(({ error }) => error !== undefined).error;

describe('before anything is changed', () => {
  it('everything in the way is said at once, with file, line and column; nothing is made; exit code 4', async () => {
    const server = createServer().listen(0, '0.0.0.0');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const name = bench.engine.uniqueName('inway').toLowerCase();
    const file = await bench.file(
      'inway/compose.yaml',
      [
        `name: ${name}`,
        'services:',
        '  web:',
        `    image: ${bench.engine.base}`,
        `    ports: ["${port}:80"]`,
        '    volumes:',
        '      - type: bind',
        '        source: ./missing',
        '        target: /missing',
        '        bind: {create_host_path: false}',
        '    secrets: [key]',
        '  never:',
        '    image: claude-env.invalid/none:1',
        '    pull_policy: never',
        '  other:',
        `    image: ${bench.engine.base}`,
        '    runtime: there-is-none',
        '    networks: [edge]',
        'networks:',
        `  edge: {external: true, name: ${name}-edge}`,
        'secrets:',
        '  key: {file: ./key.txt}',
        '',
      ].join('\n'),
    );
    try {
      const before = await engineContents(bench.engine);
      const { code, stdout } = await bench.run(['-f', file, 'up', '--json']);
      expect(code).toBe(4);
      const { diagnostics } = errorOf(stdout);
      const local = process.env.CLAUDE_ENV_TEST_ENGINE_CTL !== undefined;
      const found = diagnostics.map(({ rule, where }) => `${where?.line} ${rule}`);
      expect(found).toEqual(
        expect.arrayContaining(['14 image-missing', '17 unknown-runtime', '20 external-network-missing']),
      );
      // Files and ports of this machine are the engine's where the tests have started it.
      if (local)
        expect(found).toEqual(
          expect.arrayContaining(['8 bind-source-missing', '22 secret-file-missing', '5 port-taken']),
        );
      expect(await engineContents(bench.engine)).toEqual(before);
      const text = await bench.run(['-f', file, 'plan']);
      expect(text.code).toBe(4);
      expect(text.stdout).toContain(`${file}:17:5`);
    } finally {
      server.close();
    }
  });
});

describe.skipIf(peerBinary() === undefined)('a project that docker compose 2.40.3 started', () => {
  const inspect = async (args: readonly string[]): Promise<{ code: number | null; drift: Drift }> => {
    const { code, stdout, stderr } = await bench.run([...args, '--json']);
    if (stdout === '') throw new Error(stderr);
    return { code, drift: JSON.parse(stdout) };
  };

  it('has not drifted; a changed key is named; a moved file is missed, found again, and remembered', async () => {
    const name = bench.engine.uniqueName('peer').toLowerCase();
    const text = (level: string) =>
      `name: ${name}\nservices:\n  web:\n    image: ${bench.engine.base}\n    command: sleep 600\n    init: true\n    environment:\n      LOG_LEVEL: ${level}\n`;
    const file = await bench.file('peer/compose.yaml', text('info'));
    const up = await bench.peer(peerBinary() ?? '', ['-f', file, 'up', '-d']);
    expect(up.code, up.stderr).toBe(0);
    try {
      // By its labels alone: nobody has told this program of the file.
      expect(await inspect(['drift', '-p', name])).toMatchObject({ code: 0, drift: { items: [], files: [file] } });

      await bench.file('peer/compose.yaml', text('debug'));
      const changed = await inspect(['drift', '-p', name]);
      expect(changed.code).toBe(1);
      expect(changed.drift.items).toMatchObject([
        { name: 'web', key: 'environment.LOG_LEVEL', file: 'debug', engine: 'info', where: { file, line: 8 } },
      ]);
      const plan = await bench.run(['plan', '-p', name]);
      expect(plan.stdout).toContain('environment.LOG_LEVEL info → debug');

      await mkdir(join(bench.folder, 'moved'));
      const moved = join(bench.folder, 'moved', 'compose.yaml');
      await rename(file, moved);
      expect((await inspect(['drift', '-p', name])).drift.items).toMatchObject([
        { key: 'config_files', change: 'missing', engine: file },
      ]);
      const lost = await bench.run(['up', '-p', name]);
      expect([lost.code, lost.stderr.includes('locate -p')]).toEqual([4, true]);

      expect(await bench.run(['locate', '-p', name, 'moved/compose.yaml'])).toMatchObject({ code: 0 });
      const again = await inspect(['drift', '-p', name, 'web']);
      expect(again.drift).toMatchObject({ files: [moved], items: [{ key: 'environment.LOG_LEVEL' }] });
      expect(await bench.run(['up', '-p', name])).toMatchObject({ code: 0 });
      expect(await inspect(['drift', '-p', name])).toMatchObject({ code: 0, drift: { items: [] } });
    } finally {
      expect(await bench.run(['down', '-p', name, '-t', '1'])).toMatchObject({ code: 0 });
    }
  });
});
