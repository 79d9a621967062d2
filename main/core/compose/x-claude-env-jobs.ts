import { toImagePlace } from '../registries/names.ts';
import type { Nanoseconds, Project } from './project.ts';
import type { Reporter } from './report.ts';
import { didYouMean } from './suggest.ts';
import { child, type MapNode, type Node, type Position } from './tree.ts';
import { parseDuration } from './units.ts';

/*
 * `x-claude-env` at the top level: what a deploy to a Swarm runs before and after services change, and where images go
 * that no registry has. docker compose and docker stack pass over it.
 *
 *   x-claude-env:
 *     migrate: {service: api, command: [./manage, migrate], timeout: 10m}
 *     smoke: {service: web, command: [curl, -f, 'http://api:8000/health']}
 *     registry: registry.example:5000/team
 */

export type JobName = 'migrate' | 'smoke';
export const jobNames: readonly JobName[] = ['migrate', 'smoke'];

export interface Job {
  /** Whose image, environment, networks, volumes, secrets and configs it gets. */
  readonly service: string;
  /** Instead of the service's own; its entrypoint stays. */
  readonly command: readonly string[];
  /** How long it may take. */
  readonly timeout: Nanoseconds;
}

const extension = 'x-claude-env';
/** What a stack of ours says of itself (resources/stacks); others may, too. */
const descriptions = ['title', 'description', 'mode', 'asks', 'keys'];
const keys = ['service', 'command', 'timeout'];
/** Ten minutes. */
const usualTimeout = 600e9;

/** Also what the command line says. */
export const registryHint = 'write HOST[:PORT][/PREFIX]: registry.example:5000/team, docker.io/our-team';

const isWord = (one: unknown): one is string => typeof one === 'string';
const members = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

/** What the project's files say; of one that is not right, nothing (checkJobs has said so). */
export function jobOf({ extensions }: Pick<Project, 'extensions'>, name: JobName): Job | undefined {
  const { service, command, timeout } = members(members(extensions[extension])[name]);
  if (!isWord(service) || !Array.isArray(command) || command.length === 0 || !command.every(isWord)) return undefined;
  return { service, command, timeout: (isWord(timeout) ? parseDuration(timeout) : undefined) ?? usualTimeout };
}

/** The team's registry, as the project's files name it. */
export function registryIn({ extensions }: Pick<Project, 'extensions'>): string | undefined {
  const { registry } = members(extensions[extension]);
  return isWord(registry) ? toImagePlace(registry) : undefined;
}

/** Mistakes in the extension at the top level. */
export function checkJobs(root: MapNode, services: MapNode, { report }: Reporter): void {
  const said = child(root, extension);
  if (said === undefined) return;
  const wrong: Wrong = (message, hint, at) =>
    report({ rule: 'bad-x-claude-env', message: `\`${extension}\` ${message}`, hint, at });
  if (said.kind !== 'map') return void wrong('is not a mapping', example('migrate'), said);
  for (const one of said.entries.values()) {
    const name = jobNames.find((known) => known === one.key);
    if (descriptions.includes(one.key)) continue;
    if (one.key === 'registry') {
      checkRegistry(one.value, wrong);
      continue;
    }
    if (name === undefined) {
      wrong(
        `has an unknown key \`${one.key}\``,
        didYouMean(one.key, [...jobNames, 'registry']) ?? 'it takes migrate, smoke and registry',
        one,
      );
    } else checkJob(name, one.value, services, wrong);
  }
}

type Wrong = (message: string, hint: string, at: Position) => void;
const example = (name: string): string => `write ${name}: {service: NAME, command: [PROGRAM, ARGUMENT]}`;

function checkRegistry(value: Node, wrong: Wrong): void {
  const text = value.kind === 'scalar' ? String(value.value) : '';
  if (toImagePlace(text) === undefined) wrong('has a `registry` that is none', registryHint, value);
}

function checkJob(name: JobName, job: Node, services: MapNode, say: Wrong): void {
  const wrong: Wrong = (message, hint, at) => say(`\`${name}\` ${message}`, hint, at);
  if (job.kind !== 'map') return void wrong('is not a mapping', example(name), job);
  for (const one of job.entries.values()) {
    if (!keys.includes(one.key))
      wrong(`has an unknown key \`${one.key}\``, didYouMean(one.key, keys) ?? example(name), one);
  }
  const [service, command, timeout] = keys.map((key) => child(job, key));
  if (service === undefined || command === undefined) {
    wrong(`lacks \`${service === undefined ? 'service' : 'command'}\``, example(name), job);
  }
  if (service !== undefined) {
    const text = service.kind === 'scalar' ? String(service.value) : '';
    if (!services.entries.has(text)) {
      const hint = didYouMean(text, services.entries.keys()) ?? 'name one of the services of this file';
      wrong(`names a service \`${text}\` that is not there`, hint, service);
    }
  }
  if (command !== undefined) {
    const words = command.kind === 'list' ? command.items : [];
    const odd = words.find((item) => item.kind !== 'scalar' || !isWord(item.value));
    const hint = 'write a list of texts: command: [sh, -c, "one && two"]';
    if (words.length === 0 || odd !== undefined)
      wrong('has a `command` that is no list of texts', hint, odd ?? command);
  }
  if (timeout !== undefined) {
    const text = timeout.kind === 'scalar' ? String(timeout.value) : '';
    if ((parseDuration(text) ?? 0) <= 0)
      wrong('has a `timeout` that is no duration', 'write it as 90s, 5m or 1h', timeout);
  }
}
