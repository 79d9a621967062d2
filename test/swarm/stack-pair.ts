import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { parse } from 'yaml';
import { parseDotenv } from '../../main/core/compose/dotenv.ts';
import type { Project } from '../../main/core/compose/project.ts';
import { isOwnNetwork } from '../../main/core/swarm/convert.ts';
import { createFiles } from '../../main/platform/files.ts';
import { connectTo } from '../../main/services/engine-choice.ts';
import { loadTarget } from '../../main/services/load-target.ts';
import { firstDifference } from '../core/compose/support/live-peer.ts';
import { type LabNode, startSwarmLab } from '../support/swarm-lab.ts';
import { createSwarmStand, dockerCommand } from '../support/swarm-stand.ts';
import { readInventory } from './stack-inventory.ts';

/*
 * The same stack files, deployed by ours on one Swarm and by docker's own `docker stack` on another one, so that neither
 * has to wait until the other one's networks are gone. Both are real, of one node that is drained: services are made as
 * anywhere, and no image is needed because no task is ever given to a node.
 */

export interface Difference {
  readonly verdict:
    | 'equal'
    /** Where env_file has quotes or variables, or a variable's default has one: docs/stacks.md. */
    | 'equal but for variables'
    | 'both refuse'
    | 'only docker stack refuses'
    | 'only ours refuses'
    | 'differs'
    | 'a second deploy changes something';
  /** The first difference, or what was said. */
  readonly what: string;
  /** Ours refused without saying where in the file, or what to do. */
  readonly vague?: string;
}

export interface StackPair {
  readonly compare: (file: string) => Promise<Difference>;
  readonly close: () => Promise<void>;
}

export async function createStackPair(): Promise<StackPair> {
  const root = mkdtempSync(join(tmpdir(), 'claude-env-stacks-'));
  const lab = await startSwarmLab({ nodes: 2, image: false });
  const [mine, theirs] = [lab.node(1), lab.node(2)];
  await Promise.all([mine, theirs].map(startSwarm));
  const stand = await createSwarmStand(mine, [theirs]);
  const { swarm, operations, engines } = stand.app.services;
  const engineOf = (node: LabNode): string => {
    const found = engines.list().find(({ address }) => address.includes(node.socket));
    if (found === undefined) throw new Error(`no engine at ${node.socket}`);
    return found.id;
  };
  const request = { kind: 'deploy', options: { resolveImage: 'never' } } as const;
  const targetOn = (node: LabNode, file: string, project: string) => ({
    files: [file],
    project,
    engine: engineOf(node),
  });

  /** What a plan would change. */
  const planned = async (node: LabNode, file: string, name: string): Promise<string> => {
    const { steps } = await swarm.plan(targetOn(node, file, name), request);
    const changes = steps.filter(({ kind }) => !kind.startsWith('wait-'));
    return changes.map(({ id, cause }) => `${id} (${cause})`).join('; ');
  };

  /** Everything that is asked of the Swarm, without the waits that follow: no task will run here. */
  const deployOurs = async (file: string, name: string): Promise<Refused | undefined> => {
    try {
      const target = targetOn(mine, file, name);
      const plan = await swarm.plan(target, request);
      const { operation } = await swarm.run(target, request, { fingerprint: plan.fingerprint });
      const stop = operations.subscribe(() => {
        const found = operations.list().find(({ id }) => id === operation);
        if (found?.state !== 'running') return;
        const isLeft = found.steps.some(
          ({ id, after }) =>
            !id.startsWith('wait-') &&
            !after.some((one) => one.startsWith('wait-')) &&
            found.progress[id]?.state !== 'done',
        );
        if (!isLeft) operations.cancel(operation);
      });
      const ended = await operations.finished(operation);
      stop();
      if (ended.state === 'failed') return refusalOf(ended.error);
      return undefined;
    } catch (error) {
      return refusalOf((error as { readonly error?: Refusal }).error ?? { message: String(error) });
    }
  };

  const deployTheirs = async (node: LabNode, file: string, name: string): Promise<string | undefined> => {
    // One that looks for a plugin tries for a long while; it is cut short, which is a refusal as well.
    const words = ['timeout', '60', dockerCommand ?? 'docker', 'stack', 'deploy', '--detach=true'];
    const rest = ['--resolve-image', 'never', '-c', file, name];
    const { code, stderr } = await node.exec([...words, ...rest], { env: variablesOf(file) });
    return code === 0 ? undefined : stderr.trim();
  };

  let count = 0;
  const compare: StackPair['compare'] = async (original) => {
    count += 1;
    const name = `s${count}`;
    const file = copyOf(original, join(root, String(count), 'a', 'b'));
    const read = { project: name, files: [file], workingDir: undefined, envFiles: [], profiles: [], arguments: [] };
    const variables = variablesOf(file);
    const { project } = await loadTarget({ ...read, variables }, createFiles(), undefined, { swarm: true });
    if (project !== undefined) await Promise.all([mine, theirs].map((node) => makeExternals(node, project)));
    const [ours, stack] = await Promise.all([deployOurs(file, name), deployTheirs(theirs, file, name)]);
    try {
      const vague = ours?.vague === undefined ? {} : { vague: ours.vague };
      if (ours !== undefined && stack !== undefined)
        return { verdict: 'both refuse', what: `${ours.text} | ${stack}`, ...vague };
      if (stack !== undefined) return { verdict: 'only docker stack refuses', what: stack };
      if (ours !== undefined) return { verdict: 'only ours refuses', what: ours.text, ...vague };
      const made = await Promise.all([readInventory(mine, name, project), readInventory(theirs, name, project)]);
      const found = firstDifference(...made);
      if (found !== undefined) {
        const isMeant =
          readsVariablesOtherwise(project, file) &&
          firstDifference(withoutValues(made[0]), withoutValues(made[1])) === undefined;
        return { verdict: isMeant ? 'equal but for variables' : 'differs', what: `ours | docker stack: ${found}` };
      }
      const again = await secondDeploys(file, name, project);
      if (again !== '') return { verdict: 'a second deploy changes something', what: again };
      return { verdict: 'equal', what: '' };
    } finally {
      await Promise.all([mine, theirs].map((node) => removeStack(node, name)));
    }
  };

  /** Ours on docker's, ours on ours, docker's on ours, and ours once more; '' when nothing changes. */
  const secondDeploys = async (file: string, name: string, project: Project | undefined): Promise<string> => {
    const onTheirs = await planned(theirs, file, name);
    if (onTheirs !== '') return `ours on docker's: ${onTheirs}`;
    const onOurs = await planned(mine, file, name);
    if (onOurs !== '') return `ours on ours: ${onOurs}`;
    const was = await readInventory(mine, name, project);
    const refused = await deployTheirs(mine, file, name);
    if (refused !== undefined) return `docker's on ours: ${refused}`;
    const found = firstDifference(was, await readInventory(mine, name, project));
    if (found !== undefined) return `docker's on ours: ${found}`;
    const last = await planned(mine, file, name);
    return last === '' ? '' : `ours after docker's on ours: ${last}`;
  };

  // Until both are reached, so that no file pays for it.
  await Promise.all([mine, theirs].map((node) => connectTo(engines, engineOf(node))));
  return {
    compare,
    close: async () => {
      await stand.close();
      await lab.down();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

const readsVariablesOtherwise = (project: Project | undefined, file: string): boolean =>
  [...(project?.services.values() ?? [])].some(({ env_file: files = [] }) => files.length > 0) ||
  /\$\{\w+:?[-+][^}]*\$\{/.test(readFileSync(file, 'utf8'));

/** An inventory with the names of variables alone. */
const withoutValues = (inventory: unknown): unknown =>
  JSON.parse(JSON.stringify(inventory), (key, value: unknown) =>
    key === 'Env' && Array.isArray(value) ? value.map((one) => String(one).replace(/=.*/s, '=')) : value,
  );

interface Refusal {
  readonly message: string;
  readonly hint?: string | undefined;
  readonly where?: unknown;
  readonly diagnostics?:
    | readonly {
        readonly severity: string;
        readonly message: string;
        readonly hint?: string | undefined;
        readonly where?: unknown;
      }[]
    | undefined;
}
interface Refused {
  readonly text: string;
  readonly vague?: string;
}

/** All mistakes in one text, each once; `vague`: those that say no place, or no way out (`must be a list` is one). */
function refusalOf(error: Refusal | undefined): Refused {
  const all = error?.diagnostics?.filter(({ severity }) => severity === 'error') ?? [error ?? { message: 'no reason' }];
  const isVague = ({ message, where, hint }: Refusal): boolean =>
    where === undefined || (hint === undefined && !/ must be | needs /.test(message));
  const vague = all.filter(isVague).map(({ message }) => message);
  return {
    text: [...new Set(all.map(({ message }) => message))].join('; '),
    ...(vague.length === 0 ? {} : { vague: vague.join('; ') }),
  };
}

async function startSwarm(node: LabNode): Promise<void> {
  await node.docker.swarmInit({ AdvertiseAddr: node.address, ListenAddr: '0.0.0.0:2377' });
  const [only] = await node.docker.listNodes();
  await node.docker.getNode(only.ID).update({ version: only.Version.Index, ...only.Spec, Availability: 'drain' });
}

/** What a file names as external is there, as on the Swarm that it was written for. */
async function makeExternals({ docker }: LabNode, project: Project): Promise<void> {
  const wanted = <T extends { readonly external?: boolean; readonly name: string }>(all: ReadonlyMap<string, T>) =>
    [...all.values()].filter(({ external }) => external === true).map(({ name }) => name);
  const unless409 = (error: unknown): void => {
    if ((error as { readonly statusCode?: number }).statusCode !== 409) throw error;
  };
  const Data = Buffer.from('external').toString('base64');
  const networks = (await docker.listNetworks()).map(({ Name }) => Name);
  await Promise.all([
    ...wanted(project.networks)
      .filter((Name) => !isOwnNetwork(Name) && !networks.includes(Name))
      .map((Name) => docker.createNetwork({ Name, Driver: 'overlay', Attachable: true }).catch(unless409)),
    ...wanted(project.secrets).map((Name) => docker.createSecret({ Name, Data }).catch(unless409)),
    ...wanted(project.configs).map((Name) => docker.createConfig({ Name, Data }).catch(unless409)),
  ]);
}

/**
 * The Swarm lets go of a network a moment after its last task (never after a job's that did not run): `stack rm` then says that it
 * is in use. Each file has a stack of its own, so a network that stays is in nobody's way.
 */
async function removeStack(node: LabNode, name: string): Promise<void> {
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const { code, stderr } = await node.exec([dockerCommand ?? 'docker', 'stack', 'rm', '--detach=true', name]);
    if (code === 0) return;
    if (!stderr.includes('in use')) throw new Error(`stack rm: ${stderr}`);
  }
}

/** `docker stack` reads no `.env`: its variables are set for it, as its users do with `export`. */
function variablesOf(file: string): Record<string, string> {
  const set = Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return { ...dotenvOf(dirname(file)), ...Object.fromEntries(set) };
}

function dotenvOf(folder: string): Readonly<Record<string, string>> {
  const file = join(folder, '.env');
  if (!existsSync(file)) return {};
  return Object.fromEntries(parseDotenv(readFileSync(file, 'utf8'), (name) => process.env[name]).values);
}

/** The file's folder below another one, with the files that it names and that were not collected with it. */
function copyOf(original: string, folder: string): string {
  cpSync(dirname(original), folder, { recursive: true });
  const file = join(folder, basename(original));
  for (const path of namedFiles(readFileSync(file, 'utf8'))) {
    const place = resolve(folder, path);
    if (relative(resolve(folder, '../..'), place).startsWith('..') || existsSync(place)) continue;
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, 'NAMED=yes\n');
  }
  return file;
}

interface Written {
  readonly services?: Readonly<Record<string, { readonly env_file?: unknown } | null>> | null;
  readonly secrets?: Readonly<Record<string, { readonly file?: unknown } | null>> | null;
  readonly configs?: Readonly<Record<string, { readonly file?: unknown } | null>> | null;
}

function namedFiles(text: string): readonly string[] {
  let written: Written | null;
  try {
    written = parse(text, { merge: true, uniqueKeys: false, logLevel: 'silent', maxAliasCount: -1 }) as Written | null;
  } catch {
    // Both are asked to read it all the same.
    return [];
  }
  const objects = [...Object.values(written?.secrets ?? {}), ...Object.values(written?.configs ?? {})];
  const envFiles = Object.values(written?.services ?? {}).flatMap((service) => service?.env_file ?? []);
  return [...objects.map((one) => one?.file), ...envFiles]
    .map((one) => (typeof one === 'object' && one !== null && 'path' in one ? one.path : one))
    .filter((one): one is string => typeof one === 'string' && !one.includes('$') && !/^[/~]/.test(one));
}
