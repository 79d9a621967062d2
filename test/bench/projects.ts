import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';

export interface BenchProject {
  readonly file: string;
  readonly name: string;
  readonly services: readonly string[];
  readonly image: string;
}

interface Made {
  readonly folder: string;
  readonly name: string;
  readonly image: string;
}

const names = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `s${index}`);

async function write(made: Made, services: Readonly<Record<string, unknown>>): Promise<BenchProject> {
  const folder = join(made.folder, made.name);
  await mkdir(folder);
  const file = join(folder, 'compose.yaml');
  await writeFile(file, stringify({ services }));
  return { file, name: made.name, services: Object.keys(services), image: made.image };
}

const sleeper = (image: string) => ({ image, command: ['sleep', 'infinity'], init: true });

/** Ten services that need nothing of each other. */
export const independent = (made: Made): Promise<BenchProject> =>
  write(made, Object.fromEntries(names(10).map((name) => [name, sleeper(made.image)])));

/** Six services, each waiting until the one before is healthy. The first probe comes one interval after the start. */
export const chain = (made: Made): Promise<BenchProject> =>
  write(
    made,
    Object.fromEntries(
      names(6).map((name, index) => [
        name,
        {
          ...sleeper(made.image),
          healthcheck: { test: ['CMD', 'true'], interval: '500ms' },
          ...(index === 0 ? {} : { depends_on: { [`s${index - 1}`]: { condition: 'service_healthy' } } }),
        },
      ]),
    ),
  );

/**
 * 200 services in a file's text. `usual`: 18 lines each; nine of ten files in the wild have fewer (308 public files with
 * three services or more: median 11, a quarter more than 14). `heavy`: 37 lines each, with everything that many files have.
 */
export function large(size: 'usual' | 'heavy'): string {
  const before = (index: number) => ({
    [`s${index - 1}`]: { condition: size === 'heavy' && index % 2 ? 'service_healthy' : 'service_started' },
  });
  const service = (index: number) => ({
    image: `registry.example.com/team/service${index}:1.${index}.0`,
    restart: 'unless-stopped',
    environment: {
      NODE_ENV: 'production',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: compose's own variables
      LOG_LEVEL: '${LOG_LEVEL:-info}',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: compose's own variables
      DATABASE_URL: 'postgres://user:${DB_PASSWORD:-secret}@db:5432/app',
      ...(size === 'heavy' && { PORT: '8080', FEATURE: 'true' }),
    },
    labels: { 'com.example.team': `team${index % 7}`, ...(size === 'heavy' && { 'com.example.tier': 'backend' }) },
    ports: [`127.0.0.1:${20_000 + index}:8080`],
    volumes: [`data${index % 20}:/var/lib/data`, ...(size === 'heavy' ? [`./config/service${index}:/etc/app:ro`] : [])],
    networks: ['front', ...(size === 'heavy' ? ['back'] : [])],
    ...(index > 0 && { depends_on: before(index) }),
    ...(size === 'heavy' && {
      healthcheck: {
        test: ['CMD', 'curl', '-f', 'http://localhost:8080/health'],
        interval: '10s',
        timeout: '2s',
        retries: 5,
      },
      deploy: { resources: { limits: { cpus: '0.50', memory: '256M' } } },
    }),
  });
  return stringify({
    name: 'large',
    services: Object.fromEntries(names(200).map((name, index) => [name, service(index)])),
    networks: { front: {}, ...(size === 'heavy' && { back: { internal: true } }) },
    volumes: Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`data${index}`, {}])),
  });
}
