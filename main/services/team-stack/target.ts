import type { Settings } from '../../../preload/contract/model.ts';
import type { Authority } from '../../core/team-stack/plan.ts';
import { engineSocket, setVariable } from '../local-stack.ts';
import type { Files } from '../ports.ts';
import type { TeamStackChoices } from './kept.ts';
import { choicesText } from './what-is-there.ts';

/* How what was chosen becomes files and variables of the stack in resources/stacks/team. */

/** Values that the services do without: the file that gives one to them, and its secret's key in there. */
const optional: Readonly<Record<string, { readonly file: string; readonly key: string }>> = {
  CONTEXT7_API_KEY: { file: 'compose.context7-key.yaml', key: 'context7-key' },
  TWENTY_FIRST_API_KEY: { file: 'compose.magic-key.yaml', key: 'magic-key' },
  CLAUDE_ENV_TEAM_DEPLOY_KEY: { file: 'compose.deploy-key.yaml', key: 'deploy-key' },
};
export const optionalValues = Object.keys(optional);

interface Optional {
  /** Names that this machine has a value for. */
  readonly values: ReadonlySet<string>;
  /** Keys of secrets that the Swarm has. */
  readonly secrets: ReadonlySet<string>;
  /** Names that this machine gave to the services before. */
  readonly given: readonly string[];
  /** What this machine lacks, it really lacks. */
  readonly canRead: boolean;
}

/** What another operator gave to the services stays; what came from this machine and was taken out of it goes. */
export function chooseOptional({ values, secrets, given, canRead }: Optional) {
  const inSwarm = (name: string) => secrets.has(optional[name]?.key ?? '');
  const tookAway = (name: string) => canRead && given.includes(name);
  return {
    wanted: new Set(optionalValues.filter((name) => values.has(name) || (inSwarm(name) && !tookAway(name)))),
    given: optionalValues.filter((name) => values.has(name) || (given.includes(name) && inSwarm(name))),
  };
}

/** Files of the stack, the first one first, by their names in its folder. */
export const stackFiles = (choices: TeamStackChoices, wanted: ReadonlySet<string>): readonly string[] => [
  'compose.yaml',
  ...Object.entries(optional).flatMap(([name, { file }]) => (wanted.has(name) ? [file] : [])),
  ...(choices.allowedSigners === undefined ? [] : ['compose.allowed-signers.yaml']),
  ...(choices.knownHosts === undefined ? [] : ['compose.known-hosts.yaml']),
  ...(choices.monitoring ? ['compose.monitoring.yaml'] : []),
];

export interface StackVariables {
  readonly team: string;
  readonly choices: TeamStackChoices;
  readonly authority: Authority | undefined;
  readonly settings: Settings;
  readonly files: Files;
  /** The engine's. */
  readonly address: string;
}

export function stackVariables(options: StackVariables): Readonly<Record<string, string>> {
  const { choices, settings, files } = options;
  const { build } = settings;
  return {
    CLAUDE_ENV_TEAM: options.team,
    CLAUDE_ENV_TEAM_PORT: String(choices.port),
    CLAUDE_ENV_TEAM_CHOICES: choicesText(choices),
    ...setVariable('CLAUDE_ENV_TEAM_CA', options.authority?.certificate),
    ...setVariable('CONFIG_REPO_URL', choices.configRepo),
    ...setVariable('CONFIG_REPO_BRANCH', choices.configBranch),
    ...setVariable('SYNC_INTERVAL', choices.syncInterval === undefined ? undefined : String(choices.syncInterval)),
    ...setVariable('CLAUDE_ENV_TEAM_ALLOWED_SIGNERS', choices.allowedSigners),
    ...setVariable('CLAUDE_ENV_TEAM_KNOWN_HOSTS', choices.knownHosts),
    ...setVariable('CLAUDE_ENV_DOCKER_SOCKET', engineSocket(options.address, files)),
    ...setVariable('CLAUDE_ENV_BASE', build.baseImage),
    ...setVariable('CLAUDE_ENV_REGISTRY', build.registry),
    ...setVariable('CLAUDE_ENV_HTTP_PROXY', build.httpProxy),
    ...setVariable('CLAUDE_ENV_HTTPS_PROXY', build.httpsProxy),
    ...setVariable('CLAUDE_ENV_NO_PROXY', build.noProxy),
  };
}
