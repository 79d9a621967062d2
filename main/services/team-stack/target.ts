import type { Settings } from '../../../preload/contract/model.ts';
import type { Authority } from '../../core/team-stack/plan.ts';
import { engineSocket, setVariable } from '../local-stack.ts';
import type { Files } from '../ports.ts';
import type { TeamStackChoices } from './kept.ts';

/* How what was chosen becomes files and variables of the stack in resources/stacks/team. */

/** A file that is added where this machine has that value. */
const withValue: Readonly<Record<string, string>> = {
  CONTEXT7_API_KEY: 'compose.context7-key.yaml',
  TWENTY_FIRST_API_KEY: 'compose.magic-key.yaml',
  CLAUDE_ENV_TEAM_DEPLOY_KEY: 'compose.deploy-key.yaml',
};
export const optionalValues = Object.keys(withValue);

/** Files of the stack, the first one first, by their names in its folder. */
export const stackFiles = (choices: TeamStackChoices, values: ReadonlySet<string>): readonly string[] => [
  'compose.yaml',
  ...Object.entries(withValue).flatMap(([name, file]) => (values.has(name) ? [file] : [])),
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
