import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../preload/contract/model.ts';
import { containersOf, createWorkbench, type Workbench } from './support.ts';

/* `up` on a real engine: what its options keep, what is lost only when that was said, and what docker compose finds after it. */
let bench: Workbench;
beforeAll(async () => {
  bench = await createWorkbench();
});
afterAll(() => bench.remove());

interface Place {
  readonly project: string;
  readonly file: string;
  readonly ours: (...args: string[]) => ReturnType<Workbench['run']>;
  readonly ids: () => Promise<Readonly<Record<string, string>>>;
}

/** A project of its own; `services` stands below `services:` as it is. */
async function place(name: string, text: (project: string) => string): Promise<Place> {
  const project = bench.engine.uniqueName(name);
  const file = await bench.file(`${name}/compose.yaml`, text(project));
  return {
    project,
    file,
    ours: (...args) => bench.run(['-f', file, '-p', project, ...args], { TOKEN: 'first', PORT: '1' }),
    ids: async () =>
      Object.fromEntries((await containersOf(bench.engine, project)).map(({ Names, Id }) => [Names[0] ?? '', Id])),
  };
}

const idle = () => `image: ${bench.engine.base}
    command: [sleep, infinity]
    init: true
    stop_grace_period: 0s`;

const inContainer = async (name: string, ...command: string[]): Promise<string> => {
  const container = bench.engine.docker.getContainer(name);
  const exec = await container.exec({ Cmd: command, AttachStdout: true, AttachStderr: true, Tty: true });
  const stream = await exec.start({ Tty: true });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString().replaceAll('\r', '');
};

describe('volumes that differ from the file', () => {
  const text = (label: string) => (project: string) =>
    `name: ${project}
services:
  db:
    ${idle()}
    volumes: [data:/data, /scratch]
volumes:
  data: {labels: {version: "${label}"}}
`;

  it('are kept, whatever is answered with yes; removed with the option that names it, and only then', async () => {
    const first = await place('volumes', text('1'));
    expect((await first.ours('up', '--yes')).code).toBe(0);
    const container = `${first.project}-db-1`;
    await inContainer(container, 'sh', '-c', 'echo kept > /data/file; echo kept > /scratch/file');
    const before = await first.ids();
    await bench.file('volumes/compose.yaml', text('2')(first.project));

    const kept = await first.ours('up', '--yes');
    expect(kept.code, kept.stderr).toBe(0);
    expect(await first.ids()).toEqual(before);
    expect(await inContainer(container, 'cat', '/data/file')).toBe('kept\n');

    // Nobody is there to be asked, and nobody said yes.
    expect((await first.ours('up', '--recreate-volumes')).code).toBe(2);
    expect(await first.ids()).toEqual(before);

    const asked = await first.ours('up', '--recreate-volumes', '--yes');
    expect(asked.code, asked.stderr).toBe(0);
    expect(await inContainer(container, 'ls', '/data')).toBe('');
    // A volume without a name is none that differs.
    expect(await inContainer(container, 'cat', '/scratch/file')).toBe('kept\n');
    const { Labels } = await bench.engine.docker.getVolume(`${first.project}_data`).inspect();
    expect(Labels.version).toBe('2');
    const again = JSON.parse((await first.ours('plan', '--json')).stdout) as Plan;
    expect(again.steps).toEqual([]);
  });
});

describe('a network that differs from the file', () => {
  it('is made anew once it was agreed to, and everybody is back in it', async () => {
    const text = (label: string) => (project: string) =>
      `name: ${project}
services:
  web: {image: ${bench.engine.base}, command: [sleep, infinity], init: true, stop_grace_period: 0s}
  db: {image: ${bench.engine.base}, command: [sleep, infinity], init: true, stop_grace_period: 0s}
networks:
  default: {labels: {version: "${label}"}}
`;
    const one = await place('networks', text('1'));
    expect((await one.ours('up', '--yes')).code).toBe(0);
    await bench.file('networks/compose.yaml', text('2')(one.project));
    expect((await one.ours('up')).code).toBe(2);
    const changed = await one.ours('up', '--yes');
    expect(changed.code, changed.stderr).toBe(0);
    const network = await bench.engine.docker.getNetwork(`${one.project}_default`).inspect();
    expect(network.Labels?.version).toBe('2');
    expect(Object.keys(network.Containers ?? {}).sort()).toEqual(Object.values(await one.ids()).sort());
  });
});

describe("up's options", () => {
  it('--no-recreate keeps, --no-start starts nothing, --renew-anon-volumes and --always-recreate-deps make anew', async () => {
    const text = (value: string) => (project: string) =>
      `name: ${project}
services:
  web:
    ${idle()}
    depends_on: [db]
    environment: {VALUE: "${value}"}
  db:
    ${idle()}
    volumes: [/scratch]
`;
    const one = await place('options', text('1'));
    const db = `${one.project}-db-1`;
    expect((await one.ours('up', '--no-start')).code).toBe(0);
    expect((await containersOf(bench.engine, one.project)).map(({ State }) => State)).toEqual(['created', 'created']);
    expect((await one.ours('up')).code).toBe(0);
    await inContainer(db, 'touch', '/scratch/mine');
    const before = await one.ids();
    await bench.file('options/compose.yaml', text('2')(one.project));
    expect((await one.ours('up', '--no-recreate')).code).toBe(0);
    expect(await one.ids()).toEqual(before);

    expect((await one.ours('up', 'web', '--always-recreate-deps')).code).toBe(0);
    const after = await one.ids();
    expect(Object.keys(after).filter((name) => after[name] === before[name])).toEqual([]);
    expect(await inContainer(db, 'ls', '/scratch')).toBe('mine\n');
    expect((await one.ours('up', '--force-recreate', '-V', '--yes')).code).toBe(0);
    expect(await inContainer(db, 'ls', '/scratch')).toBe('');
  });
});

const compose = process.env.CLAUDE_ENV_PEER_COMPOSE;

describe.skipIf(compose === undefined)('docker compose 2.40.3 finds what it would have made', () => {
  it.each([
    [
      'secrets and configs that are values',
      (project: string) => `name: ${project}
services:
  web:
    ${idle()}
    secrets: [token, {source: token, target: again, uid: "7", mode: 0400}]
    configs: [greeting, {source: motd, target: /etc/motd-of-ours}]
secrets: {token: {environment: TOKEN}}
configs:
  greeting: {content: "hello \${PORT}"}
  motd: {environment: TOKEN}
`,
    ],
    [
      'containers that share what others have',
      (project: string) => `name: ${project}
services:
  vpn:
    ${idle()}
    ipc: shareable
    volumes: [/shared]
  client:
    ${idle()}
    network_mode: service:vpn
    pid: service:vpn
    ipc: service:vpn
  files:
    ${idle()}
    volumes_from: [vpn]
`,
    ],
  ])('%s: neither recreates what the other made', async (what, text) => {
    const one = await place(what.replaceAll(' ', '-').slice(0, 20), text);
    const peer = async (...args: string[]) => {
      const { code, stderr } = await bench.peer(compose ?? '', ['-f', one.file, '-p', one.project, ...args], {
        TOKEN: 'second',
        PORT: '1',
      });
      expect(code, stderr).toBe(0);
    };
    expect((await one.ours('up')).code).toBe(0);
    const made = await one.ids();
    await peer('up', '-d');
    expect(await one.ids()).toEqual(made);
    await peer('up', '-d', '--force-recreate');
    const { steps } = JSON.parse((await one.ours('plan', '--json')).stdout) as Plan;
    expect(steps).toEqual([]);

    // Whoever shares goes with what it shares.
    const theirs = await one.ids();
    expect((await one.ours('up', '--force-recreate', '--yes')).code).toBe(0);
    const ours = await one.ids();
    expect(Object.keys(ours).filter((name) => ours[name] === theirs[name])).toEqual([]);
    await peer('up', '-d');
    expect(await one.ids()).toEqual(ours);
  });
});
