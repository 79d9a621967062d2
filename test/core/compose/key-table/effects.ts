import { inspect } from 'node:util';
import { planFor } from '../../../../main/core/plan/actions.ts';
import type { CorePlan, Step } from '../../../../main/core/plan/plan.ts';
import { toClassicOptions } from '../../../../main/docker/build.ts';
import { toBuildxArguments } from '../../../../main/docker/buildx-arguments.ts';
import { observed, sha256 } from '../../../support/builders.ts';
import { loadFrom } from '../support/cases.ts';

/* What a key does, found out by planning the same project with it and without it. */

export interface Effect {
  /** For the table: `HostConfig.Memory`, `create-network Driver`, `build --target`. Empty: the plan is the same. */
  readonly changes: readonly string[];
  /** Which config-hash labels are others: of the container, the network or the volume. */
  readonly hashes: readonly string[];
}

export interface Sample {
  readonly without: unknown;
  readonly with: unknown;
}

const files: Readonly<Record<string, string>> = {
  '/p/e.env': 'FROM_FILE=1\n',
  '/p/raw.env': 'FROM_FILE="quoted"\n',
  '/p/l.env': 'from.file=1\n',
  '/p/other.yaml': 'services: {web2: {image: example/other, hostname: from-other}}\n',
  '/p/inc.yaml': 'services: {included: {image: "example/$' + '{NAME:-included}", env_file: inc.env}}\n',
  '/p/inc2.yaml': 'services: {another: {image: example/another}}\n',
  '/p/inc.env': 'NAME=from-env-file\n',
  '/p/sub/inc.env': 'NAME=elsewhere\n',
};

async function plan(document: unknown, action: 'up' | 'build'): Promise<CorePlan> {
  const all = { '/p/compose.yaml': JSON.stringify(document), ...files };
  const { project, diagnostics } = await loadFrom(all, { environment: { HOME: '/home/me', TOKEN: 'x' } });
  const wrong = diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  if (project === undefined) throw new Error(`${wrong.join('; ')}: ${JSON.stringify(document)}`);
  return planFor(action, {
    project,
    name: project.name,
    observed: observed({ engine: { product: 'Docker Engine', apiVersion: '1.51', os: 'linux', arch: 'amd64' } }),
    options: { removeOrphans: true },
    sha256,
    unset: new Set<string>(),
  });
}

/** What `up` does, and `build` where the key is about that. */
export async function effectOf(sample: Sample, builds: boolean): Promise<Effect> {
  const changes = new Set<string>();
  for (const action of builds ? (['up', 'build'] as const) : (['up'] as const)) {
    const [before, after] = await Promise.all([plan(sample.without, action), plan(sample.with, action)]);
    const [left, right] = [toFacts(before), toFacts(after)];
    const onlyBuildx = right.has('only with buildx');
    for (const fact of new Set([...left.keys(), ...right.keys()])) {
      if (left.get(fact) !== right.get(fact) && !(onlyBuildx && fact.startsWith('classic '))) changes.add(fact);
    }
  }
  const [before, after] = await Promise.all([plan(sample.without, 'up'), plan(sample.with, 'up')]);
  const [old, now] = [toHashes(before), toHashes(after)];
  const hashes = [...old].filter(([subject, hash]) => now.has(subject) && now.get(subject) !== hash);
  return {
    changes: shorten([...changes]),
    hashes: [...new Set(hashes.map(([subject]) => subject.split(' ')[0] ?? ''))].sort(),
  };
}

/** The hash labels, each under what it is of, by its key in the file: names may change. */
function toHashes({ steps }: CorePlan): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const step of steps) {
    if (!('body' in step)) continue;
    const labels = (step.body.Labels ?? {}) as Readonly<Record<string, string>>;
    const subject = Object.keys(subjects).find((name) => labels[`${prefix}${name}`] !== undefined) ?? '';
    const key = `${subjects[subject]} ${labels[`${prefix}${subject}`]}`;
    const hash = labels[`${prefix}config-hash`];
    if (hash !== undefined && !found.has(key)) found.set(key, hash);
  }
  return found;
}

/** A step that is new or gone says it all; three members of one object are the object; names follow by themselves. */
function shorten(facts: readonly string[]): readonly string[] {
  const steps = facts.filter((fact) => fact.startsWith('step ')).map((fact) => fact.slice('step '.length));
  const isBody = (fact: string) => /^[A-Z]/.test(fact);
  const told = (fact: string) =>
    steps.some((kind) => fact.startsWith(`${kind} `)) || (steps.includes('create-container') && isBody(fact));
  const follows =
    /^(create-(network|volume) name|(start|deliver)\S* container|pull-image image|image|connect|later\..*)$/;
  const kept = facts.filter((fact) => !fact.startsWith('step ') && !told(fact) && !follows.test(fact));
  const parents = new Map<string, string[]>();
  for (const fact of kept) {
    const parent = fact.replace(/\.[^.]*$/, '');
    parents.set(parent, [...(parents.get(parent) ?? []), fact]);
  }
  const grouped = [...parents].flatMap(([parent, all]) =>
    all.length >= 3 && parent !== 'HostConfig' ? [parent] : all,
  );
  const bodies = grouped.filter((fact) => fact !== 'order of steps' && fact !== 'name');
  const rest = grouped.filter((fact) => fact === 'name' || (fact === 'order of steps' && steps.length === 0));
  return [...steps.map((kind) => `step ${kind}`), ...bodies, ...rest].sort();
}

const prefix = 'com.docker.compose.';
const subjects: Readonly<Record<string, string>> = { service: 'container', network: 'network', volume: 'volume' };

/** Members whose own keys are the user's. */
const userKeyed = new Set([
  'Labels',
  'Sysctls',
  'StorageOpt',
  'Annotations',
  'Config',
  'PortBindings',
  'ExposedPorts',
  'Tmpfs',
  'DriverOpts',
  'Options',
  'AuxiliaryAddresses',
  'AuxAddress',
]);

/** Every fact of a plan by name; the same name several times is one fact. */
function toFacts({ steps, warnings, problems }: CorePlan): ReadonlyMap<string, string> {
  const facts = new Map<string, string>();
  const whole = { depth: Infinity, sorted: true, maxArrayLength: null, maxStringLength: null };
  const add = (name: string, value: unknown) => facts.set(name, `${facts.get(name) ?? ''}|${inspect(value, whole)}`);
  for (const step of steps) {
    add(`step ${step.kind}`, 1);
    const { kind, id, target, cause, after, destructive, service, ...rest } = step;
    if (step.kind === 'build-image') addBuild(step, add);
    else
      walk(
        rest,
        kind === 'create-container' ? '' : `${kind} `,
        (name, value) => add(name === '' ? kind : name, value),
        kind,
      );
    if (after.length > 0) add('order of steps', [id, [...after].sort()]);
  }
  for (const { rule } of warnings) add(`warning \`${rule}\``, 1);
  for (const { rule } of problems) add(`problem \`${rule}\``, 1);
  return new Map([...facts].map(([name, value]) => [name, value.split('|').sort().join('|')]));
}

function walk(value: unknown, path: string, add: (name: string, value: unknown) => void, kind: string): void {
  if (Array.isArray(value) && value.some((item) => typeof item === 'object' && item !== null)) {
    for (const item of value) walk(item, path, add, kind);
    return;
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    add(path, value);
    return;
  }
  for (const [name, member] of Object.entries(value)) {
    const next = path === '' || path.endsWith(' ') ? `${path}${name}` : `${path}.${name}`;
    const short = next.replace(/^(.*)\bbody(\.|$)/, '$1');
    if (name === 'Labels' && typeof member === 'object' && member !== null) {
      const { [`${prefix}config-hash`]: _hash, ...labels } = member as Record<string, unknown>;
      add(short, labels);
    } else if (userKeyed.has(name)) add(short, member);
    else if (name === 'EndpointsConfig') for (const one of Object.values(member as object)) walk(one, short, add, kind);
    else walk(member, short, add, kind);
  }
}

type BuildStep = Extract<Step, { kind: 'build-image' }>;

function addBuild(step: BuildStep, add: (name: string, value: unknown) => void): void {
  const { build, image, labels, noCache, pull } = step;
  const args = Object.fromEntries([...(build.args ?? [])].map(([name, value]) => [name, value ?? '']));
  const classic = toClassicOptions({ image, build, labels, noCache, pull }, args);
  const buildx = toBuildxArguments({
    image,
    build,
    args,
    labels: { ...Object.fromEntries(build.labels ?? []), ...labels },
    secrets: step.secrets ?? [],
    values: {},
    input: build.dockerfile_inline === undefined ? 'none' : 'dockerfile',
    dockerfile: build.dockerfile === undefined ? undefined : `${build.context}/${build.dockerfile}`,
    builder: undefined,
    noCache,
    pull,
    push: false,
  });
  if (step.needs === undefined) {
    for (const [name, value] of Object.entries(classic)) add(`classic ${name}`, value);
    add('classic context', build.context);
  } else add('only with buildx', 1);
  for (const [index, word] of buildx.entries()) {
    if (word.startsWith('--') && word !== '--')
      add(`buildx ${word}`, buildx[index + 1]?.startsWith('--') ? '' : buildx[index + 1]);
  }
  add('buildx context', buildx.at(-1));
}
