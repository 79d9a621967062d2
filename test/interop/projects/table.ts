import type { Project } from './project.ts';

/*
 * Projects with what people's files have and generated ones cannot: several files, files that refer to each other, all the
 * ways to depend on something. IMAGE stands for the test's image.
 */

const everyday: Project = {
  name: 'everyday',
  files: {
    Dockerfile: 'ARG BASE\nFROM $BASE\nRUN echo built > /built\n',
    'compose.yaml': `
x-common: &common
  init: true
  command: [sh, -c, 'echo up; exec sleep infinity']
x-ignored: {any: thing}
services:
  web:
    <<: *common
    build: {context: ., args: {BASE: IMAGE}, labels: {built.by: test}}
    container_name: PROJECT-front
    env_file: [web.env, {path: none.env, required: false}]
    label_file: web.labels
    environment: {HOME_PAGE: "http://\${HOST:-localhost}", BARE: }
    configs: [{source: settings, target: /etc/settings.toml}]
    secrets: [token]
    post_start: [{command: [sh, -c, 'echo ran > /hooked']}]
    pre_stop: [{command: ['true']}]
    x-more: 1
  db:
    <<: *common
    image: IMAGE
    ports: ['80']
    deploy: {resources: {limits: {cpus: '0.5', memory: 64M}, reservations: {memory: 32M}}}
    ulimits: {nofile: {soft: 1024, hard: 2048}}
configs: {settings: {file: settings.toml}}
secrets: {token: {file: token.txt}}
`,
    'web.env': 'FROM_FILE="two words"\nREF=$FROM_FILE\n',
    'web.labels': 'from.file=yes\n',
    'settings.toml': 'a = 1\n',
    'token.txt': 'not secret',
    '.env': 'HOST=example.com\n',
  },
};

const conditions: Project = {
  name: 'conditions',
  files: {
    'compose.yaml': `
services:
  db:
    image: IMAGE
    init: true
    command: sleep infinity
    healthcheck: {test: [CMD, 'true'], interval: 500ms, timeout: 2s, retries: 5, start_period: 1s}
  migrate:
    image: IMAGE
    command: ['true']
    depends_on: {db: {condition: service_healthy}}
  app:
    image: IMAGE
    init: true
    command: sleep infinity
    depends_on:
      db: {condition: service_healthy, restart: true}
      migrate: {condition: service_completed_successfully}
      maybe: {condition: service_started, required: false}
  last:
    image: IMAGE
    init: true
    command: sleep infinity
    healthcheck: {disable: true}
    depends_on: [app]
  maybe:
    image: IMAGE
    profiles: [never]
`,
  },
};

const networks: Project = {
  name: 'networks',
  files: {
    'compose.yaml': `
services:
  edge:
    image: IMAGE
    init: true
    command: sleep infinity
    ports: ['127.0.0.1:24101:80', '127.0.0.1:24101:80/udp']
    networks:
      outer: {priority: 10, aliases: [www, www.internal]}
      fixed: {priority: 100, ipv4_address: 10.201.1.10}
      inner:
  inside:
    image: IMAGE
    init: true
    command: sleep infinity
    hostname: inside
    extra_hosts: ['gate.local:10.0.0.1']
    dns: [10.0.0.53]
    networks: [inner]
  alone:
    image: IMAGE
    init: true
    command: sleep infinity
    network_mode: none
  usual:
    image: IMAGE
    init: true
    command: sleep infinity
    hostname: a-name-of-its-own
networks:
  outer:
    driver_opts: {com.docker.network.bridge.enable_icc: 'true'}
    labels: {side: out}
  fixed:
    ipam: {config: [{subnet: 10.201.1.0/24, gateway: 10.201.1.1, ip_range: 10.201.1.128/25, aux_addresses: {one: 10.201.1.5}}]}
  inner: {internal: true, attachable: true}
`,
  },
};

const volumes: Project = {
  name: 'volumes',
  files: {
    'compose.yaml': `
services:
  store:
    image: IMAGE
    init: true
    command: sleep infinity
    volumes:
      - data:/data
      - /anonymous
      - ./src:/src:ro
      - {type: volume, source: long, target: /long, volume: {nocopy: true}}
      - {type: bind, source: ./src, target: /again, read_only: true}
    tmpfs: [/run, '/tmp:size=16m']
  reader:
    image: IMAGE
    init: true
    command: sleep infinity
    volumes_from: [store]
  keeper:
    image: IMAGE
    init: true
    command: sleep infinity
    volumes: ['memory:/memory', 'data:/elsewhere:ro', {type: tmpfs, target: /scratch, tmpfs: {size: 8m}}]
volumes:
  data: {labels: {kept: 'yes'}}
  long:
  memory: {driver_opts: {type: tmpfs, device: tmpfs, o: size=8m}}
`,
    'src/a.txt': 'a',
  },
};

const namespaces: Project = {
  name: 'namespaces',
  files: {
    'compose.yaml': `
services:
  main:
    image: IMAGE
    init: true
    command: sleep infinity
    ipc: shareable
    expose: ['8080']
  proxy:
    image: IMAGE
    init: true
    command: sleep infinity
    network_mode: service:main
  debug:
    image: IMAGE
    init: true
    command: sleep infinity
    pid: service:main
    ipc: service:main
    cap_add: [SYS_PTRACE]
    links: ['main:target']
`,
  },
};

const several: Project = {
  name: 'several',
  profiles: ['tools'],
  files: {
    'compose.yaml': `
services:
  worker:
    image: IMAGE
    init: true
    command: sleep infinity
    scale: 3
  mirror:
    image: IMAGE
    init: true
    command: sleep infinity
    deploy: {mode: replicated, replicas: 2, resources: {limits: {pids: 50}}}
    depends_on: [worker]
  adminer:
    image: IMAGE
    init: true
    command: sleep infinity
    profiles: [tools]
  other:
    image: IMAGE
    profiles: [others]
`,
  },
};

const files: Project = {
  name: 'files',
  use: ['compose.yaml', 'override.yaml'],
  envFiles: ['given.env'],
  files: {
    'compose.yaml': `
include:
  - shared/compose.yaml
services:
  web:
    extends: {file: base.yaml, service: base}
    environment: {MODE: dev, FROM: "\${GIVEN}"}
    ports: ['8080']
    depends_on: [shared]
  api:
    extends: {service: web}
    depends_on: !reset []
`,
    'base.yaml': `
services:
  base:
    image: IMAGE
    init: true
    command: sleep infinity
    labels: {based: 'yes'}
    volumes: ['./content:/content']
`,
    'override.yaml': `
services:
  web:
    environment: {MODE: prod}
    ports: !override ['9090']
    labels: {over: 'yes'}
`,
    'shared/compose.yaml': `
services:
  shared:
    image: IMAGE
    init: true
    command: sleep infinity
    env_file: here.env
    volumes: ['./data:/data']
`,
    'shared/here.env': 'HERE=shared\n',
    'shared/data/x': '',
    'content/x': '',
    'given.env': 'GIVEN=from the command line\n',
  },
};

const named: Project = {
  name: 'named',
  nameFromFolder: true,
  files: {
    'compose.yaml': `
services:
  app:
    image: IMAGE
    init: true
    command: sleep infinity
    volumes: ['data:/data']
volumes: {data: }
`,
  },
};

export const table: readonly Project[] = [everyday, conditions, networks, volumes, namespaces, several, files, named];
