import type { Credential, CredentialKey, CredentialUse, KeychainState } from '../../preload/contract/credentials.ts';
import { splitId } from '../../preload/contract/ids.ts';
import type { McpServer } from '../../preload/contract/model.ts';
import { shellWord } from '../../preload/contract/shell-word.ts';
import { aggregateLook, type Look } from './aggregate.ts';
import { plural } from './words.ts';

/** What a row is known by; no two entries have the same. */
export const credentialId = (key: CredentialKey): string =>
  key.scope === 'user' ? `user/${key.name}` : `${key.scope}/${ownerOf(key)}/${key.name}`;

/** The project or team that it is for. */
const ownerOf = (key: Exclude<CredentialKey, { scope: 'user' }>): string =>
  key.scope === 'team' ? key.team : key.project;

/** "you", "project shop", "team acme" */
export const scopeWords = (key: CredentialKey): string =>
  key.scope === 'user' ? 'you' : `${key.scope} ${ownerOf(key)}`;

const looks = {
  kept: { ...aggregateLook.healthy, label: 'in the keychain' },
  session: { shape: 'note', tone: 'busy', label: 'this run only' },
  gone: { ...aggregateLook.failed, label: 'gone from the keychain' },
  missing: { ...aggregateLook.degraded, label: 'missing' },
} as const satisfies Readonly<Record<Credential['state'], Look>>;
const unreadable: Look = { ...aggregateLook.unknown, label: 'cannot be read now' };

/** Whether it answers, or is still being asked. */
export const canKeep = ({ kind }: KeychainState): boolean => kind === 'available' || kind === 'asking';

/** Pure. What is kept can be had only where the keychain answers. */
export function credentialLook({ state }: Credential, keychain: KeychainState): Look {
  return state === 'kept' && !canKeep(keychain) ? unreadable : looks[state];
}

/** The stack's project, as people know it. */
const projectOf = (use: CredentialUse): string => splitId(use.stack).project;

/** Those that take this very entry, as `shop: web, worker`. */
export const takers = ({ usedBy }: Credential): readonly string[] =>
  usedBy
    .filter(({ takes }) => takes === 'this')
    .map((use) => (use.services.length === 0 ? projectOf(use) : `${projectOf(use)}: ${use.services.join(', ')}`));

/** Why a stack that refers to the name does not take this entry. */
export const passedOver = ({ usedBy }: Credential): readonly string[] =>
  usedBy.flatMap((use) => {
    if (use.takes === 'this') return [];
    const instead = use.takes === 'project' ? 'its own entry' : 'the environment or .env';
    return [`${projectOf(use)} takes ${instead}`];
  });

/** What would no longer have a value without this entry; nothing where the user's own entry steps in. */
export function orphaned(credential: Credential, all: readonly Credential[]): readonly string[] {
  const { key } = credential;
  const stepsIn =
    key.scope === 'project' && all.some((one) => one.key.scope === 'user' && one.key.name === key.name && has(one));
  return stepsIn || credential.state === 'missing' ? [] : takers(credential);
}
const has = ({ state }: Credential): boolean => state === 'kept' || state === 'session';

export type CredentialRow =
  | { readonly kind: 'group'; readonly id: string; readonly title: string; readonly count: number }
  | { readonly kind: 'credential'; readonly id: string; readonly credential: Credential };

const missingGroup = 'Needed, and nowhere to be found';
function groupOf({ state, key }: Credential): string {
  if (state === 'missing') return missingGroup;
  if (key.scope === 'team') return `Yours, for the team ${key.team} (values are not shared)`;
  return key.scope === 'user' ? 'Yours, for every project' : `Project ${key.project}`;
}
/** What is missing first, then the user's, then the projects'. */
const rank = ({ state, key }: Credential): number => (state === 'missing' ? 0 : key.scope === 'user' ? 1 : 2);

function matches(credential: Credential, words: readonly string[]): boolean {
  const { key, usedBy } = credential;
  const used = usedBy.flatMap((use) => [projectOf(use), ...use.services]);
  const text = [key.name, scopeWords(key), credential.state, ...used].join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}

/** Pure. The rows of the screen: a heading for each scope, and below it what has every word of the query. */
export function credentialRows(all: readonly Credential[], query: string): readonly CredentialRow[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const found = all
    .filter((credential) => matches(credential, words))
    .map((credential) => ({ credential, rank: rank(credential), group: groupOf(credential) }))
    .sort((a, b) => a.rank - b.rank || a.group.localeCompare(b.group) || byName(a.credential, b.credential));
  const counts = new Map<string, number>();
  for (const { group } of found) counts.set(group, (counts.get(group) ?? 0) + 1);
  return found.flatMap(({ credential, group }, index): CredentialRow[] => {
    const row = { kind: 'credential', id: credentialId(credential.key), credential } as const;
    if (found[index - 1]?.group === group) return [row];
    return [{ kind: 'group', id: `group ${group}`, title: group, count: counts.get(group) ?? 0 }, row];
  });
}
const byName = (a: Credential, b: Credential) =>
  a.key.name < b.key.name ? -1 : a.key.name > b.key.name ? 1 : credentialId(a.key) < credentialId(b.key) ? -1 : 1;

/** "12 names, 2 missing" */
export function credentialSummary(all: readonly Credential[]): string {
  const missing = all.filter(({ state }) => state === 'missing').length;
  const kept = plural(all.length - missing, 'credential');
  return missing === 0 ? kept : `${kept}, ${missing} missing`;
}

/** The command that does the same in a terminal. */
export const setCommand = (key: CredentialKey): string =>
  `npx claude-env secret set ${key.name}${key.scope === 'user' ? '' : key.scope === 'team' ? ' --scope team' : ` --scope project -p ${shellWord(key.project)}`}`;

/** The variable that a server lacks, as its reason names it: `set TWENTY_FIRST_API_KEY`. */
export const keyOf = ({ state, reason }: Pick<McpServer, 'state' | 'reason'>): string | undefined =>
  state === 'needs-setup' ? /\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/.exec(reason ?? '')?.[0] : undefined;

/** What is wrong with a name; the same rule as the contract's. */
export function nameMistake(name: string): string | undefined {
  if (name === '') return 'Give it the name that the compose file uses.';
  if (/^\d/.test(name)) return 'A name does not begin with a digit.';
  if (!/^\w+$/.test(name)) return 'Only letters, digits and _, as variables in a compose file have.';
  return name.length > 128 ? 'At most 128 characters.' : undefined;
}
