import { fitsMarks, hasMark } from '../opaque.ts';
import type { Raw } from '../plan/inherit.ts';
import { looksSecret } from '../secrecy/judge.ts';
import { withoutDigest } from './names.ts';

/*
 * Two specs that mean the same to a Swarm are written the same: what an engine fills in (seen on 20.10 and read in moby's
 * daemon/cluster/convert) is left out, and lists without an order are sorted. Ids have been put back into names before.
 */

/** Where zero or false says something that absence does not. */
const meaningful = new Set([
  'Parallelism',
  'Replicas',
  'StopGracePeriod',
  'Init',
  'MaxConcurrent',
  'TotalCompletions',
  'Delay',
  'Window',
]);
/** What an engine fills in. */
const defaults: Raw = {
  Isolation: 'default',
  Runtime: 'container',
  FailureAction: 'pause',
  Order: 'stop-first',
  Monitor: 5_000_000_000,
  PublishMode: 'ingress',
};
/** Present and empty is not the same as absent. */
const kept = new Set(['Global', 'GlobalJob', 'ReplicatedJob', 'RestartPolicy']);
/** Lists whose order says nothing. */
const unordered = new Set([
  'Env',
  'Hosts',
  'Mounts',
  'Secrets',
  'Configs',
  'Networks',
  'Ports',
  'Ulimits',
  'CapabilityAdd',
  'CapabilityDrop',
  'Constraints',
  'Platforms',
]);
const dropped = new Set(['ForceUpdate', 'SecretID', 'ConfigID', 'JobIteration']);

const isObject = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);

function normalize(key: string, value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => normalize('', item));
    if (items.length === 0) return undefined;
    return unordered.has(key) ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;
  }
  if (isObject(value)) {
    const members = Object.keys(value)
      .sort()
      .flatMap((name) => {
        const member = dropped.has(name) ? undefined : normalize(name, value[name]);
        return member === undefined ? [] : [[name, member] as const];
      });
    return members.length === 0 && !kept.has(key) ? undefined : Object.fromEntries(members);
  }
  if (meaningful.has(key)) return value ?? undefined;
  if (value === null || value === undefined || value === '' || value === 0 || value === false) return undefined;
  return defaults[key] === value ? undefined : value;
}

/** What a service spec says, without what says nothing. */
export function normalSpec(spec: Raw): Raw {
  const normal = (normalize('', spec) ?? {}) as { Mode?: Raw; TaskTemplate?: Raw; EndpointSpec?: Raw };
  const { RestartPolicy: restart, ...task } = normal.TaskTemplate ?? {};
  const mode = normal.Mode ?? {};
  const { Mode: endpoint, ...ports } = normal.EndpointSpec ?? {};
  const completions = mode.ReplicatedJob as Raw | undefined;
  return {
    ...normal,
    TaskTemplate: {
      ...task,
      ...(restart === undefined ? {} : { RestartPolicy: { Condition: 'any', ...(restart as Raw) } }),
    },
    EndpointSpec: { ...ports, ...(endpoint === undefined || endpoint === 'vip' ? {} : { Mode: endpoint }) },
    Mode:
      'Global' in mode || 'GlobalJob' in mode
        ? mode
        : completions === undefined
          ? { Replicated: { Replicas: 1, ...(mode.Replicated as Raw | undefined) } }
          : { ReplicatedJob: { MaxConcurrent: 1, TotalCompletions: 1, ...completions } },
  };
}

type Flat = ReadonlyMap<string, string>;

const titles: readonly (readonly [RegExp, string])[] = [
  [/^TaskTemplate\.ContainerSpec\.Env\./, 'environment.'],
  [/^TaskTemplate\.ContainerSpec\.Labels\./, 'labels.'],
  [/^TaskTemplate\.ContainerSpec\.Image$/, 'image'],
  [/^TaskTemplate\.ContainerSpec\.Command/, 'entrypoint'],
  [/^TaskTemplate\.ContainerSpec\.Args/, 'command'],
  [/^TaskTemplate\.ContainerSpec\.Secrets/, 'secrets'],
  [/^TaskTemplate\.ContainerSpec\.Configs/, 'configs'],
  [/^TaskTemplate\.ContainerSpec\.Mounts/, 'volumes'],
  [/^TaskTemplate\.Networks/, 'networks'],
  [/^TaskTemplate\.Resources/, 'deploy.resources'],
  [/^TaskTemplate\.Placement/, 'deploy.placement'],
  [/^TaskTemplate\.RestartPolicy/, 'deploy.restart_policy'],
  [/^TaskTemplate\.(ContainerSpec\.)?/, ''],
  [/^EndpointSpec\.Ports/, 'ports'],
  [/^EndpointSpec\.Mode/, 'deploy.endpoint_mode'],
  [/^Mode\.Replicated\.Replicas/, 'replicas'],
  [/^Mode\./, 'deploy.mode.'],
  [/^UpdateConfig/, 'deploy.update_config'],
  [/^RollbackConfig/, 'deploy.rollback_config'],
  [/^Labels\./, 'deploy.labels.'],
];
const toTitle = (path: string): string => {
  const [pattern, title] = titles.find(([one]) => one.test(path)) ?? [/^$/, ''];
  return title === '' || title.endsWith('.') ? path.replace(pattern, title) : title;
};

/** One entry a key; lists of things without names are one entry. */
function flatten(value: unknown, path: string, into: Map<string, string>): void {
  if (path.endsWith('.Env') && Array.isArray(value)) {
    for (const entry of value.map(String)) {
      const at = entry.indexOf('=');
      into.set(`${path}.${at < 0 ? entry : entry.slice(0, at)}`, at < 0 ? '(from the image)' : entry.slice(at + 1));
    }
  } else if (isObject(value)) {
    for (const [key, member] of Object.entries(value)) flatten(member, path === '' ? key : `${path}.${key}`, into);
  } else {
    into.set(path, typeof value === 'string' ? value : JSON.stringify(value));
  }
}

const flat = (spec: Raw): Flat => {
  const into = new Map<string, string>();
  flatten(normalSpec(spec), '', into);
  return into;
};

/** What differs, in the file's words, for people: `image a → b`, `environment.X changed`. Empty: nothing. */
export function specChanges(before: Raw, after: Raw): readonly string[] {
  const [old, now] = [flat(before), flat(after)];
  const changes = new Map<string, string>();
  for (const path of new Set([...old.keys(), ...now.keys()])) {
    const [was, is] = [old.get(path), now.get(path)];
    if (was === is || (was !== undefined && is !== undefined && hasMark(is) && fitsMarks(is, was))) continue;
    const title = toTitle(path);
    changes.set(title, changes.has(title) ? `${title} changed` : wordChange(title, was, is));
  }
  // The image as it is written says the same once more.
  if (changes.has('image')) changes.delete('deploy.labels.com.docker.stack.image');
  return [...changes.values()].sort();
}

function wordChange(title: string, was: string | undefined, is: string | undefined): string {
  if (title === 'image' && was !== undefined && is !== undefined && withoutDigest(was) === withoutDigest(is)) {
    return 'image newer in its registry';
  }
  const plain = /^(image|replicas|environment\.|labels\.|deploy\.labels\.|deploy\.endpoint_mode|User|Hostname)/.test(
    title,
  );
  const long = (was?.length ?? 0) > 60 || (is?.length ?? 0) > 60;
  if (!plain || long || looksSecret(title, was ?? '') || looksSecret(title, is ?? '')) {
    return `${title} ${was === undefined ? 'added' : is === undefined ? 'removed' : 'changed'}`;
  }
  if (was === undefined) return `${title} ${is} added`;
  return is === undefined ? `${title} removed` : `${title} ${was} → ${is}`;
}
