import { AppFailure } from '../app-failure.ts';
import { toMark } from '../opaque.ts';
import { pathsOf } from '../paths.ts';
import { toProject } from './assemble.ts';
import { reportNothing } from './canonical.ts';
import { readEnvironment } from './environment.ts';
import { applyExtends, canonicalDocuments } from './extends.ts';
import { isNotFound, type LoadContext, type Unit, valuesOf } from './files.ts';
import { applyIncludes } from './include.ts';
import type { Lookup } from './interpolate.ts';
import { merge, withoutResets } from './merge.ts';
import type { Missing } from './missing.ts';
import { fromEnvironment, mapServices, withRequired } from './normalize.ts';
import type { LoadOptions } from './options.ts';
import type { LoadResult } from './project.ts';
import { projectName } from './project-name.ts';
import { createReporter } from './report.ts';
import { composeFile } from './schema/top.ts';
import { parseSource } from './source.ts';
import { child, locate, type MapNode, type Node, type Source, scalar, withEntry } from './tree.ts';
import { checkExternalVolumes } from './validate.ts';
import { createWhere } from './where.ts';

export type { LoadOptions };

/** Every port of one address; more than that is a short line that would fill the memory. */
const MAX_PORTS = 65_536;

function createContext(options: LoadOptions, values: Pick<LoadContext, 'opaque' | 'missing'>): LoadContext {
  const texts = new Map<string, Promise<string>>();
  let ports = 0;
  const met = { resets: false, nothing: false };
  const readOnce = async (path: string): Promise<string> => {
    const text = await options.readText(path);
    // A tag has an exclamation mark, however it is written.
    met.resets ||= text.includes('!');
    return text;
  };
  const read = (path: string): Promise<string> => {
    const known = texts.get(path) ?? readOnce(path);
    texts.set(path, known);
    return known;
  };
  return {
    reporter: createReporter(),
    paths: pathsOf(options.platform),
    home: options.environment.HOME ?? options.environment.USERPROFILE,
    keepPaths: options.resolvePaths === false,
    takePorts: (count) => {
      ports += count;
      return ports <= MAX_PORTS;
    },
    met,
    ...values,
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

interface Parsed {
  readonly source: Source;
  readonly documents: readonly Node[];
}

async function parseFiles(files: readonly string[], baseDir: string, context: LoadContext): Promise<readonly Parsed[]> {
  const texts = await Promise.all(files.map((file) => context.read(file)));
  return Promise.all(
    files.map(async (file, index) => {
      const source: Source = { file, text: texts[index] ?? '', baseDir };
      return { source, documents: await parseSource(source, context.reporter) };
    }),
  );
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
        // A file of the command line begins a chain of its own: another one of them may include it.
        chain: chain.length === 0 ? [source.file] : chain,
        loadUnit: async (files, inner, innerChain) =>
          loadDocuments(await parseFiles(files, inner.baseDir, context), context, inner, innerChain),
      });
      model = merge(model, await applyExtends(included, context, unit), composeFile);
      // What a later file says does not help: docker compose checks what it has so far after each.
      if (context.met.nothing) reportNothing(withoutResets(model), composeFile, context);
    }
  }
  if (model?.kind !== 'map') {
    // `!reset` passes every check and is removed; here it marks the whole of a file, and nothing is left.
    const at = parsed.flatMap(({ documents }) => documents)[0];
    const message = 'a compose file must be a mapping';
    if (at !== undefined && !context.reporter.failed()) context.reporter.report({ rule: 'wrong-type', message, at });
    return undefined;
  }
  const whole = context.met.resets ? withoutResets(model) : model;
  if (whole.kind !== 'map') return undefined;
  checkExternalVolumes(whole, context.reporter);
  return completeServices(whole, unit, context);
}

/**
 * What follows from the unit a service is in, a project or an include: variables without value come from its own
 * environment, and a build without a context is of its folder, wherever an extended service was written. A dependency
 * is required where no file says otherwise.
 */
function completeServices(model: MapNode, { baseDir, lookup, literal }: Unit, context: LoadContext): MapNode {
  return mapServices(model, (service) => {
    const environment = child(service, 'environment');
    const build = child(service, 'build');
    let whole = service;
    if (environment?.kind === 'map' && !literal) {
      const filled = fromEnvironment(environment, valuesOf({ lookup }, context));
      if (filled !== environment) whole = withEntry(whole, 'environment', filled);
    }
    const dependencies = child(service, 'depends_on');
    if (dependencies?.kind === 'map') whole = withEntry(whole, 'depends_on', withRequired(dependencies));
    if (build?.kind === 'map' && !build.entries.has('context'))
      whole = withEntry(whole, 'build', withEntry(build, 'context', scalar(context.keepPaths ? '.' : baseDir, build)));
    return whole;
  });
}

/**
 * Reads and checks a project. Mistakes in files are diagnostics, all of them at once; only a missing `files` or
 * `envFiles` entry is thrown (AppFailure `file.not-found`).
 */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const missing = new Map<string, Missing>();
  // Which there are depends on the project's name, which the files say.
  let opaque: ReturnType<NonNullable<LoadOptions['opaque']>> | undefined;
  const context = createContext(options, {
    opaque: (name) => {
      const value = opaque?.get(name);
      return value && toMark(value);
    },
    // Required somewhere is required.
    missing: (one) => {
      if (one.required || !missing.has(one.name)) missing.set(one.name, one);
    },
  });
  const { reporter, paths } = context;
  const [first] = options.files;
  if (first === undefined) throw new AppFailure({ code: 'usage', message: 'no compose file was given' });
  const workingDir = options.workingDir ?? paths.dirname(first);
  const environment = await readEnvironment(options, workingDir, context);
  const parsed = await parseFiles(options.files, workingDir, context);
  const name = projectName({
    options,
    documents: parsed.flatMap((one) => one.documents),
    lookup: environment.lookup,
    workingDir,
    context,
  });
  opaque = options.opaque?.(name);
  const lookup: Lookup = (key) => (key === 'COMPOSE_PROJECT_NAME' ? name : environment.lookup(key));
  const model = await loadDocuments(
    parsed,
    context,
    { baseDir: workingDir, lookup, literal: options.interpolate === false },
    [],
  );
  if (model && !reporter.failed() && [...model.entries.keys()].every((key) => key === 'version')) {
    reporter.report({ rule: 'empty-file', message: 'the file says nothing', at: model });
  }
  const project =
    model &&
    (await toProject({
      model,
      name,
      workingDir,
      lookup,
      values: valuesOf({ lookup }, context),
      context,
      options,
      environment,
    }));
  return {
    project,
    name,
    diagnostics: reporter.diagnostics(),
    missing: [...missing.values()].map(({ at, ...one }) => ({ ...one, where: locate(at) })),
    ...(model && { where: createWhere(model) }),
    variables: new Map([...environment.variables(), ['COMPOSE_PROJECT_NAME', name]]),
  };
}
