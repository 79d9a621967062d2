import { shellWord } from '../../preload/contract/shell-word.ts';
import type { SwarmState } from '../../preload/contract/swarm.ts';
import {
  type TeamStackOptions,
  type TeamStackRun,
  type TeamStackStep,
  teamStackOptions,
} from '../../preload/contract/team-stack.ts';
import { teamStackName } from '../../preload/contract/team-stack-name.ts';
import { aggregateLook, type Look, stepLook } from './aggregate.ts';

/* Words for a team's services as a stack of its Swarm: set up, updated, taken down. Pure. */

/** What they are, for who has none yet. */
export const servicesAre =
  'MCP servers behind one address, one configuration for Claude Code that operators approve, who is here, and incidents.';

export const stackStepWords = {
  'make-authority': 'Make',
  'issue-certificate': 'Issue',
  'make-value': 'Make',
  'mark-node': 'Mark',
  'forget-certificate': 'Forget',
} as const satisfies Readonly<Record<TeamStackStep['kind'], string>>;

/** Services of the stack that the Swarm has; 0: it is not deployed. */
export const servicesHere = ({ services }: Pick<SwarmState, 'services'>): number =>
  Object.values(services).filter(({ stack }) => stack === teamStackName).length;

/** As they are typed. */
export interface TypedOptions extends Omit<TeamStackOptions, 'names' | 'port'> {
  /** One a line, or apart by commas. */
  readonly names: string;
  readonly port: string;
}
export const toTyped = ({ names, port, ...rest }: TeamStackOptions): TypedOptions => ({
  ...rest,
  names: names.join(', '),
  port: String(port),
});

const mistakes = {
  names: 'Each is a DNS name, such as team.example.com. Addresses are known anyway.',
  port: 'A number from 1 to 65535.',
  registry: 'It has no spaces: registry.example:5000/team.',
  configRepo: 'An https:// or ssh address without spaces.',
  configBranch: 'It has no spaces.',
  monitoring: '',
} as const satisfies Readonly<Record<keyof TeamStackOptions, string>>;
const password = /^[a-z+]+:\/\/[^/@\s]*:[^/@\s]*@/i;

export type ReadOptions =
  | { readonly kind: 'read'; readonly options: TeamStackOptions }
  | { readonly kind: 'mistakes'; readonly mistakes: Partial<Record<keyof TeamStackOptions, string>> };

/** What was typed, or the mistake of each field that holds one. */
export function readOptions(typed: TypedOptions): ReadOptions {
  const names = typed.names
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((name) => name !== '');
  const read = teamStackOptions.safeParse({
    ...typed,
    names,
    port: /^\d+$/.test(typed.port.trim()) ? Number(typed.port) : 0,
    registry: typed.registry.trim(),
    configRepo: typed.configRepo.trim(),
    configBranch: typed.configBranch.trim(),
  });
  const wrong = (read.error?.issues ?? []).flatMap(({ path }) => {
    const [field] = path as readonly (keyof TeamStackOptions)[];
    return field === undefined ? [] : [[field, mistakes[field]] as const];
  });
  const secret = password.test(typed.configRepo.trim())
    ? [['configRepo', 'It holds a password. Keep a deploy key among the credentials instead.'] as const]
    : [];
  const all = [...wrong, ...secret];
  return read.data === undefined || all.length > 0
    ? { kind: 'mistakes', mistakes: Object.fromEntries(all) }
    : { kind: 'read', options: read.data };
}

const flags = {
  names: 'name',
  port: 'port',
  registry: 'registry',
  configRepo: 'config-repo',
  configBranch: 'config-branch',
} as const;

/** What is chosen and is not so already: the rest stays what it is, whoever chose it. */
export const changedOptions = (options: TeamStackOptions, before: TeamStackOptions): Partial<TeamStackOptions> =>
  Object.fromEntries(
    Object.entries(options).filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key as keyof TeamStackOptions]),
    ),
  );

/** The same as words for a terminal. */
export function upWords(options: TeamStackOptions, before: TeamStackOptions): string {
  const { monitoring, registry, ...changed } = changedOptions(options, before);
  const given = Object.entries({ ...changed, ...(registry ? { registry } : {}) }).flatMap(([key, value]) =>
    [value].flat().map((one) => `--${flags[key as keyof typeof flags]} ${shellWord(String(one))}`),
  );
  return [
    'team up',
    ...given,
    ...(registry === '' ? ['--no-registry'] : []),
    ...(monitoring === undefined ? [] : [monitoring ? '--monitoring' : '--no-monitoring']),
  ].join(' ');
}

type ActiveRun = Extract<TeamStackRun, { since: string }>;
export const isActiveRun = (run: TeamStackRun | null): run is ActiveRun => run !== null && 'since' in run;

const stages = [
  ['preparing', 'Secrets and certificate'],
  ['building', 'Images'],
  ['deploying', 'Services'],
] as const;

/** Its three stages, each with how far it is. */
export function runStages({ phase }: ActiveRun): readonly { readonly title: string; readonly look: Look }[] {
  const at = stages.findIndex(([key]) => key === phase);
  return stages.map(([, title], index) => ({
    title,
    look: index < at ? stepLook.done : index === at ? aggregateLook.working : stepLook.waiting,
  }));
}
