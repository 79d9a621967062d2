import * as z from 'zod';
import { type CredentialKey, credentialKey } from '../../preload/contract/credentials.ts';
import type { Diagnostic } from '../../preload/contract/errors.ts';
import { AppFailure } from '../core/app-failure.ts';
import { type EnvCandidate, type LineForm, moveOut, putBack, readCandidates } from '../core/env-import/rewrite.ts';
import { pathsOf } from '../core/paths.ts';
import type { Consents } from './consents.ts';
import type { Credentials } from './credentials.ts';
import { titleOf, toAccount } from './credentials.ts';
import type { EnvHistory } from './env-history.ts';
import type { EnvReader, EnvReaders } from './env-readers.ts';
import type { Clock, Files, Log, StateStore, TextChanges } from './ports.ts';
import { createStateList } from './state-document.ts';

/*
 * Secrets out of a .env file into the keychain. The order survives a crash at any point: the keychain first, read back, then
 * what undoes it (which holds no value), then the file, at once. What was begun twice is done once.
 */

const form = z.object({ name: z.string(), before: z.string(), quote: z.enum(['', "'", '"']) });
/** How the lines of one file are put back. */
const entry = z.object({
  /** Absolute, without links. */
  file: z.string(),
  lines: z.array(z.object({ key: credentialKey, form })),
});
type Undo = z.infer<typeof entry>;

/** Whose the entries become. */
export type ImportScope = { readonly scope: 'user' } | { readonly scope: 'project'; readonly project: string };

export interface EnvProposal {
  /** Absolute, without links. */
  readonly file: string;
  /** The compose project of the file’s folder. */
  readonly project?: string;
  /** In the order of the file; those with a `sign` are proposed, those that are `blocked` cannot be moved. */
  readonly entries: readonly EnvCandidate[];
  readonly warnings: readonly Diagnostic[];
  /** Names that an import took out of it before. */
  readonly undo: readonly string[];
}

export interface MoveInput {
  readonly file: string;
  readonly names: readonly string[];
  readonly to: ImportScope;
  /** Also where the keychain has another value under such a name. */
  readonly replace?: boolean;
}

export interface UndoResult {
  readonly file: string;
  readonly restored: readonly string[];
  readonly left: readonly { readonly name: string; readonly why: string }[];
}

export interface EnvImportOptions {
  readonly files: Files;
  readonly changes: TextChanges;
  readonly credentials: Pick<Credentials, 'list' | 'set' | 'reveal'>;
  readonly consents: Pick<Consents, 'add'>;
  readonly readers: EnvReaders;
  readonly history: EnvHistory;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Log;
}

const invalid = (message: string, hint?: string): AppFailure =>
  new AppFailure({ code: 'input.invalid', message, ...(hint === undefined ? {} : { hint }) });

export function createEnvImport(options: EnvImportOptions) {
  const { files, changes, credentials } = options;
  const undos = createStateList({ ...options, name: 'env-imports', entry, onChange: () => undefined });
  const paths = () => pathsOf(files.platform() === 'win32' ? 'win32' : 'posix');
  const folderOf = (file: string): string => paths().dirname(file);
  const lookup = (name: string): string | undefined => files.environment()[name];

  const readSound = async (file: string) => {
    const text = await files.readText(file);
    const { candidates, problems } = readCandidates(text, lookup);
    const [first] = problems;
    if (first === undefined) return { text, candidates };
    const line = text
      .replace(/^\uFEFF/, '')
      .replaceAll('\r\n', '\n')
      .slice(0, first.offset)
      .split('\n').length;
    throw new AppFailure({
      code: 'file.invalid',
      message: `${file}:${line}: ${first.message}`,
      hint: 'Mend that first: what a file means has to be clear before lines are taken out of it.',
      where: { file, line, column: 1 },
    });
  };

  const propose = async (given: string): Promise<EnvProposal> => {
    const file = await files.realPath(given);
    const { candidates } = await readSound(file);
    const [readers, history, undo] = await Promise.all([
      options.readers(file, folderOf(given)),
      options.history(folderOf(file), paths().basename(file)),
      undos.read(),
    ]);
    const project = readers.find(({ near }) => near)?.project;
    const lines = undo.find((one) => one.file === file)?.lines ?? [];
    return {
      file,
      ...(project === undefined ? {} : { project }),
      entries: candidates,
      warnings: [...sayHistory(file, history), ...readers.flatMap((reader) => sayReader(file, reader))],
      undo: [...new Set(lines.map((one) => one.form.name))],
    };
  };

  /** Values under these names that are another one: nothing is overwritten that nobody was asked about. */
  const throwIfTaken = async (keys: readonly CredentialKey[], values: ReadonlyMap<string, string>): Promise<void> => {
    const known = new Set((await credentials.list()).map(toAccount));
    const taken: string[] = [];
    for (const key of keys) {
      if (known.has(toAccount(key)) && (await credentials.reveal(key)) !== values.get(key.name))
        taken.push(titleOf(key));
    }
    if (taken.length === 0) return;
    throw invalid(
      `The keychain has another value already: ${taken.join(', ')}. Nothing was changed.`,
      'Leave these out, or say --replace: the file’s values then take the place of the keychain’s.',
    );
  };

  const keep = async (key: CredentialKey, value: string): Promise<void> => {
    await credentials.set(key, value);
    if ((await credentials.reveal(key)) === value) return;
    throw new AppFailure({
      code: 'keychain.failed',
      message: `The keychain gave something else back than ${titleOf(key)} was set to. The file was left as it is.`,
      hint: 'Look at the system’s keychain program.',
    });
  };

  /** Throws before anything is changed when a name cannot be moved; the file is changed last. */
  const move = async ({ file: given, names, to, replace = false }: MoveInput): Promise<{ readonly file: string }> => {
    const file = await files.realPath(given);
    const { text, candidates } = await readSound(file);
    for (const name of names) {
      const found = candidates.find((one) => one.name === name);
      if (found === undefined) throw invalid(`${file} has no ${name}.`);
      if (found.blocked !== undefined) throw invalid(`${name} cannot be moved: ${found.blocked}.`);
    }
    if (names.length === 0) throw invalid('No name was chosen.');
    const out = moveOut(text, new Set(names), lookup);
    const toKey = (name: string): CredentialKey => ({ ...to, name });
    const keys = [...out.values.keys()].map(toKey);
    if (!replace) await throwIfTaken(keys, out.values);
    for (const key of keys) await keep(key, out.values.get(key.name) ?? '');

    const added = out.forms.map((one) => ({ key: toKey(one.name), form: one }));
    const ofOthers = (now: readonly Undo[]) => now.filter((one) => one.file !== file);
    const before = (await undos.read()).find((one) => one.file === file)?.lines ?? [];
    // A name that is in the file again has no use for how it was written before.
    const still = before.filter((one) => !names.includes(one.form.name));
    await undos.change(async (now) => [...ofOthers(now), { file, lines: [...still, ...added] }]);
    try {
      await changes.replace(file, { from: text, to: out.text });
    } catch (error) {
      await undos.change(async (now) => [...ofOthers(now), ...(before.length === 0 ? [] : [{ file, lines: before }])]);
      throw error;
    }
    // Who keeps a value for the project beside the file means that folder to have it.
    const folder = folderOf(given);
    const isNear = ({ project, near }: EnvReader) => near && to.scope === 'project' && project === to.project;
    if ((await options.readers(file, folder)).some(isNear)) await options.consents.add(folder, names);
    return { file };
  };

  /** The lines come back with the values that the keychain has now; it keeps them. */
  const undo = async (given: string): Promise<UndoResult> => {
    const file = await files.realPath(given);
    const lines = (await undos.read()).find((one) => one.file === file)?.lines ?? [];
    if (lines.length === 0) throw invalid(`Nothing was moved out of ${file} to the keychain, as far as is known here.`);
    const known = new Set((await credentials.list()).map(toAccount));
    const values = new Map<string, string>();
    for (const { key } of lines) {
      if (known.has(toAccount(key)) && !values.has(key.name)) values.set(key.name, await credentials.reveal(key));
    }
    const text = await files.readText(file);
    const back = putBack(
      text,
      lines.map((one): LineForm => one.form),
      values,
    );
    if (back.restored.length > 0) await changes.replace(file, { from: text, to: back.text });
    const rest = lines.filter((one) => !back.restored.some((form) => form === one.form));
    await undos.change(async (now) => [
      ...now.filter((one) => one.file !== file),
      ...(rest.length === 0 ? [] : [{ file, lines: rest }]),
    ]);
    return { file, restored: [...new Set(back.restored.map(({ name }) => name))], left: back.left };
  };

  return { propose, move, undo };
}
export type EnvImport = ReturnType<typeof createEnvImport>;

function sayHistory(file: string, history: Awaited<ReturnType<EnvHistory>>): readonly Diagnostic[] {
  const where = { file, line: 1, column: 1 };
  const change =
    'change these values where they were issued: taking them out of the file does not take them out of git';
  switch (history.kind) {
    case 'none':
      return [];
    case 'staged':
      return [
        {
          severity: 'warning',
          rule: 'env-in-git',
          message: `git’s index has ${file}`,
          hint: 'git rm --cached, and .gitignore',
          where,
        },
      ];
    case 'committed':
      return [
        {
          severity: 'warning',
          rule: 'env-in-git',
          message: `git’s history has ${file} (last in ${history.commit})`,
          hint: change,
          where,
        },
      ];
  }
}

function sayReader(file: string, { project, near, variables, services }: EnvReader): readonly Diagnostic[] {
  const where = { file, line: 1, column: 1 };
  const said: Diagnostic[] = services.map((service) => ({
    severity: 'warning',
    rule: 'env-file-reader',
    message: `service ${service} of ${project} gets this whole file by env_file: what is moved is missing there`,
    hint: `name what it needs under its environment as well, as NAME: \${NAME}`,
    where,
  }));
  if (variables && !near) {
    said.push({
      severity: 'warning',
      rule: 'env-shared',
      message: `the project ${project} reads this file too`,
      hint: 'keep the values for the user, so that both find them, or set them for that project as well',
      where,
    });
  }
  return said;
}
