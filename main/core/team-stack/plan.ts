import { type SwarmNode, toMachineRole } from '../swarm/membership.ts';

/*
 * What `team up` makes before the team's services can be deployed: the team's own authority and its gateways' certificate, the
 * values of the stack's secrets, and the mark on the node that keeps the data. What is there and holds is left alone.
 */

/** Of a node: its volumes hold the team's data. */
export const dataLabel = 'io.claude-env.data';
/** Every certificate has this name as well, so that servers may come and go without a new one. */
export const serviceHost = 'team.claude-env.internal';

const day = 86_400_000;
/** Browsers take no more of a server's certificate than 398 days; a year is what people expect. */
export const certificateLasts = 365 * day;
export const authorityLasts = 10 * 365 * day;
/** Renewed when less is left. */
export const renewBefore = 30 * day;

/** Values of the stack's secrets: the key in its file, and the name in the keychain. */
export const generated = [
  { key: 'service-key', name: 'CLAUDE_ENV_TEAM_SERVICE_KEY', what: 'what the services show each other' },
  { key: 'db-password', name: 'CLAUDE_ENV_TEAM_DB_PASSWORD', what: 'password of the database' },
  { key: 'redis-password', name: 'CLAUDE_ENV_TEAM_REDIS_PASSWORD', what: 'password of redis' },
  { key: 'first-operator', name: 'CLAUDE_ENV_TEAM_FIRST_OPERATOR', what: 'who the first operator is' },
] as const;
export type GeneratedName = (typeof generated)[number]['name'];
export const certificateNames = { certificate: 'CLAUDE_ENV_TEAM_TLS_CERT', key: 'CLAUDE_ENV_TEAM_TLS_KEY' } as const;

/** The authority's certificate, which is public, and what it may vouch for besides addresses. */
export interface Authority {
  /** PEM. */
  readonly certificate: string;
  readonly hosts: readonly string[];
}
export interface ServerCertificate {
  readonly hosts: readonly string[];
  /** Milliseconds since the epoch. */
  readonly until: number;
}

export type Preparation = { readonly cause: string } & (
  | { readonly kind: 'make-authority'; readonly hosts: readonly string[] }
  | { readonly kind: 'issue-certificate'; readonly hosts: readonly string[] }
  /** This machine's, which somebody else's authority took the place of: deployed again, they would take it back. */
  | { readonly kind: 'forget-certificate' }
  | { readonly kind: 'make-value'; readonly name: GeneratedName; readonly what: string }
  | { readonly kind: 'mark-node'; readonly node: string; readonly hostname: string }
);

/** What is made, issued, forgotten or marked, in words: a secret's value is in none of them. */
export function describePreparation(step: Preparation): string {
  switch (step.kind) {
    case 'make-authority':
      return `the team’s own CA, for addresses and ${step.hosts.join(', ')}`;
    case 'issue-certificate':
      return `the gateways’ certificate, for ${step.hosts.join(', ')}`;
    case 'forget-certificate':
      return 'what this machine’s keychain has of the authority before';
    case 'make-value':
      return step.what;
    case 'mark-node':
      return `${step.hostname} as the node that keeps the data`;
  }
}

export interface PreparationInput {
  readonly nodes: readonly SwarmNode[];
  /** The node that is asked. */
  readonly self: string;
  /** DNS names by which the team's servers are reached. */
  readonly names: readonly string[];
  readonly now: number;
  readonly authority?: Authority | undefined;
  readonly certificate?: ServerCertificate | undefined;
  /** The authority's private key is on this machine. */
  readonly canIssue: boolean;
  /** What this machine keeps of an authority was made by one that the Swarm has no more, because somebody else made another. */
  readonly outdated?: boolean;
  /** Another authority is wanted in any case. */
  readonly renewAuthority: boolean;
  /** Names of values that this machine has. */
  readonly values: ReadonlySet<string>;
  /** Keys of secrets that the Swarm has. */
  readonly secrets: ReadonlySet<string>;
}

export interface Preparations {
  readonly steps: readonly Preparation[];
  /** Names and addresses that the certificate is for; those that servers are reached by, the names first. */
  readonly hosts: readonly string[];
  readonly reached: readonly string[];
  /** What cannot be done from this machine, in sentences. */
  readonly notes: readonly string[];
}
/** `refused`: what stands in the way, and what to do. */
export type PreparationAnswer =
  | ({ readonly kind: 'planned' } & Preparations)
  | { readonly kind: 'refused'; readonly message: string; readonly hint: string };

const refused = (message: string, hint: string): PreparationAnswer => ({ kind: 'refused', message, hint });

/** An engine of 20.10 gives `0.0.0.0` for a manager whose own address it was not told; its manager's address is right. */
function addressOf({ address, manager }: SwarmNode): string {
  const unknown = address === '' || address === '0.0.0.0';
  return unknown && manager !== undefined ? manager.address.replace(/:\d+$/, '').replace(/^\[|\]$/g, '') : address;
}

export const isServer = ({ labels }: SwarmNode): boolean => toMachineRole(labels) === 'server';

const sorted = (values: Iterable<string>): readonly string[] => [...new Set(values)].sort();
const sameSet = (one: readonly string[], other: readonly string[]): boolean =>
  JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));

export function planPreparations(input: PreparationInput): PreparationAnswer {
  const servers = input.nodes.filter(isServer);
  if (servers.length === 0) {
    return refused(
      'No node of this team is a server, and its services run on servers alone.',
      'Say which are: team node role NODE server',
    );
  }
  const addresses = sorted(servers.map(addressOf).filter((address) => address !== ''));
  const reached = [...sorted(input.names), ...addresses];
  const hosts = [...sorted([...input.names, serviceHost]), ...addresses];
  const authority = planAuthority(input);
  if ('kind' in authority) return authority;
  const renewed = authority.steps.length > 0;
  const certificate = planCertificate(input, hosts, renewed);
  const forget = input.outdated === true && !renewed ? [forgetCertificate] : [];
  return {
    kind: 'planned',
    steps: [...forget, ...authority.steps, ...certificate.steps, ...planValues(input), ...planData(input)],
    hosts,
    reached,
    notes: [...(renewed && input.authority !== undefined ? [newPin] : []), ...certificate.notes],
  };
}

const forgetCertificate: Preparation = {
  kind: 'forget-certificate',
  cause: 'another operator made another authority since',
};
const newPin =
  'Everybody else’s machine believes the authority that is there now: with another one, nobody gets in any more until they join again with another invite (`team person invite NAME`). Your own link follows by itself.';

function planAuthority(input: PreparationInput): { readonly steps: readonly Preparation[] } | PreparationAnswer {
  const { authority, canIssue, renewAuthority } = input;
  const hosts = sorted([...input.names, serviceHost]);
  const make = (cause: string) => ({ steps: [{ kind: 'make-authority', cause, hosts }] as const });
  if (renewAuthority) return make('another one was asked for');
  if (authority === undefined) return make('there is none yet');
  const foreign = hosts.filter((name) => !authority.hosts.includes(name));
  if (canIssue && foreign.length > 0) {
    return refused(
      `The team’s authority was made for ${authority.hosts.join(', ')}: it cannot vouch for ${foreign.join(', ')}.`,
      'With --new-ca there will be another one: everybody then needs another invite.',
    );
  }
  return { steps: [] };
}

function planCertificate(
  input: PreparationInput,
  hosts: readonly string[],
  newAuthority: boolean,
): Pick<Preparations, 'steps' | 'notes'> {
  const { certificate, values, secrets, now, canIssue } = input;
  const issue = (cause: string) => ({
    steps: [{ kind: 'issue-certificate', cause, hosts } as const],
    notes: [],
  });
  if (newAuthority) return issue('the authority is new');
  const isHere = values.has(certificateNames.certificate) && values.has(certificateNames.key);
  if (!canIssue) {
    const there = secrets.has('tls-key') || (isHere && input.outdated !== true);
    const way = there
      ? 'it stays what it is, and is renewed from the machine that made it'
      : 'run this on the machine that has it';
    const note = `The key of the team’s authority is not on this machine: the gateways’ certificate cannot be made here; ${way}, or with --new-ca by another authority.`;
    return { steps: [], notes: [note] };
  }
  if (certificate === undefined || !isHere) return issue('there is none yet');
  if (!sameSet(certificate.hosts, hosts)) {
    const more = hosts.filter((host) => !certificate.hosts.includes(host));
    const fewer = certificate.hosts.filter((host) => !hosts.includes(host));
    const said = [
      ...(more.length === 0 ? [] : [`${more.join(', ')} came`]),
      ...(fewer.length === 0 ? [] : [`${fewer.join(', ')} went`]),
    ];
    return issue(`its hosts changed: ${said.join('; ')}`);
  }
  const left = certificate.until - now;
  if (left < renewBefore) {
    const days = Math.max(0, Math.floor(left / day));
    return issue(left <= 0 ? 'it has expired' : `it expires in ${days} ${days === 1 ? 'day' : 'days'}`);
  }
  return { steps: [], notes: [] };
}

/** A value that the Swarm has and this machine lacks stays there: a new one would lock the services out of their data. */
const planValues = ({ values, secrets }: PreparationInput): readonly Preparation[] =>
  generated
    .filter(({ name, key }) => !values.has(name) && !secrets.has(key))
    .map(({ name, what }): Preparation => ({ kind: 'make-value', name, what, cause: 'there is none yet' }));

/** Id of the node that has the data, or is going to: the one that is asked where it can, else the first that can. */
export function keepsData(nodes: readonly SwarmNode[], self: string): string | undefined {
  const marked = nodes.find(({ labels }) => labels[dataLabel] === 'team');
  if (marked !== undefined) return marked.id;
  const servers = nodes.filter(isServer);
  const able = servers.filter(({ state, availability }) => state === 'ready' && availability === 'active');
  return (able.find(({ id }) => id === self) ?? able[0] ?? servers[0])?.id;
}

/** One node keeps the data; it stays the one that it is, also while it is away. */
function planData({ nodes, self }: PreparationInput): readonly Preparation[] {
  const chosen = nodes.find(({ id }) => id === keepsData(nodes, self));
  if (chosen === undefined || chosen.labels[dataLabel] === 'team') return [];
  const cause = 'the data of the database and of the configuration stay on one node';
  return [{ kind: 'mark-node', node: chosen.id, hostname: chosen.hostname, cause }];
}
