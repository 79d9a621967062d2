import {
  type CredentialKey,
  type CredentialUse,
  credentialName,
  type Credential as Shown,
} from '../../preload/contract/credentials.ts';
import type { StackNames } from './credential-uses.ts';
import { type Credential, toAccount } from './credentials.ts';

export interface ToShownOptions {
  readonly stacks: readonly StackNames[];
  readonly isGone: (key: CredentialKey) => boolean;
}

/** Pure. Everything that is kept, with who takes it, and what stacks need and nobody has. Kept order; missing ones last. */
export function toShown(kept: readonly Credential[], { stacks, isGone }: ToShownOptions): readonly Shown[] {
  const uses = new Map<string, CredentialUse[]>();
  const missing = new Map<string, CredentialKey>();
  const accounts = new Set(kept.map(toAccount));
  const add = (account: string, use: CredentialUse) => uses.set(account, [...(uses.get(account) ?? []), use]);

  for (const { stack, project, names, set } of stacks) {
    for (const { name, services, needed, first } of names) {
      if (!credentialName.safeParse(name).success) continue;
      const ofProject: CredentialKey = { scope: 'project', project, name };
      const use = { stack, services: [...services] };
      const [mine, users] = [toAccount(ofProject), toAccount({ scope: 'user', name })];
      const outside = set.has(name);
      const before = outside && !first;
      if (accounts.has(mine)) add(mine, { ...use, takes: before ? 'environment' : 'this' });
      if (accounts.has(users)) {
        add(users, { ...use, takes: before ? 'environment' : accounts.has(mine) ? 'project' : 'this' });
      }
      if (outside || !needed || accounts.has(mine) || accounts.has(users)) continue;
      missing.set(mine, ofProject);
      add(mine, { ...use, takes: 'this' });
    }
  }
  const usedBy = (account: string) => uses.get(account) ?? [];
  return [
    ...kept.map(({ changedAt, session, ...key }): Shown => {
      const state = session === true ? 'session' : isGone(key) ? 'gone' : 'kept';
      return { key, state, changedAt: new Date(changedAt).toISOString(), usedBy: usedBy(toAccount(key)) };
    }),
    ...[...missing].map(([account, key]): Shown => ({ key, state: 'missing', usedBy: usedBy(account) })),
  ];
}
