type Section = Readonly<Record<string, unknown>>;

export interface Shape {
  readonly name: string;
  readonly services: Readonly<Record<string, Section>>;
  /** Services that get no features: jobs, and what is in the middle of something delicate. */
  readonly plain?: readonly string[];
  readonly top?: Section;
  readonly files?: Readonly<Record<string, string>>;
  readonly profiles?: readonly string[];
}

const healthy = { test: ['CMD', 'true'], interval: '500ms', retries: 5 };
const job = { command: ['true'] };

/** What projects look like from afar: who depends on whom, and what they share. */
export const shapes: readonly Shape[] = [
  { name: 'single', services: { app: {} } },
  {
    name: 'web-db-cache',
    services: {
      web: { depends_on: { db: { condition: 'service_healthy' }, cache: { condition: 'service_started' } } },
      db: { healthcheck: healthy, volumes: ['db-data:/var/lib/db'] },
      cache: {},
    },
    top: { volumes: { 'db-data': null } },
  },
  {
    name: 'proxy',
    services: {
      proxy: { networks: ['edge'], depends_on: ['app'] },
      app: { networks: { edge: { aliases: ['backend'] }, inner: null } },
      store: { networks: ['inner'] },
    },
    top: { networks: { edge: null, inner: { internal: true } } },
  },
  {
    name: 'queue',
    services: {
      broker: { healthcheck: healthy },
      worker: { deploy: { replicas: 2 }, depends_on: { broker: { condition: 'service_healthy', restart: true } } },
      scheduler: { depends_on: ['worker', 'broker'] },
    },
    plain: ['worker'],
  },
  {
    name: 'job',
    services: {
      migrate: job,
      app: { depends_on: { migrate: { condition: 'service_completed_successfully' } } },
      seed: { ...job, depends_on: { app: { condition: 'service_started', required: false } } },
    },
    plain: ['migrate', 'seed'],
  },
  {
    name: 'sidecar',
    services: {
      main: { expose: ['8080'], ipc: 'shareable' },
      proxy: { network_mode: 'service:main' },
      debug: { pid: 'service:main', ipc: 'service:main' },
    },
    plain: ['proxy', 'main'],
  },
  {
    name: 'shared-volumes',
    services: {
      source: { volumes: ['content:/content', '/extra'] },
      reader: { volumes_from: ['source'] },
      other: { volumes_from: ['source'], volumes: ['content:/own'] },
    },
    plain: ['source', 'reader', 'other'],
    top: { volumes: { content: null } },
  },
  {
    name: 'profiles',
    services: { app: {}, debug: { profiles: ['debug'], depends_on: ['app'] }, never: { profiles: ['never'] } },
    profiles: ['debug'],
  },
  { name: 'links', services: { web: { links: ['db', 'cache:redis'] }, db: {}, cache: {} }, plain: ['db', 'cache'] },
  {
    name: 'configured',
    services: {
      app: { configs: ['settings'], secrets: ['key'] },
      admin: { secrets: [{ source: 'key', target: 'admin-key' }] },
    },
    top: { configs: { settings: { file: './settings.toml' } }, secrets: { key: { file: './key.txt' } } },
    files: { 'settings.toml': 'a = 1\n', 'key.txt': 'k' },
  },
];
