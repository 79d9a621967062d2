import { freePort } from '../../support/ports.ts';
import { createWorkbench, type Workbench } from '../support.ts';
import { expectSettled, type Picture, takePicture } from './picture.ts';

/*
 * A project that has a bit of everything that an interrupted `up` can tear apart: a built image, a chain of health, a job,
 * named and anonymous volumes, two networks, two replicas, a name of its own, a published port, a hook, a shared network
 * namespace, `restart: true`. Rounds change its file, break the `up` that follows, and look at what the next one makes of it.
 */

/** One state of the file. */
export interface Edition {
  /** Every service has it in its environment: another one means everything is made anew. */
  readonly release: number;
  readonly workers: number;
  /** A service that may go, and is an orphan then. */
  readonly extra: boolean;
  /** A label of the network that everything is in: another one means it is removed and made anew. */
  readonly network: string;
  /** What is built into the image. */
  readonly greeting: string;
}

const firstEdition: Edition = { release: 1, workers: 2, extra: true, network: 'a', greeting: 'hello' };

/** Changes, each from the edition before. Their order is such that each finds what it changes. */
export const changes: readonly (readonly [what: string, change: (edition: Edition) => Partial<Edition>])[] = [
  ['everything changed', ({ release }) => ({ release: release + 1 })],
  ['the network changed', ({ network }) => ({ network: `${network}a` })],
  ['scaled down, and a service gone', () => ({ workers: 1, extra: false })],
  ['the image and everything changed', ({ release, greeting }) => ({ release: release + 1, greeting: `${greeting}!` })],
  ['scaled up, and a service added', () => ({ workers: 3, extra: true })],
  [
    'everything at once',
    ({ release, network, greeting }) => ({
      release: release + 1,
      network: `${network}b`,
      greeting: `${greeting}?`,
      workers: 2,
    }),
  ],
];

export interface Stand {
  readonly bench: Workbench;
  readonly project: string;
  readonly file: string;
  readonly edition: () => Edition;
  /** Writes the file anew. */
  readonly write: (change: Partial<Edition>) => Promise<void>;
  /** Nothing is there, and the file is the first one. */
  readonly reset: () => Promise<void>;
  /** `up` as a user in a hurry: no questions, and what the file does not have goes. */
  readonly upArguments: readonly string[];
  /** Fails unless everything is exactly as the file says and as an undisturbed `up` leaves it. */
  readonly expectConverged: (what: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

const service = (lines: string): string =>
  `    init: true\n    stop_grace_period: 1s\n${lines.replace(/^\n|\n\s*$/g, '')}\n`;

function compose(edition: Edition, project: string, base: string, port: number): string {
  const { release, workers, extra, network } = edition;
  const common = `
    environment: {RELEASE: '${release}'}
    command: [sh, -c, 'touch /tmp/ready; exec sleep infinity']`;
  return `name: ${project}
services:
  db:
${service(`
    image: ${base}${common}
    volumes: ['data:/data', /scratch]
    healthcheck: {test: [CMD, test, -f, /tmp/ready], interval: 300ms, timeout: 5s, retries: 100}
    networks: [back]`)}
  migrate:
${service(`
    image: ${base}
    environment: {RELEASE: '${release}'}
    command: [sh, -c, 'echo $$RELEASE >> /data/migrations']
    volumes: ['data:/data']
    networks: [back]
    depends_on: {db: {condition: service_healthy}}`)}
  web:
${service(`
    build: .
    container_name: ${project}-front${common}
    ports: ['127.0.0.1:${port}:80']
    networks: {front: {aliases: [www]}, back: }
    post_start: [{command: [sh, -c, 'sleep 1; echo $$RELEASE >> /tmp/hooked']}]
    depends_on:
      db: {condition: service_healthy, restart: true}
      migrate: {condition: service_completed_successfully}`)}
  worker:
${service(`
    image: ${base}${common}
    scale: ${workers}
    configs: [{source: greeting, target: /etc/greeting}]
    networks: [back]
    depends_on: [web]`)}
  side:
${service(`
    image: ${base}${common}
    network_mode: service:db`)}
${
  extra
    ? `  extra:
${service(`
    image: ${base}${common}
    networks: [front]`)}`
    : ''
}
networks:
  front:
  back:
    labels: {edition: '${network}'}
volumes:
  data:
configs:
  greeting: {content: 'release ${release}'}
`;
}

export async function createStand(): Promise<Stand> {
  const bench = await createWorkbench();
  const project = bench.engine.uniqueName('faults');
  const port = await freePort();
  let edition = firstEdition;
  const write: Stand['write'] = async (change) => {
    edition = { ...edition, ...change };
    await bench.file('stand/Dockerfile', `FROM ${bench.engine.base}\nRUN echo '${edition.greeting}' > /greeting\n`);
    await bench.file('stand/compose.yaml', compose(edition, project, bench.engine.base, port));
  };
  await write({});
  const file = `${bench.folder}/stand/compose.yaml`;
  const upArguments = ['-f', file, 'up', '--yes', '--remove-orphans'];
  const look = (): Promise<Picture> => takePicture(bench.engine, project);
  const before = await look();

  return {
    bench,
    project,
    file,
    edition: () => edition,
    write,
    reset: async () => {
      const { code, stdout, stderr } = await bench.run(['-f', file, 'down', '--yes', '--volumes', '--remove-orphans']);
      if (code !== 0) throw new Error(`down ended with ${code}: ${stdout}${stderr}`);
      await write(firstEdition);
    },
    upArguments,
    expectConverged: async (what) => {
      const plan = await bench.json<{ steps: readonly { id: string; cause: string }[] }>(['-f', file, 'plan']);
      expectSettled({ what, plan, picture: await look(), before, edition, project, port });
    },
    close: () => bench.remove(),
  };
}
