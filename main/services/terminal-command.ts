import type { ActionOptions } from '../../preload/contract/api.ts';
import type { PlanAction } from '../../preload/contract/model.ts';
import { shellWord } from '../../preload/contract/shell-word.ts';

type Flags<Wanted> = {
  [K in keyof ActionOptions as NonNullable<ActionOptions[K]> extends Wanted ? K : never]-?: string;
};

const switches: Readonly<Flags<boolean>> = {
  removeOrphans: '--remove-orphans',
  forceRecreate: '--force-recreate',
  noDeps: '--no-deps',
  wait: '--wait',
  build: '--build',
  noCache: '--no-cache',
  changed: '--changed',
  volumes: '--volumes',
  stop: '--stop',
  pullBases: '--pull',
  push: '--push',
  withDependencies: '--with-dependencies',
  noBuild: '--no-build',
  ignoreBuildable: '--ignore-buildable',
  ignorePullFailures: '--ignore-pull-failures',
  includeDeps: '--include-deps',
  noRecreate: '--no-recreate',
  alwaysRecreateDeps: '--always-recreate-deps',
  noStart: '--no-start',
  renewAnonVolumes: '--renew-anon-volumes',
  recreateVolumes: '--recreate-volumes',
  ignoreOrphans: '--ignore-orphans',
};

const values: Readonly<Flags<string | number>> = {
  timeout: '--timeout',
  waitTimeout: '--wait-timeout',
  signal: '--signal',
  pull: '--pull',
  builder: '--builder',
  memory: '--memory',
};

const lists: Readonly<Flags<readonly string[]>> = { buildArgs: '--build-arg', ssh: '--ssh', services: '' };

/** What one types to get the same plan: the app teaches its command line. `program` is how it was started. */
export function toTerminalCommand(
  program: string,
  action: PlanAction,
  target: readonly string[],
  options: ActionOptions,
): string {
  const given = Object.entries(options).flatMap(([key, value]): readonly string[] => {
    if (key in switches) return value === true ? [switches[key as keyof typeof switches]] : [];
    if (key in values && key !== 'services') return [values[key as keyof typeof values], String(value)];
    if (key in lists && key !== 'services' && Array.isArray(value)) {
      return value.flatMap((item: string) => [lists[key as keyof typeof lists], item]);
    }
    return [];
  });
  const scale = Object.entries(options.scale ?? {}).map(([service, count]) => `${service}=${count}`);
  const subjects =
    action === 'scale' ? scale : [...scale.flatMap((one) => ['--scale', one]), ...(options.services ?? [])];
  const words = [action, ...target, ...given, ...subjects, ...(options.run?.command ?? [])];
  return [program, ...words.map(shellWord)].join(' ');
}
