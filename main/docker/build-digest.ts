import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Build } from '../core/compose/project.ts';
import type { BuildSettings } from '../services/ports.ts';
import { lastingArgs, resolveBuildArgs } from './build-args.ts';
import {
  type ContextEntry,
  isRemoteContext,
  listContext,
  readBuildContext,
  unreadable,
  wholeBytes,
} from './build-context.ts';
import { mapLimited } from './parallel.ts';

/*
 * What an image would be built from, as one number: it is written on the image (label io.claude-env.build-digest) and
 * compared before the next build.
 */
const digestLabel = 'io.claude-env.build-digest';

/** The file's labels, compose's, and the digest. */
export const toBuildLabels = (input: {
  readonly build: Build;
  readonly labels: Readonly<Record<string, string>>;
  readonly digest?: string | undefined;
}): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(input.build.labels ?? []),
  ...input.labels,
  ...(input.digest !== undefined && { [digestLabel]: input.digest }),
});

/** Contents' hashes by absolute path, good as long as size and modification time stay. */
export type DigestCache = Map<string, { readonly size: number; readonly mtimeMs: number; readonly hash: string }>;
export const createDigestCache = (): DigestCache => new Map();

export interface DigestBuild {
  readonly build: Build;
  readonly settings: BuildSettings;
  readonly cache: DigestCache;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

/**
 * SHA-256 (hex) over the context's paths, modes and contents and over what else shapes the image. undefined for a context
 * that the engine fetches from elsewhere: nobody here knows what is in it. Throws `file.not-found` for a missing context.
 */
export async function digestBuild(input: DigestBuild): Promise<string | undefined> {
  const { build, settings, cache, environment, signal } = input;
  if (isRemoteContext(build.context)) return undefined;
  const context = await readBuildContext(build, settings.extraCa);
  const hash = createHash('sha256');
  const recipe = {
    dockerfile: context.dockerfile,
    args: Object.entries(lastingArgs(resolveBuildArgs(build, settings, environment))).sort(byKey),
    target: build.target ?? '',
    network: build.network ?? '',
    platforms: build.platforms ?? [],
    labels: [...(build.labels ?? [])].sort(byKey),
    // Said only where there are some, so that what was built before there were keeps its digest.
    ...(build.additional_contexts?.size ? { contexts: [...build.additional_contexts].sort(byKey) } : {}),
  };
  hash.update(`${JSON.stringify(recipe)}\0`);
  const entries = [context.entries];
  for (const [, folder] of namedFolders(build)) entries.push(await listContext(folder, undefined, new Set()));
  // Several at once: twenty thousand small files one after the other took a minute on a busy machine.
  const lines = await mapLimited(entries.flat(), 16, async (entry) => {
    signal?.throwIfAborted();
    return `${entry.path}\0${entry.kind}\0${entry.mode.toString(8)}\0${await contentOf(entry, cache)}\0`;
  });
  for (const line of lines) hash.update(line);
  return hash.digest('hex');
}

/** Additional contexts that are folders of this machine: the others are images or fetched from elsewhere. */
const namedFolders = (build: Build): readonly (readonly [string, string])[] =>
  [...(build.additional_contexts ?? [])].filter(([, context]) => isAbsolute(context)).sort(byKey);

const byKey = ([left]: readonly [string, string], [right]: readonly [string, string]): number =>
  left < right ? -1 : 1;

async function contentOf(entry: ContextEntry, cache: DigestCache): Promise<string> {
  if (entry.kind === 'directory') return '';
  if (entry.kind === 'link') return entry.target;
  if (entry.kind === 'text') return createHash('sha256').update(entry.text).digest('hex');
  const known = cache.get(entry.source);
  if (known && known.size === entry.size && known.mtimeMs === entry.mtimeMs) return known.hash;
  const hash = createHash('sha256');
  try {
    if (entry.size <= wholeBytes) hash.update(await readFile(entry.source));
    else await pipeline(createReadStream(entry.source), hash);
  } catch (cause) {
    throw unreadable(cause);
  }
  const hex = hash.digest('hex');
  cache.set(entry.source, { size: entry.size, mtimeMs: entry.mtimeMs, hash: hex });
  return hex;
}
