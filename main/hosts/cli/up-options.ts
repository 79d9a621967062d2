import { type Command, Option } from 'commander';
import type { ActionOptions } from '../../../preload/contract/api.ts';
import { integer } from './options.ts';

const policies = ['always', 'missing', 'never'] as const;

/** What `up` takes besides what it had from the start; `plan` takes the same. Names are docker compose's. */
export function addUpOptions(command: Command): Command {
  return command
    .option('--build', 'build images even when they are there')
    .option('--no-build', 'never build an image')
    .addOption(
      new Option('--pull <policy>', 'pull by this policy, whatever the services’ pull_policy says').choices(policies),
    )
    .addOption(
      new Option('--no-recreate', 'leave containers that are there as they are').conflicts([
        'forceRecreate',
        'alwaysRecreateDeps',
      ]),
    )
    .option('--always-recreate-deps', 'recreate what the named services depend on as well')
    .option('--no-start', 'create, and start nothing')
    .option('-V, --renew-anon-volumes', 'make anonymous volumes of recreated containers anew')
    .option('--recreate-volumes', 'remove volumes that differ from the file and make them anew: their data is lost')
    .option('--wait-timeout <seconds>', 'how long each wait may take', integer(1, 86_400));
}

/** What `pull` takes. */
export function addPullOptions(command: Command): Command {
  return command
    .addOption(new Option('--policy <policy>', 'missing: leave images that are there').choices(['missing', 'always']))
    .option('--include-deps', 'also pull what the services depend on')
    .option('--ignore-buildable', 'leave images that can be built')
    .option('--ignore-pull-failures', 'go on when an image cannot be pulled')
    .option('-q, --quiet', 'say nothing unless it fails');
}

/** commander reads `--no-x` as `x: false`. */
export function toUpFlags(flags: Readonly<Record<string, unknown>>): ActionOptions {
  const policy = flags.pull ?? flags.policy;
  const switches = [
    'alwaysRecreateDeps',
    'renewAnonVolumes',
    'recreateVolumes',
    'includeDeps',
    'ignoreBuildable',
    'ignorePullFailures',
  ] as const;
  return {
    ...Object.fromEntries(switches.flatMap((key) => (flags[key] === true ? [[key, true]] : []))),
    ...(flags.build === false ? { noBuild: true } : {}),
    ...(flags.recreate === false ? { noRecreate: true } : {}),
    ...(flags.start === false ? { noStart: true } : {}),
    ...(typeof flags.waitTimeout === 'number' ? { waitTimeout: flags.waitTimeout } : {}),
    ...(policies.some((known) => known === policy) ? { pull: policy as (typeof policies)[number] } : {}),
  };
}
