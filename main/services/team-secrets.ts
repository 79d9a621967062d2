import type { TeamSecret } from '../../preload/contract/credentials.ts';
import { keyLabel, setByLabel, sourceLabel, stackLabel } from '../core/swarm/names.ts';
import type { ObservedFile } from '../core/swarm/observed.ts';
import type { Credential } from './credentials.ts';

/** What members are told beside the names. */
export const notShared =
  'Values are not shared: a Swarm hands a secret to its containers and to nobody else, and everybody keeps their own values in their own keychain.';

/** Pure. The newest version of each secret, by stack and name. */
export function toTeamSecrets(
  secrets: readonly ObservedFile[],
  kept: readonly Credential[],
  team?: string,
): readonly TeamSecret[] {
  const newest = new Map<string, ObservedFile>();
  for (const one of secrets) {
    const id = JSON.stringify([one.labels[stackLabel], one.labels[keyLabel] ?? one.name]);
    if ((newest.get(id)?.createdAt ?? Number.NEGATIVE_INFINITY) < one.createdAt) newest.set(id, one);
  }
  return [...newest.values()]
    .map(({ name, labels, createdAt }): TeamSecret => {
      const { [stackLabel]: stack, [keyLabel]: key, [setByLabel]: setBy, [sourceLabel]: from } = labels;
      const variable = /^environment (.+)$/.exec(from ?? '')?.[1];
      const own = kept.filter((one) => one.name === variable);
      const here =
        own.find((one) => one.scope === 'project' && one.project === stack) ??
        own.find((one) => one.scope === 'team' && one.team === team) ??
        own.find((one) => one.scope === 'user');
      return {
        name: key ?? name,
        ...(stack === undefined ? {} : { stack }),
        ...(setBy === undefined ? {} : { setBy }),
        setAt: new Date(createdAt).toISOString(),
        ...(from === undefined ? {} : { from }),
        ...(here === undefined ? {} : { here: here.scope }),
      };
    })
    .sort((a, b) => (a.stack ?? '').localeCompare(b.stack ?? '', 'en') || a.name.localeCompare(b.name, 'en'));
}
