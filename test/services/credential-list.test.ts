import { describe, expect, it } from 'vitest';
import { toShown } from '../../main/services/credential-list.ts';
import type { StackNames } from '../../main/services/credential-uses.ts';
import type { Credential, CredentialKey } from '../../main/services/credentials.ts';

const user = (name: string): Credential => ({ scope: 'user', name, changedAt: 0 });
const ofShop = (name: string): Credential => ({ scope: 'project', project: 'shop', name, changedAt: 0 });
const names = (name: string, how: { needed?: boolean; first?: boolean; set?: boolean } = {}): StackNames => ({
  stack: 'e/shop',
  project: 'shop',
  names: [{ name, services: ['web'], needed: how.needed ?? true, first: how.first ?? false }],
  set: new Set(how.set ? [name] : []),
});
const shown = (kept: readonly Credential[], stacks: readonly StackNames[], gone: readonly CredentialKey[] = []) =>
  toShown(kept, { stacks, isGone: ({ name }) => gone.some((key) => key.name === name) }).map(
    ({ key, state, usedBy }) =>
      `${key.scope} ${key.name} ${state} ${usedBy.map(({ services, takes }) => `${services}:${takes}`)}`,
  );

describe('what the Credentials screen lists', () => {
  it('says who takes an entry, and who takes another one instead', () => {
    expect(shown([user('A')], [names('A')])).toEqual(['user A kept web:this']);
    expect(shown([ofShop('A'), user('A')], [names('A')])).toEqual([
      'project A kept web:this',
      'user A kept web:project',
    ]);
    expect(shown([user('A')], [names('A', { set: true })])).toEqual(['user A kept web:environment']);
    expect(shown([user('A')], [names('A', { set: true, first: true })])).toEqual(['user A kept web:this']);
  });

  it('names what a stack needs and nobody has', () => {
    expect(shown([], [names('A')])).toEqual(['project A missing web:this']);
    expect(shown([], [names('A', { needed: false }), names('B', { set: true }), names('not-a-name')])).toEqual([]);
  });

  it('tells what is in memory, and what the keychain has lost', () => {
    expect(shown([{ ...user('A'), session: true }, user('B')], [], [{ scope: 'user', name: 'B' }])).toEqual([
      'user A session ',
      'user B gone ',
    ]);
  });

  it('joins stacks of one project on several engines', () => {
    const other = { ...names('A'), stack: 'f/shop' };
    const [one, ...more] = toShown([], { stacks: [names('A'), other], isGone: () => false });
    expect([one?.usedBy.map(({ stack }) => stack), more]).toEqual([['e/shop', 'f/shop'], []]);
  });
});
