// What the team's commands say in a terminal. Pure.
import { toLine } from '../config.mjs';

/** What a result may have, whichever command it is of.
 * @typedef {{path: string, kind: string, diff: string, note?: string}} ShownFile
 * @typedef {{servers?: import('../config.mjs').Report[], offered?: {sha: string, subject?: string} | null, trouble?: string, applied?: string | null,
 *   drifted?: string[], shared?: boolean, files?: ShownFile[], carries?: import('./commands.mjs').Carried[], ignored?: string[],
 *   written?: string[], kept?: {path: string, note: string}[]}} Result
 */

/** @param {string} verb @param {Result} result @returns {string[]} */
export function toLines(
  verb,
  {
    servers = [],
    offered,
    trouble,
    applied,
    drifted = [],
    shared,
    files = [],
    carries = [],
    ignored = [],
    written = [],
    kept = [],
  },
) {
  const diffs = files.flatMap(({ path, kind, diff, note }) => [
    `${kind}: ${path}${note === undefined ? '' : ` (${note})`}`,
    ...(diff === '' ? [] : [diff.trimEnd()]),
  ]);
  const brings = carries.map(({ file, what, command }) => `  ${file}, ${what}: ${command}`);
  const isBehind = offered !== undefined && offered !== null && offered.sha !== applied;
  return [
    ...servers.map(toLine),
    ...diffs,
    ...(brings.length === 0 ? [] : ['it runs or changes what Claude may do:', ...brings]),
    ...(shared === true ? ['this folder is the machine’s own: its Claude Code runs it too'] : []),
    ...(ignored.length === 0 ? [] : [`not taken: ${ignored.join(', ')}`]),
    ...written.map((path) => `${verb === 'apply' ? 'written' : 'undone'}: ${path}`),
    ...kept.map(({ path, note }) => `yours: ${path}: ${note}`),
    ...(drifted.length === 0 ? [] : [`changed here since: ${drifted.join(', ')}`]),
    ...(trouble === undefined ? [] : [`what is offered is not known: ${trouble}`]),
    ...(applied === undefined ? [] : [`the team’s configuration here: ${applied ?? 'none'}`]),
    ...(isBehind && verb === 'diff' ? [`to apply it: claude-env team apply ${offered.sha}`] : []),
    ...(isBehind && verb !== 'diff'
      ? [`offered: ${offered.sha} ${offered.subject ?? ''}; claude-env team diff shows it`.trim()]
      : []),
  ];
}
