// What a revision of the team's configuration would run on the member's machine, or let Claude do unasked. Pure.
import { isObject } from './settings.mjs';
import { toVisible } from './visible.mjs';

/**
 * @typedef {{file: string, what: string, command: string}} Carried `what`: when it runs, in words
 */

/** Keys of settings whose text Claude Code runs in a shell (https://code.claude.com/docs/en/settings), whatever is around them. */
const runs = /^(command|[a-zA-Z]+Helper|awsAuthRefresh|awsCredentialExport|script|exec)$/;
/** And those that let something happen that would be asked about, or bring other people's code. */
const opens = ['env', 'permissions', 'enabledPlugins', 'extraKnownMarketplaces', 'mcpServers', 'sandbox'];

/**
 * @param {ReadonlyMap<string, import('./archive.mjs').TeamFile>} files
 * @param {import('./settings.mjs').Settings | null} settings the team's settings.json
 * @returns {Carried[]}
 */
export function listCarried(files, settings) {
  const carried = settings === null ? [] : [...fromSettings(settings)];
  for (const [file, { data, executable }] of files) {
    if (executable || data.subarray(0, 2).toString('latin1') === '#!') {
      carried.push({ file, what: 'a program', command: file });
    }
    if (file.endsWith('.md')) {
      carried.push(...fromMarkdown(file, data.toString('utf8')));
    }
  }
  return carried.map((one) => ({ ...one, what: toVisible(one.what), command: toVisible(one.command) }));
}

/** @param {import('./settings.mjs').Settings} settings @returns {Generator<Carried>} */
function* fromSettings(settings) {
  for (const [path, value] of leaves(settings, [])) {
    const key = path.at(-1) ?? '';
    const [top = ''] = path;
    const where = path.join('.');
    const event = top === 'hooks' ? `hook ${path[1] ?? ''}`.trim() : where;
    if (runs.test(key) || (top === 'hooks' && ['url', 'prompt'].includes(key))) {
      yield { file: 'settings.json', what: event, command: String(value) };
    } else if (opens.includes(top) || (typeof value === 'boolean' && /^(enableAll|skip|dangerously|allow)/.test(key))) {
      yield { file: 'settings.json', what: 'sets', command: `${where} = ${JSON.stringify(value)}` };
    }
  }
}

/** @param {unknown} value @param {string[]} path @returns {Generator<[string[], unknown]>} */
function* leaves(value, path) {
  if (Array.isArray(value)) {
    for (const item of value) {
      yield* leaves(item, path);
    }
  } else if (isObject(value)) {
    for (const [key, inner] of Object.entries(value)) {
      yield* leaves(inner, [...path, key]);
    }
  } else {
    yield [path, value];
  }
}

/**
 * Commands, skills and agents run what stands in !`…` when they are called, and hooks of their front matter.
 * @param {string} file @param {string} text @returns {Generator<Carried>}
 */
function* fromMarkdown(file, text) {
  const head = /^---\r?\n([\s\S]*?)\r?\n---/.exec(text)?.[1] ?? '';
  for (const [, key = '', command = ''] of head.matchAll(
    /^[ \t-]*["']?(command|url|allowed-tools|permissionMode)["']?[ \t]*:[ \t]*(.+)$/gm,
  )) {
    const sets = key === 'allowed-tools' || key === 'permissionMode';
    yield { file, what: sets ? 'sets' : 'front matter', command: sets ? `${key} = ${command}` : command };
  }
  for (const [, command = ''] of text.matchAll(/!`([^`\n]+)`/g)) {
    yield { file, what: 'when it is called', command };
  }
  for (const [, command = ''] of text.matchAll(/^```!\s*\n([\s\S]*?)\n```/gm)) {
    yield { file, what: 'when it is called', command };
  }
}
