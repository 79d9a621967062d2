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
  (service.image !== undefined && ['always', 'missing', 'if_not_present'].includes(policy));

/** A tag that is expected to move, so that an image which is there says nothing about the registry. */
export const isLatest = (reference: string): boolean => /:latest$/.test(reference) || !/[:@][^/]+$/.test(reference);
