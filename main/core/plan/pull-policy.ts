import type { ActionOptions } from '../../../preload/contract/api.ts';
import type { Service } from '../compose/project.ts';

/*
 * https://github.com/compose-spec/compose-spec/blob/main/05-services.md#pull_policy, and what docker compose 2.40.3 does
 * with it (seen live): the age of an image is the time since it was last tagged, as the engine says. A 20.10 says none
 * for what was pulled, so there an image is always due.
 */

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** `--pull` stands for every service's own pull_policy. */
export const pullPolicy = (service: Service, options: ActionOptions): string =>
  options.pull ?? service.pull_policy ?? '';

/** Seconds after which an image is due again; 0 for `always`, undefined where its age does not matter. */
export function refreshAfter(policy: string): number | undefined {
  switch (policy) {
    case 'always':
      return 0;
    case 'daily':
      return 86_400;
    case 'weekly':
      return 604_800;
  }
  if (!policy.startsWith('every_')) return undefined;
  const parts = [...policy.slice('every_'.length).matchAll(/(\d+)([wdhms])/g)];
  return parts.reduce((sum, [, count, unit = 's']) => sum + Number(count) * (units[unit] ?? 0), 0);
}

/** Whether a service's image is pulled rather than built when it has both. */
export const prefersPull = (service: Service, policy = service.pull_policy ?? ''): boolean =>
  service.build === undefined ||
  (service.image !== undefined &&
    (policy === 'missing' || policy === 'if_not_present' || refreshAfter(policy) !== undefined));

/**
 * What has both an image and a build, and no word for either, is pulled where its registry has it and built where not.
 * docker compose 2.40.3 tries the pull and takes its failure for a no (seen live); ours asks before it plans.
 */
export const asksRegistry = (service: Service, options: ActionOptions): boolean =>
  service.build !== undefined &&
  service.image !== undefined &&
  options.build !== true &&
  options.noBuild !== true &&
  !rebuildsWhenChanged(service) &&
  !['never', 'build'].includes(pullPolicy(service, options));

/** A tag that is expected to move, so that an image which is there says nothing about the registry. */
export const isLatest = (reference: string): boolean => /:latest$/.test(reference) || !/[:@][^/]+$/.test(reference);

/**
 * `x-claude-env: {rebuild: changed}` under build or on the service, or `pull_policy: build`. docker compose runs the build
 * at every `up` for the latter and leaves it to the cache; ours compares the digest of the context and builds only then.
 */
export function rebuildsWhenChanged(service: Service): boolean {
  const says = (extensions: Readonly<Record<string, unknown>> | undefined): boolean => {
    const own: unknown = extensions?.['x-claude-env'];
    const rebuild =
      own instanceof Map
        ? (own as ReadonlyMap<string, unknown>).get('rebuild')
        : (own as { readonly rebuild?: unknown } | undefined)?.rebuild;
    return rebuild === 'changed';
  };
  return service.pull_policy === 'build' || says(service.build?.extensions) || says(service.extensions);
}
