import type { SourceLocation } from '../../../preload/contract/errors.ts';
import type { FileObject } from './project.ts';
import type { Reporter } from './report.ts';
import { didYouMean } from './suggest.ts';
import { child, type MapNode, type Node } from './tree.ts';

/*
 * `x-claude-env` on a secret or config: where its value comes from besides the environment. docker compose accepts the
 * object because it has `environment` as well, which alone it looks at.
 *
 *   tok: {environment: TOKEN, x-claude-env: {keychain: TOKEN}}
 *   tok: {environment: TOKEN, x-claude-env: {command: [op, read, 'op://vault/tok/password']}}
 */

export type SecretOrigin =
  | { readonly from: 'keychain'; readonly name: string }
  /** A program and its arguments, as written; where it is written decides whether it may run. */
  | { readonly from: 'command'; readonly command: readonly string[]; readonly where?: SourceLocation };

const extension = 'x-claude-env';
const keys = ['keychain', 'command'];
const keychainName = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

const isWord = (one: unknown): one is string => typeof one === 'string' && one !== '';

/** What the object says; undefined where it says nothing, or nothing that is right (checkOrigins has said so). */
export function originOf(object: FileObject): SecretOrigin | undefined {
  const said = object.extensions?.[extension];
  if (typeof said !== 'object' || said === null || object.environment === undefined) return undefined;
  const { keychain, command } = said as Readonly<Record<string, unknown>>;
  if (typeof keychain === 'string')
    return keychainName.test(keychain) ? { from: 'keychain', name: keychain } : undefined;
  if (!Array.isArray(command) || command.length === 0 || !command.every(isWord)) return undefined;
  return { from: 'command', command, ...(object.where === undefined ? {} : { where: object.where }) };
}

/** Mistakes in the extension, of all secrets or configs. */
export function checkOrigins(section: MapNode, reporter: Reporter): void {
  for (const { key, value } of section.entries.values()) {
    const said = child(value, extension);
    if (said !== undefined) checkOrigin(key, value, said, reporter);
  }
}

type Wrong = (message: string, hint: string, at: Node) => void;

function checkOrigin(name: string, object: Node, said: Node, { report }: Reporter): void {
  const wrong: Wrong = (message, hint, at) =>
    report({ rule: 'bad-x-claude-env', message: `\`${name}\`: \`${extension}\` ${message}`, hint, at });
  const example = `write ${extension}: {keychain: NAME}`;
  if (said.kind !== 'map') {
    wrong('is not a mapping', example, said);
    return;
  }
  for (const { key, value } of said.entries.values()) {
    if (!keys.includes(key)) wrong(`has an unknown key \`${key}\``, didYouMean(key, keys) ?? example, value);
  }
  const keychain = child(said, 'keychain');
  const command = child(said, 'command');
  if (keychain !== undefined && command !== undefined) {
    wrong('has both `keychain` and `command`', 'keep one of them', command);
  }
  if (keychain === undefined && command === undefined && said.entries.size === 0) wrong('is empty', example, said);
  if (keychain !== undefined) {
    const text = keychain.kind === 'scalar' ? String(keychain.value) : '';
    if (!keychainName.test(text)) {
      wrong('names no entry of the keychain', 'letters, digits and _, not beginning with a digit', keychain);
    }
  }
  if (command !== undefined) checkCommand(command, wrong);
  const environment = child(object, 'environment');
  if (environment === undefined) {
    const hint = `add environment: ${keychain?.kind === 'scalar' ? String(keychain.value) : 'NAME'}; docker compose takes it from there`;
    wrong('needs `environment` beside it', hint, said);
  }
}

/** An argument list, not a line for a shell, and the same whatever the variables are. */
function checkCommand(command: Node, wrong: Wrong): void {
  const hint = "write a list: command: [op, read, 'op://vault/item/field']";
  if (command.kind !== 'list' || command.items.length === 0)
    return void wrong('has a `command` that is no list', hint, command);
  for (const item of command.items) {
    if (item.kind !== 'scalar' || !isWord(item.value))
      wrong('has a `command` with something else than texts', hint, item);
    else if (item.interpolated === true) {
      wrong('has a variable in its `command`', 'write it out: what is run must not depend on a variable', item);
    }
  }
}
