import type { StackFile, StackSpecs } from './convert.ts';
import { keyLabel, newVersion, stackLabel } from './names.ts';
import type { ObservedFile, ObservedStack } from './observed.ts';

/*
 * Secrets and configs never change on a Swarm: another value is another object (moby#33808). The first version of what a
 * file holds has the name that `docker stack deploy` gives it, so that both find each other's; every later one, and what
 * docker stack cannot read (a value from the environment or the keychain), has a suffix.
 */

/** Whether the newest version of a secret holds the value that it has now. */
export type SecretVerdict =
  /** `name`: the version that does. */
  | { readonly kind: 'same'; readonly name: string }
  | { readonly kind: 'changed' }
  /** No version is there. */
  | { readonly kind: 'absent' }
  /** Nobody wrote down what it holds (docker stack made it): it is taken as it is. */
  | { readonly kind: 'unknown'; readonly name: string };

/** Every version of a secret or config that this stack has, the newest first. */
export function versionsOf(
  file: StackFile,
  kind: 'secrets' | 'configs',
  observed: ObservedStack,
): readonly ObservedFile[] {
  return observed[kind]
    .filter(({ name, labels }) => {
      if (labels[stackLabel] !== observed.stack) return false;
      return name === file.name || labels[keyLabel] === file.key;
    })
    .sort((a, b) => b.createdAt - a.createdAt);
}

export interface FileVersion {
  readonly file: StackFile;
  /** The name that services are given. */
  readonly name: string;
  readonly create: boolean;
  readonly cause: string;
  /** Older ones, which go once no task has them. */
  readonly old: readonly ObservedFile[];
}

export interface Versions {
  readonly secrets: readonly FileVersion[];
  readonly configs: readonly FileVersion[];
}

/** A name for a new version: docker stack's own where nothing has it and docker stack could have made it. */
function freshName(file: StackFile, there: readonly ObservedFile[], all: readonly ObservedFile[]): string {
  const known = file.object.file !== undefined || file.object.driver !== undefined;
  const free = known && there.length === 0 && !all.some(({ name }) => name === file.name);
  return free ? file.name : `${file.name}-${newVersion}`;
}

/** `data`: of configs, base64, by key. `verdicts`: of secrets, by key. `rotate`: keys whose version is to be new in any case. */
export function resolveVersions(
  specs: StackSpecs,
  observed: ObservedStack,
  options: {
    readonly data: ReadonlyMap<string, string>;
    readonly verdicts: ReadonlyMap<string, SecretVerdict>;
    readonly rotate?: ReadonlySet<string>;
  },
): Versions {
  const external = (file: StackFile): FileVersion => ({ file, name: file.name, create: false, cause: '', old: [] });
  const secrets = specs.secrets.map((file): FileVersion => {
    if (file.external) return external(file);
    const there = versionsOf(file, 'secrets', observed);
    const verdict = options.verdicts.get(file.key) ?? { kind: 'absent' };
    const keeps = verdict.kind === 'same' || verdict.kind === 'unknown';
    const rotate = options.rotate?.has(file.key) === true;
    if (keeps && !rotate) {
      return {
        file,
        name: verdict.name,
        create: false,
        cause: '',
        old: there.filter(({ name }) => name !== verdict.name),
      };
    }
    const cause = there.length === 0 ? 'not there yet' : rotate && keeps ? 'asked for' : 'its value changed';
    return { file, name: freshName(file, there, observed.secrets), create: true, cause, old: there };
  });
  const configs = specs.configs.map((file): FileVersion => {
    if (file.external) return external(file);
    const there = versionsOf(file, 'configs', observed);
    const data = options.data.get(file.key) ?? '';
    const same = there.find((one) => (one.data ?? '') === data);
    const old = there.filter((one) => one !== same);
    if (same !== undefined) return { file, name: same.name, create: false, cause: '', old };
    const cause = there.length === 0 ? 'not there yet' : 'its content changed';
    return { file, name: freshName(file, there, observed.configs), create: true, cause, old: there };
  });
  return { secrets, configs };
}
