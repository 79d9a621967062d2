import type { ActionOptions } from '../../preload/contract/api.ts';

/** As Go reads a boolean, whatever its case. */
const isTrue = (text: string | undefined): boolean => ['1', 't', 'true'].includes((text ?? '').trim().toLowerCase());

/**
 * COMPOSE_REMOVE_ORPHANS and COMPOSE_IGNORE_ORPHANS, from the environment or an env file; an option that was given wins.
 * https://docs.docker.com/compose/how-tos/environment-variables/envvars/
 */
export function withOrphanVariables(options: ActionOptions, variables: ReadonlyMap<string, string>): ActionOptions {
  if (options.removeOrphans !== undefined || options.ignoreOrphans !== undefined) return options;
  return {
    ...options,
    ...(isTrue(variables.get('COMPOSE_REMOVE_ORPHANS')) ? { removeOrphans: true } : {}),
    ...(isTrue(variables.get('COMPOSE_IGNORE_ORPHANS')) ? { ignoreOrphans: true } : {}),
  };
}
