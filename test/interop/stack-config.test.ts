import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareWithStack, stackBinary } from '../core/compose/support/stack-peer.ts';

/*
 * Stack files of our own that between them use what Swarm knows, through `docker stack config` of the docker CLI and
 * through our loader: one model, but for the differences of form in docs/compose.md. Other people's files:
 * stack-config.long.test.ts. It needs no engine.
 */
const files: Readonly<Record<string, string>> = {
  'x.env': 'FROM_FILE="quoted"\nPLAIN=1\n# a comment\nNAMED=$HOME\n',
  'service.yaml': `
version: "3.13"
services:
  web:
    image: nginx
    command: nginx -g 'daemon off;'
    env_file: [x.env]
    environment: { A: "x$$y", B: , C: 1.50, NODE: "{{.Node.Hostname}}" }
    shm_size: 64m
    extra_hosts: ["db:10.0.0.1", "cache:10.0.0.2"]
    ulimits: { nofile: 1000, nproc: { soft: 1, hard: 2 } }
    tmpfs: /tmp
    dns: 1.1.1.1
    depends_on: [db]
    sysctls: { net.core.somaxconn: 1024 }
    volumes:
      - { type: tmpfs, target: /x, tmpfs: { size: 1000 } }
      - ./a/:/b/:ro
      - ~/z:/z
      - data:/data:nocopy
      - /anonymous
    healthcheck: { test: "echo $$A", interval: 1m30s, retries: 3 }
    ports: ["8000-8001:80-81", "127.0.0.1:1:2/udp", { target: 9, mode: host }]
    logging: { driver: json-file, options: { max-size: 1m, max-file: 3 } }
    networks: { front: { aliases: [www] } }
    stop_grace_period: 90s
  db: { image: postgres, build: ./db, links: [other], healthcheck: { disable: true } }
  other: { image: busybox }
volumes: { data: { external: true }, unused: , }
networks: { front: { driver: overlay, attachable: true, ipam: { config: [{ subnet: 10.0.0.0/8 }] } } }
`,
  'deploy.yaml': `
version: "3.13"
services:
  api:
    image: api:1
    deploy:
      mode: replicated
      replicas: 6
      labels: [FOO=BAR]
      endpoint_mode: dnsrr
      update_config: { parallelism: 3, delay: 10s, failure_action: continue, monitor: 60s, max_failure_ratio: 0.3, order: start-first }
      rollback_config: { parallelism: 0, order: stop-first }
      restart_policy: { condition: on-failure, delay: 5s, max_attempts: 3, window: 2m }
      placement:
        constraints: ["node.role==manager"]
        preferences: [{ spread: node.labels.zone }]
        max_replicas_per_node: 5
      resources:
        limits: { cpus: "0.50", memory: 50M, pids: 100 }
        reservations: { cpus: "0.1", memory: 20M, generic_resources: [{ discrete_resource_spec: { kind: gpu, value: 2 } }] }
    configs: [one, { source: two, target: /etc/two, uid: "103", mode: 0440 }]
    secrets: [key, { source: token, mode: 0400 }]
configs: { one: { file: ./one.txt }, two: { external: true, name: two-v2 } }
secrets: { key: { file: ./key.txt, labels: { a: b } }, token: { external: true } }
`,
  'over.yaml': `
version: "3.13"
services:
  api:
    image: api:\${TAG:-2}
    environment: [ADDED=1]
    deploy: { replicas: 2, labels: { MORE: 1 } }
    ports: ["80:80"]
`,
};

/** docker stack takes the first brace for the end: the two do not mean the same. */
const nested = `
version: "3.13"
services: { api: { image: "x:\${A:-b-\${TAG:-2}}" } }
`;

const docker = stackBinary();
if (docker === undefined) console.warn('SKIPPED: no docker CLI in CLAUDE_ENV_PEER_DOCKER');

describe.skipIf(docker === undefined)('a stack file', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'claude-env-stack-config-'));
    await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([[['service.yaml']], [['deploy.yaml']], [['deploy.yaml', 'over.yaml']]])('%j', async (names) => {
    const asked = { files: names.map((name) => join(folder, name)), environment: { TAG: '7' } };
    expect(await compareWithStack(docker ?? '', asked)).toEqual({ verdict: 'equal', what: '' });
  });

  it('that is read in two ways is told', async () => {
    const file = join(folder, 'nested.yaml');
    await writeFile(file, nested);
    const found = await compareWithStack(docker ?? '', { files: [file] });
    expect(found).toEqual({
      verdict: 'differs',
      what: `ours | stack: services.api.image: "x:b-2" | "x:b-\${TAG:-2}"`,
    });
  });
});
