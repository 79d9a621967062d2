// What applying a revision, or undoing it, changes in Claude Code's configuration folder. Pure: files come in and go out as bytes.
import { createHash } from 'node:crypto';
import { addBlock, hasMarks, takeOutBlock, toBlock } from './block.mjs';
import { mergeSettings, parseSettings, partLine, takeOutSettings } from './settings.mjs';
import { toVisible } from './visible.mjs';

/**
 * @typedef {import('./archive.mjs').TeamFile} TeamFile
 * @typedef {{kind: 'none'} | {kind: 'file', data: Buffer, executable: boolean} | {kind: 'other', what: string}} Present what is
 *   at a path now; `other`: nothing that we write to, such as a link
 * @typedef {{kind: 'file', sha256: string}
 *   | {kind: 'settings', sha256: string, before: string | null, parts: import('./settings.mjs').Part[]}
 *   | {kind: 'block', sha256: string, before: string | null, block: string}} Written one path as we left it; `before`: the
 *   user's own text, null when there was none
 * @typedef {{version: 1, team: string, revision: string, files: Record<string, Written>, folders: string[]}} Applied what is applied
 * @typedef {'add' | 'change' | 'remove' | 'keep-yours' | 'same'} Kind
 * @typedef {{path: string, kind: Kind, note?: string, old: string[] | Buffer | null, new: string[] | Buffer | null}} Change
 *   `old`, `new`: the team's part then and now, as bytes or as lines; nothing of the user's is in them
 * @typedef {{path: string, before: string | null, after: Buffer | null, executable: boolean}} Op `before`: the sha256 of what is
 *   there; `after` null: it is removed
 * @typedef {{changes: Change[], ops: Op[], record: Applied | null, drifted: string[]}} Plan
 */

/**
 * @param {object} options
 * @param {{team: string, revision: string, files: ReadonlyMap<string, TeamFile>} | null} options.wanted null: undo
 * @param {Applied | null} options.record what is applied now
 * @param {(path: string) => Present} options.look
 * @returns {Plan}
 * @throws {Error} when a settings.json, the team's or the user's, cannot be used
 */
export function planConfig({ wanted, record, look }) {
  /** @type {Plan} */
  const plan = { changes: [], ops: [], record: null, drifted: [] };
  /** @type {Applied['files']} */
  const files = {};
  const paths = new Set([...Object.keys(record?.files ?? {}), ...(wanted?.files.keys() ?? [])]);
  for (const path of [...paths].sort()) {
    const plans = path === 'settings.json' ? planSettings : path === 'CLAUDE.md' ? planBlock : planFile;
    const written = record?.files[path];
    const { change, op, next, drifted } = plans({ path, team: wanted?.files.get(path), written, present: look(path) });
    if (change !== undefined) {
      plan.changes.push(change);
    }
    if (op !== undefined) {
      plan.ops.push(op);
    }
    if (next !== undefined && wanted !== null) {
      files[path] = next;
    }
    if (drifted) {
      plan.drifted.push(path);
    }
  }
  if (wanted !== null) {
    plan.record = { version: 1, team: wanted.team, revision: wanted.revision, files, folders: record?.folders ?? [] };
  }
  return plan;
}

/**
 * @typedef {{path: string, team: TeamFile | undefined, written: Written | undefined, present: Present}} One
 * @typedef {{change?: Change, op?: Op, next?: Written, drifted: boolean}} Planned
 */

/** @param {One} one @returns {Planned} */
function planFile({ path, team, written, present }) {
  const now = present.kind === 'file' ? digest(present) : null;
  const ours = written !== undefined && now === written.sha256;
  const drifted = written !== undefined && !ours;
  const old = ours && present.kind === 'file' ? present.data : null;
  if (team === undefined) {
    if (written === undefined || present.kind === 'none') {
      return { drifted };
    }
    return ours
      ? {
          change: { path, kind: 'remove', old, new: null },
          op: { path, before: now, after: null, executable: false },
          drifted,
        }
      : { change: keep(path, 'you changed it since: it stays'), drifted };
  }
  const target = digest(team);
  if (now === target) {
    // An equal file of the user's own stays theirs: it is not removed later.
    return {
      change: { path, kind: 'same', old: null, new: null },
      ...(written === undefined ? {} : { next: { kind: 'file', sha256: target } }),
      drifted: false,
    };
  }
  const free = present.kind === 'none' && written === undefined;
  if (!free && !ours) {
    return {
      change: keep(path, reasonToKeep(present, written)),
      ...(written === undefined ? {} : { next: written }),
      drifted,
    };
  }
  return {
    change: { path, kind: ours ? 'change' : 'add', old, new: team.data },
    op: { path, before: now, after: team.data, executable: team.executable },
    next: { kind: 'file', sha256: target },
    drifted,
  };
}

/** @param {Present} present @param {Written | undefined} written */
function reasonToKeep(present, written) {
  if (present.kind === 'other') {
    return `${present.what}: it stays as it is`;
  }
  if (present.kind === 'none') {
    return 'you removed it: it stays away';
  }
  return written === undefined ? 'you have one of your own: it stays' : 'you changed it since: it stays';
}

/** @param {One} one @returns {Planned} */
function planSettings({ path, team, written, present }) {
  if (present.kind === 'other') {
    return {
      change: keep(path, reasonToKeep(present, written)),
      ...(written === undefined || team === undefined ? {} : { next: written }),
      drifted: written !== undefined,
    };
  }
  const text = present.kind === 'file' ? present.data.toString('utf8') : null;
  const teams = team === undefined ? null : parseSettings(team.data.toString('utf8'), 'the team’s');
  const before = written?.kind === 'settings' ? written : undefined;
  const without = settingsWithout(text, before);
  if ('broken' in without) {
    return {
      change: keep(path, without.broken),
      ...(written === undefined || team === undefined ? {} : { next: written }),
      drifted: written !== undefined,
    };
  }
  const { base, users, missing } = without;
  const merged = teams === null ? null : mergeSettings(users, teams);
  const isKept = merged === null || merged.parts.length === 0;
  const after = isKept ? base : `${JSON.stringify(merged.settings, null, 2)}\n`;
  const notes = [
    ...(merged !== null && merged.kept.length > 0 ? [`yours stays: ${toVisible(merged.kept.join(', '))}`] : []),
    ...(missing.length > 0 ? [`you changed since: ${toVisible(missing.join(', '))}`] : []),
  ];
  return finish({
    path,
    present,
    after,
    old: before?.parts.filter(isSaid).map(partLine) ?? null,
    new: isKept ? null : merged.parts.filter(isSaid).map(partLine),
    note: notes.join('; '),
    next: isKept ? undefined : { kind: 'settings', sha256: '', before: base, parts: merged.parts },
    drifted: missing.length > 0,
  });
}

/** @param {import('./settings.mjs').Part} part */
const isSaid = ({ how }) => how === 'value' || how === 'item';

/**
 * The user's settings as they would be without ours, as text and as a value; or why they cannot be told.
 * @param {string | null} text @param {Extract<Written, {kind: 'settings'}> | undefined} before
 * @returns {{base: string | null, users: import('./settings.mjs').Settings, missing: string[]} | {broken: string}}
 */
function settingsWithout(text, before) {
  try {
    if (text === null) {
      return { base: null, users: {}, missing: before === undefined ? [] : ['settings.json'] };
    }
    if (before === undefined) {
      return { base: text, users: parseSettings(text, 'your'), missing: [] };
    }
    if (digest({ data: Buffer.from(text), executable: false }) === before.sha256) {
      return { base: before.before, users: parseSettings(before.before ?? '{}', 'your'), missing: [] };
    }
    const { settings, missing } = takeOutSettings(parseSettings(text, 'your'), before.parts);
    const isGone = before.before === null && Object.keys(settings).length === 0;
    return { base: isGone ? null : `${JSON.stringify(settings, null, 2)}\n`, users: settings, missing };
  } catch (error) {
    return { broken: error.message };
  }
}

/** @param {One} one @returns {Planned} */
function planBlock({ path, team, written, present }) {
  const text = present.kind === 'file' ? present.data.toString('utf8') : null;
  const before = written?.kind === 'block' ? written : undefined;
  if (present.kind === 'other' || (team !== undefined && hasMarks(team.data.toString('utf8')))) {
    return {
      change: keep(
        path,
        present.kind === 'other' ? reasonToKeep(present, written) : 'the team’s has our own marks in it',
      ),
      // What was put in before is still there, and is taken out with the rest.
      ...(before === undefined || team === undefined ? {} : { next: before }),
      drifted: before !== undefined,
    };
  }
  const base = before === undefined ? text : blockless(text, before);
  if (base === undefined || (before === undefined && text !== null && hasMarks(text))) {
    return {
      change: keep(path, 'you changed the team’s part since: it stays'),
      ...(before === undefined || team === undefined ? {} : { next: before }),
      drifted: true,
    };
  }
  const block = team === undefined ? null : toBlock(team.data.toString('utf8'));
  return finish({
    path,
    present,
    after: block === null ? base : addBlock(base, block),
    old: before === undefined ? null : Buffer.from(before.block),
    new: block === null ? null : Buffer.from(block),
    note: '',
    next: block === null ? undefined : { kind: 'block', sha256: '', before: base, block },
    drifted: false,
  });
}

/** @param {string | null} text @param {Extract<Written, {kind: 'block'}>} before @returns {string | null | undefined} */
function blockless(text, before) {
  if (text === null) {
    return undefined;
  }
  if (digest({ data: Buffer.from(text), executable: false }) === before.sha256) {
    return before.before;
  }
  const rest = takeOutBlock(text, before.block);
  return rest === '' && before.before === null ? null : rest;
}

/**
 * @param {object} one
 * @param {string} one.path
 * @param {Exclude<Present, {kind: 'other'}>} one.present
 * @param {string | null} one.after
 * @param {Change['old']} one.old
 * @param {Change['new']} one.new
 * @param {string} one.note
 * @param {Exclude<Written, {kind: 'file'}> | undefined} one.next
 * @param {boolean} one.drifted
 * @returns {Planned}
 */
function finish({ path, present, after, old, new: now, note, next, drifted }) {
  const before = present.kind === 'file' ? digest(present) : null;
  const executable = present.kind === 'file' && present.executable;
  const data = after === null ? null : Buffer.from(after);
  const target = data === null ? null : digest({ data, executable });
  const kind =
    before === target
      ? note === ''
        ? 'same'
        : 'keep-yours'
      : old === null
        ? 'add'
        : now === null
          ? 'remove'
          : 'change';
  const isNothing = old === null && now === null && note === '';
  return {
    ...(isNothing ? {} : { change: { path, kind, old, new: now, ...(note === '' ? {} : { note }) } }),
    ...(before === target ? {} : { op: { path, before, after: data, executable } }),
    ...(next === undefined || data === null ? {} : { next: { ...next, sha256: digest({ data, executable: false }) } }),
    drifted,
  };
}

/** @param {string} path @param {string} note @returns {Change} */
const keep = (path, note) => ({ path, kind: 'keep-yours', note, old: null, new: null });

/** Of what is in a file and whether it may be run. @param {{data: Buffer, executable: boolean}} file */
export const digest = ({ data, executable }) =>
  createHash('sha256')
    .update(executable ? 'x' : '-')
    .update(data)
    .digest('hex');
