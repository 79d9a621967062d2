import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { hasSecretService } from '../support/secret-service.ts';
import { deskWithKeyring } from './keyring.ts';

const desk = deskWithKeyring();

/** What asks the Secret Service for values on the bus, from now on; `stop` answers with how often that was done. */
async function watchBus() {
  const monitor = spawn('dbus-monitor', ['--session', "type='method_call',path_namespace='/org/freedesktop/secrets'"], {
    env: { ...process.env, ...desk.keyring.environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const calls: string[] = [];
  const lines = createInterface({ input: monitor.stdout });
  lines.on('line', (line) => {
    const member = /^method call .* member=(\w+)/.exec(line)?.[1];
    if (member !== undefined) calls.push(member);
  });
  // The monitor's own words: it listens.
  await once(lines, 'line');
  return async (): Promise<number> => {
    // A call of ours that it has to see after everything else.
    await desk.run(['secret', 'rm', 'NOTHING']);
    while (!calls.includes('SearchItems')) await once(lines, 'line');
    monitor.kill();
    await once(monitor, 'exit');
    return calls.filter((call) => call === 'GetSecrets' || call === 'GetSecret').length;
  };
}

describe.runIf(hasSecretService)('in one deploy', () => {
  it('the keychain is asked once for each value, however many services get it', async () => {
    const names = ['ONE', 'TWO', 'THREE'];
    const { bench } = desk;
    for (const name of names) expect((await desk.setSecret(`value of ${name}`, name)).code).toBe(0);
    const project = bench.engine.uniqueName('once');
    const services = Array.from(
      { length: 5 },
      (_, index) => `  s${index}:
    image: ${bench.engine.base}
    command: [sleep, infinity]
    init: true
    stop_grace_period: 0s
    environment: {ONE: "\${ONE}", BOTH: "\${ONE} and \${TWO}"}
    secrets: [one, three]
`,
    );
    const file = await bench.file(
      `${project}/compose.yaml`,
      `name: ${project}\nservices:\n${services.join('')}secrets:\n  one: {environment: ONE}\n  three: {environment: THREE}\n`,
    );
    const count = await watchBus();
    const up = await desk.run(['-f', file, 'up', '--yes']);
    expect(up, up.stderr).toMatchObject({ code: 0 });
    expect(await count()).toBe(names.length);

    const inside = await desk.run([
      ...['--file', file, 'exec', '-T', 's4'],
      ...['sh', '-c', 'echo "$BOTH, $(cat /run/secrets/three)"'],
    ]);
    expect(inside.stdout.trim()).toBe('value of ONE and value of TWO, value of THREE');
  });
});
