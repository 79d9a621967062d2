import { findCycles } from './graph.ts';
import type { Reporter } from './report.ts';
import { textAt } from './schema/kinds.ts';
import { didYouMean } from './suggest.ts';
import { child, childText, type MapNode, type Node } from './tree.ts';
import { checkOrigins } from './x-claude-env.ts';

/*
 * Phase 7: what no single key can know: references between sections, cycles, contradictions. Shape and types were
 * checked by canonical.ts where they were written.
 */
export interface Model {
  readonly services: MapNode;
  readonly active: ReadonlySet<string>;
  readonly networks: MapNode;
  readonly volumes: MapNode;
  readonly secrets: MapNode;
  readonly configs: MapNode;
  readonly models: MapNode;
}

interface Check {
  readonly swarm: boolean;
  readonly name: string;
  readonly service: MapNode;
  readonly model: Model;
  readonly reporter: Reporter;
}

type Kind = 'network' | 'volume' | 'secret' | 'config' | 'model';

function missing({ name, reporter }: Check, kind: Kind, wanted: string, at: Node | undefined, section: MapNode): void {
  const message = `service \`${name}\` uses ${kind} \`${wanted}\`, which is not defined`;
  const hint = () => didYouMean(wanted, section.entries.keys()) ?? `add it under the top-level \`${kind}s:\``;
  reporter.report({ rule: `missing-${kind}`, message, hint, ...(at && { at }) });
}

function checkNetworks(check: Check): void {
  const { service, model, name, reporter } = check;
  const networks = child(service, 'networks');
  if (networks?.kind === 'map') {
    for (const [key, one] of networks.entries) {
      if (!model.networks.entries.has(key)) {
        // A name in a list stands where it is written; the canonical entry kept that place.
        missing(check, 'network', key, { ...one, kind: 'scalar', value: key }, model.networks);
      }
    }
    const networkMode = child(service, 'network_mode');
    // Empty, it says nothing (`network_mode: ${UNSET}`).
    if (networkMode !== undefined && textAt(service, 'network_mode') !== '' && networks.entries.size > 0) {
      const message = `service \`${name}\` has both \`network_mode\` and \`networks\``;
      reporter.report({ rule: 'conflict', message, hint: 'keep one of them', at: networkMode });
    }
  }
}

function checkVolumes(check: Check): void {
  const volumes = child(check.service, 'volumes');
  if (volumes?.kind !== 'list') return;
  for (const item of volumes.items) {
    const source = child(item, 'source');
    const name = textAt(item, 'source');
    if (textAt(item, 'type') !== 'volume' || name === '' || source === undefined) continue;
    if (!check.model.volumes.entries.has(name)) missing(check, 'volume', name, source, check.model.volumes);
  }
}

function checkFileReferences(check: Check): void {
  const build = child(check.service, 'build');
  const uses: [Kind, Node | undefined, MapNode][] = [
    ['secret', child(check.service, 'secrets'), check.model.secrets],
    ['secret', child(build, 'secrets'), check.model.secrets],
    ['config', child(check.service, 'configs'), check.model.configs],
  ];
  for (const [kind, references, section] of uses) {
    if (references?.kind !== 'list') continue;
    for (const item of references.items) {
      const name = textAt(item, 'source');
      const source = child(item, 'source');
      // One without a source has been reported as that.
      if (source === undefined || section.entries.has(name) || (source.kind === 'scalar' && source.broken)) continue;
      missing(check, kind, name, source, section);
    }
  }
  const models = child(check.service, 'models');
  if (models?.kind !== 'map') return;
  for (const [key, one] of models.entries) {
    if (!check.model.models.entries.has(key)) missing(check, 'model', key, one.value, check.model.models);
  }
}

function checkBuild({ name: user, service, model, reporter }: Check): void {
  const build = child(service, 'build');
  const inline = child(build, 'dockerfile_inline');
  if (inline !== undefined && child(build, 'dockerfile') !== undefined) {
    const message = '`dockerfile` and `dockerfile_inline` exclude each other';
    reporter.report({ rule: 'conflict', message, hint: 'keep one of them', at: inline });
  }
  checkPlatform(service, reporter);
  const contexts = child(build, 'additional_contexts');
  if (contexts?.kind !== 'map') return;
  for (const one of contexts.entries.values()) {
    const text = one.value.kind === 'scalar' ? String(one.value.value) : '';
    const name = text.startsWith('service:') ? text.slice('service:'.length) : undefined;
    if (name === undefined) continue;
    const other = model.services.entries.get(name)?.value;
    if (other !== undefined) {
      const isActive = model.active.has(name);
      if (isActive && child(other, 'build') !== undefined) continue;
      const why = isActive ? 'is not built' : 'has a profile that is not active';
      const message = `build context \`${one.key}\` of \`${user}\` names service \`${name}\`, which ${why}`;
      const hint = isActive ? `give \`${name}\` a \`build\`` : 'activate the profile';
      reporter.report({ rule: 'conflict', message, hint, at: one.value });
      continue;
    }
    const message = `build context \`${one.key}\` names service \`${name}\`, which is not defined`;
    const hint = () => didYouMean(name, model.services.entries.keys());
    reporter.report({ rule: 'missing-service', message, hint, at: one.value });
  }
}

/** What is run must be among what is built. */
function checkPlatform(service: MapNode, reporter: Reporter): void {
  const platform = child(service, 'platform');
  const built = child(child(service, 'build'), 'platforms');
  if (platform?.kind !== 'scalar' || !platform.value || built?.kind !== 'list' || built.items.length === 0) return;
  if (built.items.some((item) => item.kind === 'scalar' && item.value === platform.value)) return;
  const message = `\`build.platforms\` does not have the service's \`platform\` ${String(platform.value)}`;
  reporter.report({ rule: 'conflict', message, hint: 'add it there', at: platform });
}

/** Watched files that go into a container need a place in it. */
function checkWatch({ name, service, reporter }: Check): void {
  const rules = child(child(service, 'develop'), 'watch');
  for (const rule of rules?.kind === 'list' ? rules.items : []) {
    const path = child(rule, 'path');
    if (path?.kind === 'scalar' && path.value === '') {
      reporter.report({ rule: 'missing-key', message: `a watch rule of \`${name}\` has no path`, at: path });
    }
    const action = textAt(rule, 'action');
    if (textAt(rule, 'target') !== '' || action === 'rebuild' || action === 'restart') continue;
    const message = `a watch rule of \`${name}\` needs \`target\` to \`${action}\``;
    reporter.report({ rule: 'missing-key', message, hint: 'say where in the container the files go', at: rule });
  }
}

/** One place in a container cannot have two mounts. */
function checkMounts({ name, service, reporter }: Check): void {
  const taken = new Set<string>();
  const items = (key: string): readonly Node[] => {
    const node = child(service, key);
    return node?.kind === 'list' ? node.items : [];
  };
  const take = (target: string, at: Node): void => {
    const message = `service \`${name}\` mounts two things at \`${target}\``;
    if (taken.has(target)) reporter.report({ rule: 'conflict', message, hint: 'keep one of them', at });
    taken.add(target);
  };
  for (const item of items('tmpfs')) {
    if (item.kind === 'scalar' && !item.broken) take(String(item.value).split(':', 1)[0] ?? '', item);
  }
  for (const item of items('volumes')) if (item.kind === 'map') take(textAt(item, 'target'), item);
}

function checkDependencies({ name, service, model, reporter, swarm }: Check): void {
  const dependencies = child(service, 'depends_on');
  if (dependencies?.kind !== 'map') return;
  for (const [key, one] of dependencies.entries) {
    const required = child(one.value, 'required');
    const optional = required?.kind === 'scalar' && required.value === false;
    if (model.active.has(key)) continue;
    const exists = model.services.entries.has(key);
    // A dependency whose profile is inactive may be missing when it is not required (interop.md 15).
    if (optional && exists) continue;
    reporter.report({
      // A Swarm starts services in any order.
      ...(swarm ? { severity: 'warning' as const } : {}),
      rule: 'missing-service',
      message: exists
        ? `service \`${name}\` depends on \`${key}\`, whose profile is not active`
        : `service \`${name}\` depends on \`${key}\`, which is not defined`,
      hint: exists
        ? 'activate the profile, or write `required: false`'
        : () =>
            didYouMean(key, model.services.entries.keys()) ?? 'add it under `services:`, or leave the dependency out',
      at: one,
    });
  }
}

function checkImage({ name, service, reporter }: Check): void {
  const image = child(service, 'image');
  // An undefined required variable was reported already.
  if (image?.kind === 'scalar' && image.broken) return;
  if (textAt(service, 'image') !== '' || child(service, 'build') !== undefined) return;
  if (child(service, 'provider') !== undefined) return;
  const message = `service \`${name}\` has neither \`image\` nor \`build\``;
  reporter.report({ rule: 'missing-image', message, hint: 'say which image to run', at: service });
}

function numberAt(node: Node | undefined, key: string): number | undefined {
  const value = child(node, key);
  return value?.kind === 'scalar' && value.value !== null ? Number(value.value) : undefined;
}

/** Old service keys and their `deploy` counterparts must agree. */
function checkLimits({ name, service, reporter }: Check): void {
  const deploy = child(service, 'deploy');
  const limits = child(child(deploy, 'resources'), 'limits');
  const reservations = child(child(deploy, 'resources'), 'reservations');
  const agree = (key: string, parent: Node | undefined, other: string, otherPath: string): void => {
    const first = numberAt(service, key);
    const at = child(service, key);
    if (first === undefined || at === undefined || parent === undefined) return;
    const second = numberAt(parent, other);
    if (first === (second ?? 0) || (second === undefined && key === 'scale')) return;
    const message = `service \`${name}\` says different things in \`${key}\` and \`${otherPath}\``;
    reporter.report({ rule: 'conflict', message, hint: 'keep one of them', at });
  };
  agree('scale', deploy, 'replicas', 'deploy.replicas');
  agree('cpus', limits, 'cpus', 'deploy.resources.limits.cpus');
  agree('mem_limit', limits, 'memory', 'deploy.resources.limits.memory');
  agree('mem_reservation', reservations, 'memory', 'deploy.resources.reservations.memory');
  agree('pids_limit', limits, 'pids', 'deploy.resources.limits.pids');
}

function checkScale({ name, service, reporter }: Check): void {
  const at = child(service, 'container_name');
  const count = numberAt(service, 'scale') ?? numberAt(child(service, 'deploy'), 'replicas') ?? 1;
  if (at === undefined || count <= 1) return;
  const message = `service \`${name}\` has a container_name and ${count} containers, which cannot share it`;
  reporter.report({ rule: 'conflict', message, hint: 'remove container_name', at });
}

function checkContainerNames(model: Model, reporter: Reporter): void {
  const owners = new Map<string, string>();
  for (const name of model.active) {
    const service = model.services.entries.get(name)?.value;
    const containerName = childText(service, 'container_name');
    const at = child(service, 'container_name');
    if (containerName === undefined || at === undefined) continue;
    const owner = owners.get(containerName);
    if (owner !== undefined) {
      const message = `services \`${owner}\` and \`${name}\` have the same container_name \`${containerName}\``;
      reporter.report({ rule: 'conflict', message, at });
    }
    owners.set(containerName, name);
  }
}

/** Printed as `a → b → a`, at the entry that closes the circle. */
function checkCycles(model: Model, reporter: Reporter): void {
  const dependencies = (name: string): MapNode | undefined => {
    const node = child(model.services.entries.get(name)?.value, 'depends_on');
    return node?.kind === 'map' ? node : undefined;
  };
  for (const cycle of findCycles(model.active, (name) => dependencies(name)?.entries.keys() ?? [])) {
    const last = cycle.at(-2) ?? '';
    const at = dependencies(last)?.entries.get(cycle[0] ?? '');
    const message = `services depend on each other: ${cycle.join(' → ')}`;
    reporter.report({ rule: 'dependency-cycle', message, hint: 'remove one of the dependencies', ...(at && { at }) });
  }
}

const SOURCES: readonly [keyof Model & ('secrets' | 'configs'), readonly string[]][] = [
  ['secrets', ['file', 'environment']],
  ['configs', ['file', 'environment', 'content']],
];

/** Of a Swarm's secrets, a driver may be asked for the value. */
function checkFileObjects(model: Model, reporter: Reporter, swarm: boolean): void {
  for (const [section, keys] of SOURCES) {
    for (const [name, one] of model[section].entries) {
      const external = child(one.value, 'external');
      const isExternal = external?.kind === 'scalar' && external.value === true;
      // No variable has an empty name: `environment: ${UNSET}` names none.
      const isGiven = (key: string): boolean =>
        key === 'environment' ? textAt(one.value, key) !== '' : child(one.value, key) !== undefined;
      const given = keys.filter(isGiven);
      if (isExternal || (swarm && section === 'secrets' && isGiven('driver'))) continue;
      if (given.length === 1) continue;
      const what = `${section.slice(0, -1)} \`${name}\``;
      const message =
        given.length === 0 ? `${what} has no content` : `${what} has more than one source: ${given.join(', ')}`;
      reporter.report({ rule: 'bad-source', message, hint: `give one of ${keys.join(', ')} or external`, at: one });
    }
  }
}

/**
 * A volume that exists already is not created, so how to create it cannot be said, whichever of the files does. To be
 * called once files are merged.
 */
export function checkExternalVolumes(model: MapNode, reporter: Reporter): void {
  const volumes = child(model, 'volumes');
  if (volumes?.kind !== 'map') return;
  for (const [name, { value }] of volumes.entries) {
    const external = child(value, 'external');
    if (value.kind !== 'map' || external?.kind !== 'scalar' || external.value !== true) continue;
    for (const key of ['driver', 'driver_opts', 'labels']) {
      const at = value.entries.get(key);
      const message = `an external volume cannot have \`${key}\``;
      const hint = 'remove it, or remove `external`';
      if (at) reporter.report({ rule: 'conflict', message, hint, at, path: ['volumes', name] });
    }
  }
}

/** `swarm`: contradictions between keys that a Swarm ignores are none. */
export function validate(model: Model, reporter: Reporter, swarm = false): void {
  for (const name of model.active) {
    const service = model.services.entries.get(name)?.value;
    if (service?.kind !== 'map') continue;
    const check: Check = { name, service, model, reporter, swarm };
    checkImage(check);
    checkNetworks(check);
    checkVolumes(check);
    checkFileReferences(check);
    checkBuild(check);
    checkDependencies(check);
    if (swarm) continue;
    checkLimits(check);
    checkScale(check);
    checkWatch(check);
    checkMounts(check);
  }
  if (!swarm) checkContainerNames(model, reporter);
  checkCycles(model, reporter);
  checkFileObjects(model, reporter, swarm);
  checkOrigins(model.secrets, reporter);
  checkOrigins(model.configs, reporter);
}
