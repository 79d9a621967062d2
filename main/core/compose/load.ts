import { AppFailure } from '../app-failure.ts';
import { type Platform, pathsOf } from '../paths.ts';
import { reportNothing } from './canonical.ts';
import { decodeModels, decodeNamed, decodeService, toPlain } from './decode.ts';
import { type Dotenv, parseDotenv } from './dotenv.ts';
import { resolveFiles } from './env-files.ts';
import { applyExtends, canonicalDocuments } from './extends.ts';
import { isNotFound, type LoadContext, type Unit } from './files.ts';
import { applyIncludes } from './include.ts';
import { interpolateText, type Lookup } from './interpolate.ts';
import { merge, withoutResets } from './merge.ts';
import { isProjectName, normalizeProjectName } from './names.ts';
import { fromEnvironment, normalizeService, withNames } from './normalize.ts';
import { activeServices } from './profiles.ts';
import type { FileObject, LoadResult, Network, Project, Service, Volume } from './project.ts';
import { createReporter } from './report.ts';
import { service as serviceKind } from './schema/service.ts';
import { composeFile, sectionKind } from './schema/top.ts';
import { parseSource } from './source.ts';
import { didYouMean } from './suggest.ts';
import { child, type Entry, entry, type MapNode, map, type Node, type Source, withEntry } from './tree.ts';
import { type Model, validate } from './validate.ts';

export interface LoadOptions {
  /** Absolute, in the order in which they are merged. */
  readonly files: readonly string[];
  /** Absolute; the first file's folder unless given. */
  readonly workingDir?: string | undefined;
  /** Wins over COMPOSE_PROJECT_NAME, the file's `name:` and the folder's name. */
  readonly projectName?: string | undefined;
  /** Absolute; instead of the `.env` beside the project. */
  readonly envFiles?: readonly string[] | undefined;
  /** Instead of COMPOSE_PROFILES. */
  readonly profiles?: readonly string[] | undefined;
  /** Services the command names: their profiles become active. */
  readonly services?: readonly string[] | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: Platform;
  /** Rejects with AppFailure `file.not-found` for a file that is not there. Decides which files may be read at all. */
  readonly readText: (path: string) => Promise<string>;
  /** Spares reading optional files that are not there. */
  readonly exists?: (path: string) => Promise<boolean>;
}

interface Environment {
  readonly lookup: Lookup;
  readonly envFiles: readonly string[];
}

/** Every port of one address; more than that is a short line that would fill the memory. */
const MAX_PORTS = 65_536;

function createContext(options: LoadOptions): LoadContext {
  const texts = new Map<string, Promise<string>>();
  let ports = 0;
  const read = (path: string): Promise<string> => {
    const known = texts.get(path) ?? options.readText(path);
    texts.set(path, known);
    return known;
  };
  return {
    reporter: createReporter(),
    paths: pathsOf(options.platform),
    home: options.environment.HOME ?? options.environment.USERPROFILE,
    takePorts: (count) => {
      ports += count;
      return ports <= MAX_PORTS;
    },
    read,
    readOptional: async (path) => {
      if (options.exists !== undefined && !(await options.exists(path))) return undefined;
      try {
        return await read(path);
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
  };
}

/** The process's environment first, then the env files, the last one winning among them. */
async function readEnvironment(options: LoadOptions, workingDir: string, context: LoadContext): Promise<Environment> {
  const values = new Map<string, string>();
  const process: Lookup = (name) => (Object.hasOwn(options.environment, name) ? options.environment[name] : undefined);
  const lookup: Lookup = (name) => process(name) ?? values.get(name);
  const take = (file: string, text: string): void => {
    const parsed: Dotenv = parseDotenv(text, lookup);
    for (const [key, value] of parsed.values) values.set(key, value);
    const source: Source = { file, text, baseDir: context.paths.dirname(file) };
    for (const { message, offset } of parsed.problems) {
      context.reporter.report({ rule: 'env-file', message, at: { source, offset } });
    }
  };
  const envFiles = options.envFiles ?? [];
  for (const file of envFiles) take(file, await context.read(file));
  if (envFiles.length === 0) {
    const file = context.paths.resolve(workingDir, '.env');
    const text = await context.readOptional(file);
    if (text !== undefined) take(file, text);
  }
  return { lookup, envFiles };
}

interface Parsed {
  readonly source: Source;
  readonly documents: readonly Node[];
}

async function parseFiles(files: readonly string[], baseDir: string, context: LoadContext): Promise<readonly Parsed[]> {
  const texts = await Promise.all(files.map((file) => context.read(file)));
  return files.map((file, index) => {
    const source: Source = { file, text: texts[index] ?? '', baseDir };
    return { source, documents: parseSource(source, context.reporter) };
  });
}

/** `-p`, COMPOSE_PROJECT_NAME, `name:` of the last file that has one, the folder. */
function projectName(
  options: LoadOptions,
  parsed: readonly Parsed[],
  lookup: Lookup,
  workingDir: string,
  context: LoadContext,
): string {
  let written: { name: string; at: Node } | undefined;
  for (const { documents } of parsed) {
    for (const document of documents) {
      const node = child(document, 'name');
      if (node?.kind !== 'scalar' || typeof node.value !== 'string' || node.value === '') continue;
      written = { name: interpolateText(node.value, lookup), at: node };
    }
  }
  const given = options.projectName || lookup('COMPOSE_PROJECT_NAME');
  if (given !== undefined && isProjectName(given)) return given;
  const name = given ?? normalizeProjectName(written?.name ?? context.paths.basename(workingDir));
  if (given === undefined && name !== '') {
    if (written !== undefined && written.name !== name) {
      const message = `the project is called \`${name}\`: \`${written.name}\` has characters that a project name cannot have`;
      context.reporter.report({ severity: 'warning', rule: 'bad-project-name', message, at: written.at });
    }
    return name;
  }
  context.reporter.report({
    rule: 'bad-project-name',
    message: name === '' ? 'the project has no name' : `\`${name}\` is not a valid project name`,
    hint: 'lower-case letters, digits, `-` and `_`, beginning with a letter or digit',
    ...(written && !given && { at: written.at }),
  });
  return normalizeProjectName(name) || 'project';
}

async function loadDocuments(
  parsed: readonly Parsed[],
  context: LoadContext,
  unit: Unit,
  chain: readonly string[],
): Promise<MapNode | undefined> {
  let model: Node | undefined;
  for (const { source, documents } of parsed) {
    if (documents.length === 0) {
      const message = 'the file is empty';
      if (!context.reporter.failed())
        context.reporter.report({ rule: 'empty-file', message, at: { source, offset: 0 } });
    }
    for (const document of canonicalDocuments(documents, context, unit)) {
      const included = await applyIncludes(document, {
        context,
        unit,
        chain,
        loadUnit: async (files, inner, innerChain) =>
          loadDocuments(await parseFiles(files, inner.baseDir, context), context, inner, innerChain),
      });
      model = merge(model, await applyExtends(included, context, unit), composeFile);
    }
  }
  if (model?.kind !== 'map') return undefined;
  const whole = withoutResets(model);
  if (whole.kind !== 'map') return undefined;
  reportNothing(whole, composeFile, context);
  return resolveEnvironment(whole, unit.lookup);
}

function mapServices(model: MapNode, change: (service: MapNode) => MapNode): MapNode {
  const services = child(model, 'services');
  if (services?.kind !== 'map') return model;
  const entries = new Map<string, Entry>();
  for (const [name, one] of services.entries) {
    entries.set(name, one.value.kind === 'map' ? entry(name, change(one.value), one) : one);
  }
  return withEntry(model, 'services', map(entries, services));
}

/** An included project's variables without value come from its own environment. */
function resolveEnvironment(model: MapNode, lookup: Lookup): MapNode {
  return mapServices(model, (service) => {
    const environment = child(service, 'environment');
    return environment?.kind === 'map'
      ? withEntry(service, 'environment', fromEnvironment(environment, lookup))
      : service;
  });
}

function section(model: MapNode, key: string): MapNode {
  const node = child(model, key);
  return node?.kind === 'map' ? node : map(new Map(), model);
}

/**
 * Reads and checks a project. Mistakes in files are diagnostics, all of them at once; only a missing `files` or
 * `envFiles` entry is thrown (AppFailure `file.not-found`).
 */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const context = createContext(options);
  const { reporter, paths } = context;
  const [first] = options.files;
  if (first === undefined) throw new AppFailure({ code: 'usage', message: 'no compose file was given' });
  const workingDir = options.workingDir ?? paths.dirname(first);
  const environment = await readEnvironment(options, workingDir, context);
  const parsed = await parseFiles(options.files, workingDir, context);
  const name = projectName(options, parsed, environment.lookup, workingDir, context);
  const lookup: Lookup = (key) => (key === 'COMPOSE_PROJECT_NAME' ? name : environment.lookup(key));
  const model = await loadDocuments(parsed, context, { baseDir: workingDir, lookup }, [...options.files]);
  const project = model && (await toProject({ model, name, workingDir, lookup, context, options, environment }));
  return { project: reporter.failed() ? undefined : project, diagnostics: reporter.diagnostics() };
}

interface Assembly {
  readonly model: MapNode;
  readonly name: string;
  readonly workingDir: string;
  readonly lookup: Lookup;
  readonly context: LoadContext;
  readonly options: LoadOptions;
  readonly environment: Environment;
}

function profilesOf({ options, lookup }: Assembly): readonly string[] {
  if (options.profiles !== undefined && options.profiles.length > 0) return options.profiles;
  return (lookup('COMPOSE_PROFILES') ?? '').split(',').map((profile) => profile.trim());
}

async function toProject(assembly: Assembly): Promise<Project> {
  const { name, lookup, context, options } = assembly;
  const normalized = mapServices(assembly.model, (service) => normalizeService(service, lookup));
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
  const resolved = new Map<string, Entry>();
  for (const [key, one] of services.entries) {
    const isActive = active.has(key) && one.value.kind === 'map';
    const value = isActive ? await resolveFiles(one.value as MapNode, lookup, context) : one.value;
    resolved.set(key, entry(key, value, one));
  }
  services = map(resolved, services);
  let networks = section(normalized, 'networks');
  if (!networks.entries.has('default')) {
    const empty = map(new Map(), networks);
    networks = withEntry(networks, 'default', empty);
  }
  const model: Model = {
    services,
    active,
    networks: withNames(networks, name),
    volumes: withNames(section(normalized, 'volumes'), name),
    secrets: withNames(section(normalized, 'secrets'), name),
    configs: withNames(section(normalized, 'configs'), name),
    models: section(normalized, 'models'),
  };
  validate(model, context.reporter);
  return assemble(model, normalized, assembly);
}

function assemble(model: Model, root: MapNode, { name, workingDir, options, environment }: Assembly): Project {
  const services = new Map<string, Service>();
  const inactive = new Map<string, Service>();
  for (const [key, one] of model.services.entries) {
    (model.active.has(key) ? services : inactive).set(key, decodeService(key, one.value, serviceKind));
  }
  const used = usedObjects([...services.values()]);
  const named = <T extends Network | Volume | FileObject>(
    sectionName: 'networks' | 'volumes' | 'secrets' | 'configs',
  ): Map<string, T> => {
    const result = new Map<string, T>();
    for (const [key, one] of model[sectionName].entries) {
      if (used[sectionName].has(key)) result.set(key, decodeNamed<T>(key, one.value, sectionKind(sectionName)));
    }
    return result;
  };
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
    secrets: named<FileObject>('secrets'),
    configs: named<FileObject>('configs'),
    ...(model.models.entries.size > 0 && { models: decodeModels(model.models) }),
    extensions: Object.fromEntries(extensions.map((one) => [one.key, toPlain(one.value)])),
  };
}

/** What no active service uses is not created, as docker compose does it. */
function usedObjects(
  services: readonly Service[],
): Record<'networks' | 'volumes' | 'secrets' | 'configs', ReadonlySet<string>> {
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
  };
}
