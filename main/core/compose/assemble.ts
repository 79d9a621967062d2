import { decodeModels, decodeNamed, decodeService, toPlain } from './decode.ts';
import { resolveFiles } from './env-files.ts';
import type { Environment } from './environment.ts';
import type { LoadContext } from './files.ts';
import type { Lookup } from './interpolate.ts';
import { mapServices, normalizeService, withMappings, withNames } from './normalize.ts';
import type { LoadOptions } from './options.ts';
import { activeServices } from './profiles.ts';
import type { FileObject, Network, Project, Service, Volume } from './project.ts';
import { service as serviceKind } from './schema/service.ts';
import { sectionKind } from './schema/top.ts';
import { didYouMean } from './suggest.ts';
import { child, type Entry, entry, locate, type MapNode, map, type Node, withEntry } from './tree.ts';
import { type Model, validate } from './validate.ts';
import { originOf } from './x-claude-env.ts';
import { checkJobs } from './x-claude-env-jobs.ts';

/* From the merged tree to the Project: profiles, env files, what is unsaid, references, and the plain values. */

function section(model: MapNode, key: string): MapNode {
  const node = child(model, key);
  return node?.kind === 'map' ? node : map(new Map(), model);
}

export interface Assembly {
  readonly model: MapNode;
  readonly name: string;
  readonly workingDir: string;
  /** The environment and the env files. */
  readonly lookup: Lookup;
  /** The same, and the keychain. */
  readonly values: Lookup;
  readonly context: LoadContext;
  readonly options: LoadOptions;
  readonly environment: Environment;
}

function profilesOf({ options, lookup }: Assembly): readonly string[] {
  if (options.profiles !== undefined && options.profiles.length > 0) return options.profiles;
  return (lookup('COMPOSE_PROFILES') ?? '').split(',').map((profile) => profile.trim());
}

/** The whole project; undefined where the files have mistakes, which are reported. */
export async function toProject(assembly: Assembly): Promise<Project | undefined> {
  const { name, values, context, options } = assembly;
  const normalizes = options.normalize !== false;
  const normalized = normalizes
    ? mapServices(assembly.model, (service) => normalizeService(service, values))
    : assembly.model;
  let services = section(normalized, 'services');
  const targets = options.services ?? [];
  for (const target of targets) {
    if (services.entries.has(target)) continue;
    const message = `there is no service \`${target}\``;
    context.reporter.report({
      rule: 'missing-service',
      message,
      hint: () => didYouMean(target, services.entries.keys()),
    });
  }
  const active = activeServices(services, { profiles: profilesOf(assembly), targets });
  const readsFiles = options.resolveFiles !== false && options.interpolate !== false;
  const resolved = new Map<string, Entry>();
  for (const [key, one] of services.entries) {
    const isActive = active.has(key) && one.value.kind === 'map' && readsFiles;
    const value = isActive ? await resolveFiles(one.value as MapNode, values, context) : one.value;
    resolved.set(key, entry(key, value, one));
  }
  services = map(resolved, services);
  let networks = section(normalized, 'networks');
  // With variables left in, what is unused stays, so the network that no file names is not added for nobody.
  const wantsDefault =
    options.interpolate !== false ||
    [...services.entries.values()].some((one) => child(child(one.value, 'networks'), 'default') !== undefined);
  if (normalizes && wantsDefault && !networks.entries.has('default')) {
    const empty = map(new Map(), networks);
    networks = withEntry(networks, 'default', empty);
  }
  const named = (objects: MapNode): MapNode => (normalizes ? withNames(objects, name) : withMappings(objects));
  const model: Model = {
    services,
    active,
    networks: named(networks),
    volumes: named(section(normalized, 'volumes')),
    secrets: named(section(normalized, 'secrets')),
    configs: named(section(normalized, 'configs')),
    models: section(normalized, 'models'),
  };
  if (options.interpolate !== false && options.consistency !== false) {
    validate(model, context.reporter, options.swarm);
    checkJobs(normalized, services, context.reporter);
  }
  // What is broken has no form that could be relied on.
  return context.reporter.failed() ? undefined : assemble(model, normalized, assembly);
}

function assemble(model: Model, root: MapNode, { name, workingDir, options, environment, context }: Assembly): Project {
  const services = new Map<string, Service>();
  const inactive = new Map<string, Service>();
  for (const [key, one] of model.services.entries) {
    (model.active.has(key) ? services : inactive).set(key, decodeService(key, one.value, serviceKind));
  }
  const used = options.interpolate === false ? undefined : usedObjects([...services.values()]);
  const named = <T extends Network | Volume | FileObject>(
    sectionName: 'networks' | 'volumes' | 'secrets' | 'configs',
  ): Map<string, T> => {
    const result = new Map<string, T>();
    for (const [key, one] of model[sectionName].entries) {
      if (used?.[sectionName].has(key) !== false)
        result.set(key, decodeNamed<T>(key, one.value, sectionKind(sectionName)));
    }
    return result;
  };
  const fileObjects = (sectionName: 'secrets' | 'configs'): Map<string, FileObject> =>
    new Map(
      [...named<FileObject>(sectionName)].map(([key, object]) => {
        const one = model[sectionName].entries.get(key);
        const at = one && (sourceOf(one.value) ?? one);
        const origin = originOf(object);
        const kept = origin?.from === 'keychain' ? context.opaque(origin.name) : undefined;
        return [
          key,
          { ...object, ...(at === undefined ? {} : { where: locate(at) }), ...(kept === undefined ? {} : { kept }) },
        ];
      }),
    );
  const models = new Map([...decodeModels(model.models)].filter(([key]) => used?.models.has(key) !== false));
  const extensions = [...root.entries.values()].filter((one) => one.key.startsWith('x-'));
  return {
    name,
    workingDir,
    files: options.files,
    envFiles: environment.envFiles,
    services,
    inactive,
    networks: named<Network>('networks'),
    volumes: named<Volume>('volumes'),
    secrets: fileObjects('secrets'),
    configs: fileObjects('configs'),
    ...(models.size > 0 && { models }),
    extensions: Object.fromEntries(extensions.map((one) => [one.key, toPlain(one.value)])),
  };
}

/** The key that says where a secret or config comes from. */
function sourceOf(node: Node): Entry | undefined {
  if (node.kind !== 'map') return undefined;
  const keys = ['environment', 'content', 'file', 'external'];
  return keys.map((key) => node.entries.get(key)).find((one) => one !== undefined);
}

/** What no active service uses is not created, as docker compose does it. */
export function usedObjects(
  services: readonly Service[],
): Record<'networks' | 'volumes' | 'secrets' | 'configs' | 'models', ReadonlySet<string>> {
  return {
    networks: new Set(services.flatMap((service) => [...(service.networks?.keys() ?? [])])),
    volumes: new Set(
      services.flatMap((service) =>
        (service.volumes ?? []).flatMap((mount) => (mount.type === 'volume' && mount.source ? [mount.source] : [])),
      ),
    ),
    secrets: new Set(
      services.flatMap((service) =>
        [...(service.secrets ?? []), ...(service.build?.secrets ?? [])].map((use) => use.source),
      ),
    ),
    configs: new Set(services.flatMap((service) => (service.configs ?? []).map((use) => use.source))),
    models: new Set(services.flatMap((service) => [...(service.models?.keys() ?? [])])),
  };
}
