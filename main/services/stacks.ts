import type { ActionOptions, Frame } from '../../preload/contract/api.ts';
import type { Diagnostic } from '../../preload/contract/errors.ts';
import { splitId, toStackId } from '../../preload/contract/ids.ts';
import type { Drift, Plan, PlanAction, PortConflict, StackId } from '../../preload/contract/model.ts';
import type { MissingValue, PlanCredential } from '../../preload/contract/plan-values.ts';
import { AppFailure } from '../core/app-failure.ts';
import type { OpaqueValues, ServiceReading } from '../core/compose/options.ts';
import type { Where } from '../core/compose/where.ts';
import type { OpaqueValue } from '../core/opaque.ts';
import { findCommandReferences } from '../core/plan/command-references.ts';
import { withDefaultPlatform } from '../core/plan/default-platform.ts';
import type { CorePlan } from '../core/plan/plan.ts';
import { fingerprint as fingerprintOf } from '../core/plan/print.ts';
import { locateProblems } from '../core/plan/problem.ts';
import type { Redactor } from '../core/redact.ts';
import type { BroughtUps } from './brought-up.ts';
import type { CommandSources } from './command-sources.ts';
import type { Consents } from './consents.ts';
import type { Credentials } from './credentials.ts';
import { readDrift } from './drift.ts';
import type { DueHooks } from './due-hooks.ts';
import { encodeFailure } from './encode-failure.ts';
import { connectTo } from './engine-choice.ts';
import type { Environments } from './environments.ts';
import { followDrift } from './follow-drift.ts';
import type { KnownStacks } from './known-stacks.ts';
import type { Live } from './live.ts';
import { type LoadedTarget, loadTarget } from './load-target.ts';
import { locateStack, sayMoved } from './locate.ts';
import { bringsUp, needsBuilds, observeByLabels, toObserveOptions } from './observe-options.ts';
import { findObstacle, invalidFile } from './obstacles.ts';
import { type Operations, toPlanStep } from './operations.ts';
import { withOrphanVariables } from './orphan-variables.ts';
import type {
  BuildSettings,
  Clock,
  EngineConnection,
  Engines,
  Files,
  Ids,
  Log,
  Machine,
  SecretStore,
  StateStore,
} from './ports.ts';
import { createPreflight, planAnyway, withoutBrokenContexts } from './preflight.ts';
import { readProfiles } from './profiles.ts';
import { createSecretStore, findUnset } from './secrets.ts';
import type { LoadedStack, RunOptions, StackTarget } from './services.ts';
import { type SettingsService, toBuildSettings } from './settings.ts';
import { loadWithoutValues, requireAgreement, toMissingValues, toPlanCredentials } from './stack-values.ts';
import type { ResolvedFiles, ResolvedTarget, Targets } from './targets.ts';
import { toTerminalCommand } from './terminal-command.ts';

export { invalidFile };

export interface StacksOptions {
  readonly engines: Engines;
  readonly files: Files;
  readonly state: StateStore;
  readonly ids: Ids;
  readonly live: Live;
  readonly operations: Operations;
  readonly environments: Environments;
  readonly known: KnownStacks;
  readonly dueHooks: DueHooks;
  readonly settings: SettingsService;
  readonly targets: Targets;
  readonly credentials: Credentials;
  readonly commands: CommandSources;
  readonly redactor: Redactor;
  readonly consents: Consents;
  readonly broughtUp: BroughtUps;
  /** How this program is called in a terminal. */
  readonly program: string;
  readonly machine: Machine;
  readonly clock: Clock;
  readonly log: Log;
}

interface Loaded extends Pick<LoadedTarget, 'missing'> {
  readonly resolved: ResolvedTarget;
  readonly loaded: LoadedStack;
  readonly secrets: SecretStore;
  readonly where: Where | undefined;
  /** What the keychain has for this project, by name. */
  readonly opaque: ReadonlyMap<string, OpaqueValue>;
  /** The same, planned without the values that it lacks; undefined where that is not all it lacks. */
  readonly withoutValues: () => ReturnType<typeof loadWithoutValues>;
}

interface Prepared {
  readonly resolved: ResolvedTarget;
  readonly stack: StackId;
  readonly connection: EngineConnection;
  readonly buildSettings: BuildSettings;
  readonly secrets: SecretStore;
  readonly plan: CorePlan;
  readonly fingerprint: string;
  /** What stands in the way, and what is to be known, each with its place in the files. */
  readonly conflicts: readonly PortConflict[];
  readonly problems: readonly Diagnostic[];
  /** Whose files these are, where that needs the user's consent. */
  readonly folder: string | undefined;
  readonly credentials: PlanCredential[];
  readonly missing: MissingValue[];
  readonly warnings: readonly Diagnostic[];
}

const maxShownFile = 1024 * 1024;

/** Actions that need nothing of the file but names, so that a damaged or missing file does not stand in their way. */
const worksFromLabels = new Set<PlanAction>(['down', 'start', 'stop', 'restart', 'kill', 'pause', 'unpause', 'rm']);

/** Stacks: loading, planning, and running a plan that the user has seen. */
export function createStacks(options: StacksOptions) {
  const { engines, files, live, targets, known, environments } = options;
  const lookAhead = createPreflight(options);

  const load = async (target: StackTarget, services?: readonly string[], reading?: ServiceReading): Promise<Loaded> => {
    const named = targets.ofFiles(target);
    const opaque = await options.credentials.opaque();
    const read = (from: ResolvedFiles, values: OpaqueValues): Promise<LoadedTarget> =>
      loadTarget(from, files, services, { ...reading, opaque: values });
    const [resolved, early] = await Promise.all([
      targets.resolve(target),
      named === undefined ? undefined : read(named, opaque),
    ]);
    const found = early ?? (await read(resolved, opaque));
    const { project, name, variables, where, missing, ...rest } = found;
    const diagnostics = sayMoved(rest.diagnostics, target, name, options.program);
    live.use(resolved.engine);
    return {
      resolved,
      loaded: { stack: toStackId(resolved.engine, name), project, diagnostics, files: resolved.files, variables },
      secrets: createSecretStore({
        variables,
        credentials: options.credentials,
        project: name,
        runCommand: (origin) => options.commands.run(origin, resolved.files),
        redactor: options.redactor,
      }),
      where,
      missing,
      opaque: opaque(name),
      withoutValues: () => loadWithoutValues(found, opaque, (values) => read(named ?? resolved, values)),
    };
  };

  /** Two engine ids (a context and DOCKER_HOST) may mean one engine: its address is what two processes share. */
  const lockName = (engine: string, name: string): string => {
    const address = engines.list().find(({ id }) => id === engine)?.address ?? engine;
    return `${name}-${options.ids.sha256(address).slice(0, 12)}`;
  };

  /** A stack that is known by name alone may still be stopped and taken down when its file cannot be used. */
  const byLabels = (target: StackTarget, action: PlanAction): boolean =>
    worksFromLabels.has(action) && (target.files ?? []).length === 0;

  /** `read`: the target, loaded for these services a moment ago. */
  const prepare = async (
    target: StackTarget,
    action: PlanAction,
    wanted: ActionOptions,
    read?: Loaded,
  ): Promise<Prepared> => {
    const { resolved, loaded, secrets, opaque, withoutValues, ...found } =
      read ?? (await load(target, wanted.services));
    const incomplete = worksFromLabels.has(action) ? undefined : await withoutValues();
    const { where } = incomplete ?? found;
    const { stack } = loaded;
    const { diagnostics, project: whole } = incomplete ?? loaded;
    const project = whole && withDefaultPlatform(whole, loaded.variables);
    const { project: name } = splitId(stack);
    const error = diagnostics.find(({ severity }) => severity === 'error');
    const fromLabels = project === undefined && byLabels(target, action);
    if (project === undefined && !fromLabels) throw invalidFile(diagnostics, resolved.files);
    const [connection, buildSettings] = await Promise.all([
      connectTo(engines, resolved.engine),
      needsBuilds(action)
        ? options.settings.get().then((settings) => toBuildSettings(settings, files))
        : Promise.resolve<BuildSettings>({ args: {} }),
    ]);
    const observing =
      project === undefined
        ? observeByLabels(action, buildSettings)
        : toObserveOptions(await withoutBrokenContexts(project, action, files), action, buildSettings, wanted);
    const lock = lockName(resolved.engine, name);
    const interrupted = await options.state.wasInterrupted(lock);
    const observed = await connection.observe(name, interrupted ? { ...observing, interrupted } : observing);
    if (project === undefined && observed.containers.length === 0) throw invalidFile(diagnostics, resolved.files);
    const unset = project === undefined ? undefined : await findUnset(project, secrets);
    const profiles = project === undefined ? undefined : await readProfiles(project, files);
    const hooksDue = bringsUp(action) ? await options.dueHooks.of(lock) : undefined;
    const { sha256 } = options.ids;
    const meant = withOrphanVariables(wanted, loaded.variables);
    const plan = planAnyway(action, { project, name, observed, options: meant, sha256, unset, hooksDue, profiles });
    const untrusted = await options.commands.problems(
      findCommandReferences(plan.steps, loaded.variables),
      resolved.files,
    );
    const local = engines.list().find(({ id }) => id === resolved.engine)?.local ?? true;
    const ahead = project === undefined ? [] : await lookAhead({ project, plan, observed, connection, local });
    const located = locateProblems([...plan.problems, ...ahead], where);
    const folder = project === undefined || resolved.environment !== undefined ? undefined : project.workingDir;
    const said: readonly Diagnostic[] = fromLabels
      ? [
          {
            severity: 'warning',
            rule: 'from-labels',
            message: `The files of ${name} cannot be used (${error?.message ?? 'unknown reason'}); this plan follows its containers alone.`,
            ...(error?.where === undefined ? {} : { where: error.where }),
          },
        ]
      : diagnostics;
    return {
      resolved,
      stack,
      connection,
      buildSettings,
      secrets,
      plan,
      fingerprint: fingerprintOf(plan, options.ids.sha256),
      conflicts: plan.conflicts.map(({ at, ...conflict }) => {
        const place = at === undefined ? undefined : where?.(at);
        return place === undefined ? conflict : { ...conflict, where: place };
      }),
      problems: [
        ...(incomplete?.problems ?? []),
        ...untrusted,
        ...located.filter(({ severity }) => severity === 'error'),
      ],
      folder,
      credentials: toPlanCredentials({
        steps: plan.steps,
        variables: loaded.variables,
        opaque,
        incomplete: incomplete !== undefined,
        agreed: folder === undefined ? undefined : await options.consents.of(folder),
      }),
      missing: toMissingValues(incomplete ?? found, unset),
      warnings: [
        ...said,
        ...locateProblems(plan.warnings, where),
        ...located.filter(({ severity }) => severity === 'warning'),
      ],
    };
  };

  const drift = async (target: StackTarget, services: readonly string[]): Promise<Drift> => {
    const { resolved, loaded, where } = await load(target, services);
    return readDrift({ resolved, loaded, where, services, engines, sha256: options.ids.sha256 });
  };

  return {
    load: async (target: StackTarget, reading?: ServiceReading): Promise<LoadedStack> =>
      (await load(target, reading?.services, reading)).loaded,

    open: async (target: StackTarget): Promise<LoadedStack> => {
      const { resolved, loaded } = await load(target);
      if (loaded.project === undefined && loaded.diagnostics.some(({ rule }) => rule === 'file-not-found')) {
        throw invalidFile(loaded.diagnostics, resolved.files);
      }
      if (resolved.environment === undefined) {
        await known.add({
          stack: loaded.stack,
          files: [...resolved.files],
          envFiles: [...resolved.envFiles],
          profiles: [...resolved.profiles],
          services: [...(loaded.project?.services.keys() ?? [])],
        });
      }
      return loaded;
    },

    locate: async (stack: StackId, paths: readonly string[]): Promise<readonly Diagnostic[]> => {
      const { engine } = splitId(stack);
      const before = await targets.origin(stack);
      const opaque = await options.credentials.opaque();
      return locateStack({ stack, paths, files, known, before, opaque, containers: live.containers(engine) });
    },

    agree: async (target: StackTarget, names: readonly string[]): Promise<void> => {
      const { loaded } = await load(target);
      if (loaded.project !== undefined) await options.consents.add(loaded.project.workingDir, names);
    },

    forget: (stack: StackId): Promise<void> => known.remove(stack),

    files: async (stack: StackId): Promise<{ files: { path: string; text: string }[]; diagnostics: Diagnostic[] }> => {
      const { resolved, loaded } = await load({ stack });
      const texts = await Promise.allSettled(resolved.files.map((path) => files.readText(path, maxShownFile)));
      return {
        // A file that cannot be read is among the diagnostics.
        files: resolved.files.flatMap((path, index) => {
          const text = texts[index];
          return text?.status === 'fulfilled' ? [{ path, text: text.value }] : [];
        }),
        diagnostics: [...loaded.diagnostics],
      };
    },

    drift,

    followDrift: async (
      stack: StackId,
      onFrame: (frame: Frame<'drift'>) => void,
      signal: AbortSignal,
    ): Promise<void> => {
      const { engine, project } = splitId(stack);
      const { watch } = engines.get(engine);
      await followDrift({
        project,
        read: () => drift({ stack }, []),
        encode: (error) => encodeFailure(error, { what: 'drift', log: options.log, newId: options.ids.random }),
        watch,
        clock: options.clock,
        onFrame,
        signal,
      });
    },

    plan: async (target: StackTarget, action: PlanAction, wanted: ActionOptions): Promise<Plan> => {
      const { resolved, stack, plan, fingerprint, conflicts, problems, warnings, credentials, missing } = await prepare(
        target,
        action,
        wanted,
      );
      return {
        stack,
        action,
        fingerprint,
        steps: plan.steps.map(toPlanStep),
        losses: [...plan.losses],
        conflicts: [...conflicts],
        problems: [...problems],
        warnings: [...warnings],
        ...(credentials.length === 0 ? {} : { credentials }),
        ...(missing.length === 0 ? {} : { missing }),
        command: toTerminalCommand(options.program, action, resolved.arguments, wanted),
      };
    },

    /** Observes and plans again under the stack's lock; runs only the plan that was seen. */
    run: async (
      target: StackTarget,
      action: PlanAction,
      { fingerprint, agree = [], ...wanted }: RunOptions,
    ): Promise<{ operation: string }> => {
      const read = await load(target, wanted.services);
      const { resolved, loaded } = read;
      const { project: name } = splitId(loaded.stack);
      const lock = lockName(resolved.engine, name);
      const release = await options.state.lock(lock, `“${action}” of ${name}`);
      let started = false;
      try {
        const prepared = await prepare(target, action, wanted, read);
        if (prepared.fingerprint !== fingerprint) {
          throw new AppFailure({
            code: 'plan.changed',
            message: `Since the plan for ${name} was made, something changed: its file, or what runs.`,
            hint: 'Look at the new plan and confirm that one.',
            retry: true,
          });
        }
        const obstacle = findObstacle(prepared);
        if (obstacle !== undefined) throw obstacle;
        if (prepared.folder !== undefined) {
          requireAgreement(prepared.credentials, agree, prepared.folder);
          const given = prepared.credentials.filter(({ agreed }) => !agreed).map(({ name: one }) => one);
          await options.consents.add(prepared.folder, given);
        }
        if (action === 'up' && prepared.resolved.environment !== undefined) {
          await environments.keep(prepared.resolved.environment);
        }
        const noted = options.broughtUp.follow(action, prepared.stack, prepared.resolved);
        const { connection, buildSettings, secrets } = prepared;
        const operation = options.operations.start({
          stack: prepared.stack,
          action,
          steps: prepared.plan.steps,
          execute: options.dueHooks.keeping(lock, prepared.plan.steps, (step, context) =>
            connection.execute(step, { ...context, build: buildSettings, secrets }),
          ),
          release: async () => {
            await release();
            await noted;
            await live.catchUp(prepared.resolved.engine);
          },
        });
        started = true;
        return { operation };
      } finally {
        if (!started) await release();
      }
    },
  };
}
export type Stacks = ReturnType<typeof createStacks>;
