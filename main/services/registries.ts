import * as z from 'zod';
import type { KeepIn } from '../../preload/contract/credentials.ts';
import { AppFailure } from '../core/app-failure.ts';
import type { Redactor } from '../core/redact.ts';
import { type LoginAnswer, type LoginSource, type RegistryAuth, toAuth } from '../core/registries/login.ts';
import { registryArgument, registryOf, registryTitle, toRegistry } from '../core/registries/names.ts';
import { throwIfLocked } from './keychain-state.ts';
import type { Clock, DockerLogins, Keychain, Log, RegistryLogins, StateStore } from './ports.ts';
import { createSessionValues } from './session-values.ts';
import { createStateList } from './state-document.ts';

/** A login of ours, without its value. */
const entry = z.object({
  /** `ghcr.io`, `127.0.0.1:5000`; Docker Hub by docker's own key for it. */
  registry: z.string().min(1).max(300),
  /** As the keychain's value belongs to it; `<token>` for an identity token. */
  user: z.string().max(300),
  /** Who logged in, where an identity token stands for the password. */
  account: z.string().max(300).optional(),
  /** Milliseconds since the epoch. */
  changedAt: z.number(),
});
type Kept = z.infer<typeof entry>;

/** One login, for people to see. */
export interface RegistryEntry {
  readonly registry: string;
  readonly title: string;
  readonly user?: string;
  readonly source: LoginSource;
  /** In memory until the program ends, whatever its source. */
  readonly session?: true;
  /** False: another one comes before it. */
  readonly used: boolean;
  readonly changedAt?: number;
}

export interface RegistryList {
  readonly registries: readonly RegistryEntry[];
  /** Sources that could not be asked; each a sentence. */
  readonly problems: readonly string[];
}

export interface LoginInput {
  /** As somebody writes it; empty for Docker Hub. */
  readonly registry: string;
  readonly user: string;
  readonly password: string;
  /** `session`: in memory until the program ends. */
  readonly keep?: KeepIn;
}

export interface RegistriesOptions {
  readonly keychain: Keychain;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly docker: DockerLogins;
  /** Learns every value that is given out. */
  readonly redactor: Pick<Redactor, 'know'>;
}

/** A deploy needs a login for a look at the registry, for pulls and for services: the keychain is asked once for all. */
const heldFor = 30_000;

/** The account under which the keychain keeps a registry's password or token. */
const registryAccount = (registry: string): string => `registry/${registry}`;

/** The key of what was written; throws `input.invalid`. */
export function requireRegistry(written: string): string {
  const registry = toRegistry(written);
  if (registry !== undefined) return registry;
  throw new AppFailure({
    code: 'input.invalid',
    message: `${written} is no registry.`,
    hint: 'Write its host, with the port if it has one: ghcr.io, 127.0.0.1:5000; nothing for Docker Hub.',
  });
}

/**
 * Logins of registries: those added here, in the keychain, before docker's own. Names and users are in the state folder;
 * a value is asked for when something is pulled, and by nobody else.
 */
export function createRegistries({ keychain, state, clock, log, docker, redactor }: RegistriesOptions) {
  const { read, change } = createStateList({ state, clock, log, name: 'registries', entry, onChange: () => undefined });
  const session = createSessionValues<Kept>();
  /** What the keychain gave a moment ago, for the very entry that was kept then. */
  const held = new Map<
    string,
    { readonly of: number; readonly at: number; readonly value: Promise<string | undefined> }
  >();

  const known = async (): Promise<readonly Kept[]> => {
    const inMemory = session.all().map(({ key }) => key);
    const kept = (await read()).filter((one) => inMemory.every(({ registry }) => registry !== one.registry));
    return [...kept, ...inMemory];
  };

  const ask = (account: string, { changedAt }: Kept): Promise<string | undefined> => {
    const before = held.get(account);
    if (before !== undefined && before.of === changedAt && clock.now() - before.at < heldFor) return before.value;
    const value = keychain.get(account);
    held.set(account, { of: changedAt, at: clock.now(), value });
    const forget = () => {
      if (held.get(account)?.value === value) held.delete(account);
    };
    // A refusal is no answer to keep.
    value.then((found) => found === undefined && forget(), forget);
    return value;
  };

  const ownLogin = async (one: Kept): Promise<RegistryAuth> => {
    const { registry, user } = one;
    const account = registryAccount(registry);
    const value = session.get(account)?.value ?? (await ask(account, one));
    if (value !== undefined) return toAuth(registry, user, value);
    await throwIfLocked(keychain);
    throw new AppFailure({
      code: 'keychain.failed',
      message: `The login for ${registryTitle(registry)} is no longer in the keychain: npx claude-env registry login${registryArgument(registry)}`,
    });
  };

  const find = async (registry: string): Promise<LoginAnswer> => {
    const own = (await known()).find((one) => one.registry === registry);
    if (own === undefined) return docker.ofRegistry(registry);
    try {
      return { registry, login: { auth: await ownLogin(own), source: { kind: 'keychain' } }, problems: [] };
    } catch (error) {
      if (!(error instanceof AppFailure)) throw error;
      // Somebody who has locked the keychain may still pull what everybody, or docker's own login, may.
      const other = await docker.ofRegistry(registry);
      const { message, hint } = error.error;
      const problem = `The login that claude-env keeps for ${registryTitle(registry)} could not be read: ${[message, hint].filter(Boolean).join(' ')}`;
      return { ...other, problems: [problem, ...other.problems] };
    }
  };
  const ofRegistry = async (registry: string): Promise<LoginAnswer> => {
    const answer = await find(registry);
    for (const value of [answer.login?.auth.password, answer.login?.auth.identitytoken]) {
      if (value !== undefined) redactor.know(value);
    }
    return answer;
  };
  const logins: RegistryLogins = {
    ofRegistry,
    ofImage: (image) => ofRegistry(registryOf(image)),
    own: async () => (await known()).map(({ registry }) => registry),
  };

  return {
    ...logins,

    /** Those of ours, whether the keychain can be asked or not, and docker's. By title. */
    list: async (): Promise<RegistryList> => {
      const [own, others] = await Promise.all([known(), docker.list()]);
      const ours = own.map(
        ({ registry, user, account, changedAt }): RegistryEntry => ({
          registry,
          title: registryTitle(registry),
          user: account ?? user,
          source: { kind: 'keychain' },
          ...(session.get(registryAccount(registry)) !== undefined && { session: true }),
          used: true,
          changedAt,
        }),
      );
      const theirs = others.logins.map(
        ({ registry, ...one }): RegistryEntry => ({
          registry,
          title: registryTitle(registry),
          ...one,
          used: own.every((mine) => mine.registry !== registry),
        }),
      );
      const registries = [...ours, ...theirs].sort((a, b) => a.title.localeCompare(b.title, 'en'));
      return { registries, problems: others.problems };
    },

    /** Keeps what `check`, the engine, was let in with. Rejects as that does, or with `keychain.*`; then nothing is kept. */
    login: async (
      { registry: written, user, password, keep }: LoginInput,
      check: (auth: RegistryAuth) => Promise<{ readonly identityToken?: string }>,
    ): Promise<RegistryEntry> => {
      const registry = requireRegistry(written);
      if (password === '') throw new AppFailure({ code: 'input.invalid', message: 'The password is empty.' });
      redactor.know(password);
      const { identityToken } = await check(toAuth(registry, user, password));
      const changedAt = clock.now();
      const kept: Kept =
        identityToken === undefined
          ? { registry, user, changedAt }
          : { registry, user: '<token>', account: user, changedAt };
      const [account, value] = [registryAccount(registry), identityToken ?? password];
      held.delete(account);
      if (keep === 'session') session.set(account, { key: kept, value, changedAt });
      else {
        await keychain.set(account, value);
        session.delete(account);
        await change(async (now) => [...now.filter((one) => one.registry !== registry), kept]);
      }
      return { registry, title: registryTitle(registry), user, source: { kind: 'keychain' }, used: true, changedAt };
    },

    /** Removes ours. `left`: docker's login, which is used from now on. */
    logout: async (
      written: string,
    ): Promise<{ readonly registry: string; readonly removed: boolean; readonly left?: LoginSource }> => {
      const registry = requireRegistry(written);
      held.delete(registryAccount(registry));
      const inMemory = session.delete(registryAccount(registry));
      const isListed = (await read()).some((one) => one.registry === registry);
      // A login of this run may be all there is, where no keychain can be asked.
      const wasThere = inMemory && !isListed ? true : await keychain.delete(registryAccount(registry));
      if (!wasThere && isListed) await throwIfLocked(keychain);
      if (isListed) await change(async (now) => now.filter((one) => one.registry !== registry));
      const left = (await docker.list()).logins.find((one) => one.registry === registry)?.source;
      return { registry, removed: inMemory || isListed || wasThere, ...(left && { left }) };
    },
  };
}
export type Registries = ReturnType<typeof createRegistries>;
