import type { ContainerInspectInfo } from 'dockerode';
import { expect } from 'vitest';
import type { TestEngine } from '../../support/engine.ts';
import type { Edition } from './stand.ts';

/** What is on the engine, as far as a project and its leftovers are concerned. */
export interface Picture {
  /** Every container of the engine, whoever made it: an interrupted build has no label. */
  readonly containers: readonly string[];
  readonly own: readonly ContainerInspectInfo[];
  /** Names; the engine allows one name twice. */
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  /** By container: the files that tell of the past. */
  readonly files: ReadonlyMap<string, string>;
}

const labelOf = (info: ContainerInspectInfo, name: string): string =>
  info.Config.Labels[`com.docker.compose.${name}`] ?? '';
const nameOf = (info: ContainerInspectInfo): string => info.Name.slice(1);

export async function takePicture({ docker }: TestEngine, project: string): Promise<Picture> {
  const filters = { label: [`com.docker.compose.project=${project}`] };
  const [all, mine, networks, volumes] = await Promise.all([
    docker.listContainers({ all: true }),
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listVolumes(),
  ]);
  const own = await Promise.all(mine.map(({ Id }) => docker.getContainer(Id).inspect()));
  const files = new Map<string, string>();
  for (const info of own) {
    if (!info.State.Running) continue;
    const path = { db: '/scratch/marker', web: '/tmp/hooked', worker: '/etc/greeting' }[labelOf(info, 'service')];
    if (path !== undefined) files.set(nameOf(info), await contentOf(docker.getContainer(info.Id), path));
  }
  return {
    containers: all.map(({ Names }) => Names[0]?.slice(1) ?? '').sort(),
    own,
    networks: networks.map(({ Name }) => Name).sort(),
    volumes: volumes.Volumes.map(({ Name }) => Name).sort(),
    files,
  };
}

type Container = ReturnType<TestEngine['docker']['getContainer']>;

/** Runs a shell line in the container and gives what it printed. */
export async function sh(container: Container, line: string): Promise<string> {
  const exec = await container.exec({ Cmd: ['sh', '-c', line], AttachStdout: true, Tty: true });
  const stream = await exec.start({ Tty: true });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString().trim();
}
const contentOf = (container: Container, path: string) => sh(container, `cat ${path} 2>/dev/null || true`);

export interface Settled {
  readonly what: string;
  readonly plan: { readonly steps: readonly { readonly id: string; readonly cause: string }[] };
  readonly picture: Picture;
  /** What was there before the project. */
  readonly before: Picture;
  readonly edition: Edition;
  readonly project: string;
  readonly port: number;
}

const without = (all: readonly string[], some: readonly string[]): readonly string[] =>
  all.filter((one) => !some.includes(one));

export const marker = 'what the user had in the anonymous volume';

/** Everything that must be true when an `up` has ended well, whatever happened before. */
export function expectSettled({ what, plan, picture, before, edition, project, port }: Settled): void {
  const { release, workers, extra } = edition;
  const names = [
    `${project}-db-1`,
    `${project}-front`,
    `${project}-migrate-1`,
    `${project}-side-1`,
    ...Array.from({ length: workers }, (_, index) => `${project}-worker-${index + 1}`),
    ...(extra ? [`${project}-extra-1`] : []),
  ].sort();
  // A job that has ended is run again by every `up`, as in docker compose.
  const steps = plan.steps.filter(({ id }) => id !== `start-container ${project}-migrate-1`);
  expect(steps, `${what}: a further up has nothing to do`).toEqual([]);
  expect(without(picture.containers, before.containers), `${what}: containers`).toEqual(names);
  expect(picture.networks, `${what}: networks`).toEqual([`${project}_back`, `${project}_front`]);
  const anonymous = without(picture.volumes, before.volumes).filter((name) => /^[0-9a-f]{64}$/.test(name));
  expect(anonymous, `${what}: anonymous volumes`).toHaveLength(1);
  for (const info of picture.own) {
    const service = labelOf(info, 'service');
    const name = `${what}: ${nameOf(info)}`;
    expect(info.Config.Env, name).toContain(`RELEASE=${release}`);
    expect(info.State.Status, name).toBe(service === 'migrate' ? 'exited' : 'running');
    if (service === 'migrate') expect(info.State.ExitCode, name).toBe(0);
    if (service === 'worker') expect(picture.files.get(nameOf(info)), name).toBe(`release ${release}`);
    const networks = service === 'web' ? ['back', 'front'] : service === 'extra' ? ['front'] : ['back'];
    expect(Object.keys(info.NetworkSettings.Networks).sort(), name).toEqual(
      service === 'side' ? [] : networks.map((key) => `${project}_${key}`),
    );
    // What compose writes into it is the same for every recreation; a first creation has none.
    expect(['', service === 'web' ? `${project}-front` : `${service}-${labelOf(info, 'container-number')}`]).toContain(
      labelOf(info, 'replace'),
    );
  }
  const web = picture.own.find((info) => labelOf(info, 'service') === 'web');
  expect(web?.NetworkSettings.Ports['80/tcp'], what).toEqual([{ HostIp: '127.0.0.1', HostPort: String(port) }]);
  const db = picture.own.find((info) => labelOf(info, 'service') === 'db');
  expect(db?.State.Health?.Status, `${what}: db`).toBe('healthy');
  const side = picture.own.find((info) => labelOf(info, 'service') === 'side');
  expect([`container:${db?.Id}`, `container:${project}-db-1`], what).toContain(side?.HostConfig.NetworkMode);
  expect(picture.files.get(`${project}-db-1`), `${what}: the anonymous volume's content`).toBe(marker);
  expect(picture.files.get(`${project}-front`), `${what}: the hook has run`).toMatch(RegExp(`^${release}\\b`));
}
