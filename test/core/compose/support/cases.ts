import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppFailure } from '../../../../main/core/app-failure.ts';
import { load } from '../../../../main/core/compose/load.ts';
import type { LoadResult } from '../../../../main/core/compose/project.ts';

/*
 * Cases in plain text, several in a file:
 *
 *   === title
 *   the compose file
 *   --- file: other.yaml        another file begins
 *   --- args: -f compose.yaml -f other.yaml -p name --profile p --env-file x --project-directory d
 *   --- env: A=1 B=2
 *
 * They are loaded from memory here and were run through the real docker compose by record-peer.ts.
 */
export interface ComposeCase {
  readonly title: string;
  readonly files: ReadonlyMap<string, string>;
  readonly composeFiles: readonly string[];
  readonly envFiles: readonly string[];
  readonly profiles: readonly string[];
  readonly projectName?: string;
  readonly workingDir?: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Where the cases' files are; docker compose saw them there, so paths in its answers are the same. */
export const CASE_DIR = '/tmp/compose-case';
export const CASE_ENVIRONMENT = { HOME: '/home/me', PATH: '/usr/bin:/bin' };

function parseCase(title: string, body: string): ComposeCase {
  const files = new Map<string, string>();
  const options: Record<string, string[]> = {};
  let environment: Record<string, string> = CASE_ENVIRONMENT;
  let file = 'compose.yaml';
  for (const line of body.split('\n')) {
    const [, word, rest = ''] = /^--- (file|args|env): (.*)$/.exec(line) ?? [];
    if (word === 'file') file = rest;
    else if (word === 'args') {
      const parts = rest.split(' ');
      for (let at = 0; at < parts.length; at += 2) {
        const option = parts[at] ?? '';
        options[option] = [...(options[option] ?? []), parts[at + 1] ?? ''];
      }
    } else if (word === 'env') {
      const pairs = rest.split(' ').map((pair): [string, string] => {
        const equals = pair.indexOf('=');
        return [pair.slice(0, equals), pair.slice(equals + 1)];
      });
      environment = { ...CASE_ENVIRONMENT, ...Object.fromEntries(pairs) };
    } else files.set(`${CASE_DIR}/${file}`, `${files.get(`${CASE_DIR}/${file}`) ?? ''}${line}\n`);
  }
  const inDir = (path: string): string => `${CASE_DIR}/${path}`;
  const [projectName] = options['-p'] ?? [];
  const [workingDir] = options['--project-directory'] ?? [];
  return {
    title,
    files,
    composeFiles: (options['-f'] ?? ['compose.yaml']).map(inDir),
    envFiles: (options['--env-file'] ?? []).map(inDir),
    profiles: options['--profile'] ?? [],
    environment,
    ...(projectName !== undefined && { projectName }),
    ...(workingDir !== undefined && { workingDir: inDir(workingDir) }),
  };
}

export function parseCases(text: string): readonly ComposeCase[] {
  return text
    .split(/^=== /m)
    .slice(1)
    .map((part) => {
      const newline = part.indexOf('\n');
      return parseCase(part.slice(0, newline).trim(), part.slice(newline + 1));
    });
}

/** Every compose file of every case. */
export function caseTexts(): readonly string[] {
  const folder = join(import.meta.dirname, '../cases');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.txt'))
    .flatMap((name) => parseCases(readFileSync(join(folder, name), 'utf8')))
    .flatMap((one) => [...one.files].filter(([path]) => !path.endsWith('.env')).map(([, text]) => text));
}

/** Loads files that exist in memory only. */
export function loadFrom(
  files: ReadonlyMap<string, string> | Readonly<Record<string, string>>,
  options: Partial<Parameters<typeof load>[0]> = {},
): Promise<LoadResult> {
  const texts = files instanceof Map ? (files as ReadonlyMap<string, string>) : new Map(Object.entries(files));
  return load({
    files: [[...texts.keys()][0] ?? ''],
    environment: {},
    platform: 'posix',
    readText: (path) => {
      const text = texts.get(path);
      return text === undefined
        ? Promise.reject(new AppFailure({ code: 'file.not-found', message: `${path} does not exist` }))
        : Promise.resolve(text);
    },
    ...options,
  });
}

export function loadCase(one: ComposeCase): Promise<LoadResult> {
  return loadFrom(one.files, {
    files: one.composeFiles,
    envFiles: one.envFiles,
    profiles: one.profiles,
    environment: one.environment,
    projectName: one.projectName,
    workingDir: one.workingDir,
  });
}

/** `file:line:column rule` of every error, the directory left out. */
export function errorsOf(result: LoadResult): string[] {
  return result.diagnostics
    .filter((found) => found.severity === 'error')
    .map(({ where, rule }) => `${where?.file.replace(/^.*\//, '')}:${where?.line}:${where?.column} ${rule}`);
}
