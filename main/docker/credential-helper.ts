import { execFile } from 'node:child_process';
import { delimiter } from 'node:path';

/*
 * docker's credential helpers: programs that get a registry on standard input and answer with JSON
 * (github.com/docker/docker-credential-helpers). The value comes through the pipe and stays in memory.
 */

export interface HelperAnswer {
  readonly user: string;
  readonly secret: string;
}

/** undefined: it has none. Rejects with an Error whose message says which helper failed and how, and never a value. */
export interface AskHelper {
  readonly get: (helper: string, registry: string) => Promise<HelperAnswer | undefined>;
  /** Registry → user. */
  readonly list: (helper: string) => Promise<Readonly<Record<string, string>>>;
}

/** A helper may show a dialog, which somebody has to answer. */
const patience = 30_000;
const maxBytes = 256 * 1024;

/** The name becomes part of a program's name: a path in it would run something else. */
export const isHelperName = (name: string): boolean => /^[A-Za-z0-9_.-]+$/.test(name);

type Action = 'get' | 'list';

/** `error in the keychain`, without what a helper may have said about a value: only its first line, and only on failure. */
function reasonOf(program: string, error: Error & { code?: unknown; killed?: boolean }): string {
  if (error.code === 'ENOENT') return `${program} is not installed, though docker’s config.json names it.`;
  if (error.code === 'EACCES') return `${program} may not be started.`;
  if (error.killed === true) return `${program} did not answer within ${patience / 1000} s.`;
  return `${program} ended with code ${String(error.code ?? 'unknown')}.`;
}

function call(helper: string, action: Action, input: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const program = `docker-credential-${helper}`;
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      [action],
      { timeout: patience, killSignal: 'SIGKILL', maxBuffer: maxBytes, windowsHide: true, env },
      (error, stdout, stderr) => {
        if (!error) return resolve(stdout);
        // The one sentence that all helpers share: credentials/error.go.
        if (/credentials not found/i.test(stdout + stderr)) return resolve(undefined);
        reject(new Error(reasonOf(program, error)));
      },
    );
    // A helper that ends without reading says why by its exit code.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

const parse = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
};

/** A program that was started from macOS' Dock has none of these in its PATH, and Docker Desktop puts its helpers there. */
const usualFolders = ['/usr/local/bin', '/opt/homebrew/bin', '/Applications/Docker.app/Contents/Resources/bin'];

/** Runs the helpers that are on PATH; a relative folder in it is passed over, because a project could bring its own. */
export function createHelpers(environment: Readonly<Record<string, string | undefined>>): AskHelper {
  const written = environment.PATH?.split(delimiter).filter((folder) => /^([/\\]|[A-Za-z]:)/.test(folder));
  const path = written && [...written, ...(delimiter === ':' ? usualFolders : [])];
  const env = path === undefined ? { ...environment } : { ...environment, PATH: path.join(delimiter) };
  const notJson = (helper: string) => new Error(`docker-credential-${helper} answered with something else than JSON.`);
  return {
    get: async (helper, registry) => {
      const said = await call(helper, 'get', registry, env);
      if (said === undefined) return undefined;
      const answer = parse(said);
      if (typeof answer?.Secret !== 'string') throw notJson(helper);
      return answer.Secret === ''
        ? undefined
        : { user: typeof answer.Username === 'string' ? answer.Username : '', secret: answer.Secret };
    },
    list: async (helper) => {
      const answer = parse((await call(helper, 'list', '', env)) ?? '{}');
      if (answer === undefined) throw notJson(helper);
      return Object.fromEntries(
        Object.entries(answer).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
      );
    },
  };
}
