import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import tar from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SwarmLab, startSwarmLab } from '../support/swarm-lab.ts';
import { createSwarmStand, type StackPlace, type SwarmStand } from '../support/swarm-stand.ts';

/*
 * Must-show 3 of issue 4: postgres with POSTGRES_PASSWORD_FILE on a Swarm of two machines. The image stands in for
 * postgres:15-alpine: Debian's postgresql, and a start that takes the password from its file as that image does. Connections
 * come from the other machine all the while, and each is written down.
 */

const image = 'postgres:15-alpine';
const start = `#!/bin/bash
set -e
bin=$(ls -d /usr/lib/postgresql/*/bin)
password=$(cat "$POSTGRES_PASSWORD_FILE")
if [ \${#password} -lt 8 ]; then echo "FATAL: the password is too short"; exit 1; fi
mkdir -p "$PGDATA"; chown postgres "$PGDATA"; chmod 700 "$PGDATA"
as() { setpriv --reuid=postgres --regid=postgres --init-groups "$@"; }
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  as "$bin/initdb" -D "$PGDATA" --auth-local=trust --auth-host=scram-sha-256 >/dev/null
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
fi
echo "ALTER ROLE postgres PASSWORD '$password';" | as "$bin/postgres" --single -D "$PGDATA" postgres >/dev/null
exec setpriv --reuid=postgres --regid=postgres --init-groups "$bin/postgres" -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/tmp
`;
const dockerfile = `FROM claude-env/base
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql postgresql-client >/dev/null
COPY start /start
ENV PGDATA=/var/lib/postgresql/data
CMD ["bash", "/start"]
`;
/** Connects five times a second, with the first password that works: the old one, or the new one. */
const prober = `while :; do
  at=$(date +%s%3N); ok=no
  for password in $PASSWORDS; do
    if PGPASSWORD=$password PGCONNECT_TIMEOUT=2 psql -h db -U postgres -Atc 'select 1' >/dev/null 2>&1; then ok=$password; break; fi
  done
  echo "$at $ok"; sleep 0.2
done`;

const file = `
services:
  db:
    image: ${image}
    environment: {POSTGRES_PASSWORD_FILE: /run/secrets/password}
    secrets: [password]
    volumes: ["data:/var/lib/postgresql/data"]
    stop_signal: SIGINT
    healthcheck: {test: ["CMD", "psql", "-h", "/tmp", "-U", "postgres", "-c", "select 1"], interval: 1s, start_period: 30s}
    deploy:
      endpoint_mode: dnsrr
      placement: {constraints: [node.role == manager]}
      restart_policy: {delay: 1s}
      update_config: {monitor: 2s}
      rollback_config: {monitor: 2s}
networks: {default: {attachable: true}}
volumes: {data: {}}
secrets: {password: {file: ./password.txt}}
`;

let lab: SwarmLab;
let stand: SwarmStand;
let place: StackPlace;

beforeAll(async () => {
  lab = await startSwarmLab({ nodes: 2 });
  await lab.form();
  const context = tar.pack();
  context.entry({ name: 'Dockerfile' }, dockerfile);
  context.entry({ name: 'start' }, start);
  context.finalize();
  const [one, two] = [lab.node(1).docker, lab.node(2).docker];
  const build = await one.buildImage(context, { t: image, networkmode: 'host' });
  await new Promise<void>((resolve, reject) => {
    one.modem.followProgress(build, (error, lines: readonly { readonly error?: string }[]) => {
      const failed = error?.message ?? lines.find((line) => line.error !== undefined)?.error;
      if (failed === undefined) resolve();
      else reject(new Error(failed));
    });
  });
  const loaded = await two.loadImage(await one.getImage(image).get());
  await new Promise((resolve) => two.modem.followProgress(loaded, resolve));
  stand = await createSwarmStand(lab.node(1));
  place = await stand.put('pg', { 'compose.yaml': file, 'password.txt': 'first-password' });
});
afterAll(async () => {
  await stand?.close();
  await lab?.down();
});

interface Attempt {
  readonly at: number;
  readonly password: string | undefined;
}

/** What the other machine saw while `act` ran, and for two seconds around it. */
async function probe(passwords: readonly string[], act: () => Promise<unknown>): Promise<readonly Attempt[]> {
  const { docker } = lab.node(2);
  const container = await docker.createContainer({
    Image: image,
    Cmd: ['bash', '-c', prober],
    Env: [`PASSWORDS=${passwords.join(' ')}`],
    HostConfig: { NetworkMode: 'pg_default', Init: true },
  });
  await container.start();
  const attempts = async (): Promise<readonly Attempt[]> => {
    const log = await container.logs({ stdout: true, stderr: true });
    return [...log.toString('latin1').matchAll(/(\d{13}) (\S+)/g)].map(([, at, password]) => ({
      at: Number(at),
      password: password === 'no' ? undefined : password,
    }));
  };
  const succeeded = async (after: number): Promise<void> => {
    for await (const _chunk of (await container.logs({ stdout: true, follow: true })) as AsyncIterable<Buffer>) {
      if ((await attempts()).some(({ at, password }) => at > after && password !== undefined)) return;
    }
  };
  try {
    await succeeded(0);
    await act();
    await succeeded(Date.now() + 1000);
    return await attempts();
  } finally {
    await container.remove({ force: true });
  }
}

/** Stretches in which no connection was had, from the first failure to the next success. */
function outages(attempts: readonly Attempt[]): readonly { readonly from: number; readonly to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (const [index, { at, password }] of attempts.entries()) {
    if (password !== undefined) continue;
    const before = attempts[index - 1];
    const next = attempts[index + 1]?.at ?? at;
    const last = found.at(-1);
    if (before?.password === undefined && last !== undefined) last.to = next;
    else found.push({ from: at, to: next });
  }
  return found;
}

describe('postgres with POSTGRES_PASSWORD_FILE', () => {
  it('gets another password in one rolling update: connections fail while it restarts and at no other time', async () => {
    await stand.deploy(place);
    await writeFile(join(place.folder, 'password.txt'), 'second-password');
    const attempts = await probe(['first-password', 'second-password'], () => stand.deploy(place));

    const [task] = await stand.tasks('pg');
    const running = Date.parse(task?.Status.Timestamp ?? '');
    const created = Date.parse(task?.CreatedAt ?? '');
    expect(attempts[0]?.password).toBe('first-password');
    expect(attempts.at(-1)?.password).toBe('second-password');
    const out = outages(attempts);
    expect(out.length).toBeLessThanOrEqual(1);
    for (const { from, to } of out) {
      expect(from).toBeGreaterThan(created - 1000);
      expect(to).toBeLessThan(running + 3000);
    }
    const secrets = await stand.secrets('pg');
    expect(secrets).toHaveLength(1);
    expect(secrets[0]).toMatch(/^pg_password-\w{8}$/);
  });

  it('goes on with the old password when it cannot start with the new one, and the old secret is still there', async () => {
    const [old = ''] = await stand.secrets('pg');
    await writeFile(join(place.folder, 'password.txt'), 'short');
    let ended: Awaited<ReturnType<SwarmStand['run']>> | undefined;
    const attempts = await probe(['second-password', 'short'], async () => {
      ended = await stand.run(place, { kind: 'deploy', options: {} });
    });
    expect(ended?.state).toBe('failed');
    expect(ended?.error?.message).toMatch(/rolled back.*old secret/);
    expect(ended?.error?.detail).toContain('the password is too short');
    expect(attempts.at(-1)?.password).toBe('second-password');
    expect(attempts.some(({ password }) => password === 'short')).toBe(false);
    expect(await stand.secrets('pg')).toContain(old);
    expect(JSON.stringify(await stand.specs('pg'))).toContain(`"SecretName":"${old}"`);

    await writeFile(join(place.folder, 'password.txt'), 'second-password');
    await stand.deploy(place);
    expect(await stand.secrets('pg')).toEqual([old]);
  });
});
