import type { ActionOptions } from '../../preload/contract/api.ts';
import type { Diagnostic } from '../../preload/contract/errors.ts';
import { splitId, toStackId } from '../../preload/contract/ids.ts';
import type { Plan, PlanAction, StackId } from '../../preload/contract/model.ts';
import { AppFailure } from '../core/app-failure.ts';
import { planFor } from '../core/plan/actions.ts';
import type { CorePlan } from '../core/plan/plan.ts';
import { fingerprint as fingerprintOf } from '../core/plan/print.ts';
import { connectTo } from './engine-choice.ts';
import type { Environments } from './environments.ts';
import type { KnownStacks } from './known-stacks.ts';
import type { Live } from './live.ts';
import { loadTarget } from './load-target.ts';
import { needsBuilds, observeByLabels, toObserveOptions } from './observe-options.ts';
import { type Operations, toPlanStep } from './operations.ts';
import type { BuildSettings, EngineConnection, Engines, Files, Ids, StateStore } from './ports.ts';
import type { LoadedStack, StackTarget } from './services.ts';
import { type SettingsService, toBuildSettings } from './settings.ts';
import type { ResolvedTarget, Targets } from './targets.ts';
import { toTerminalCommand } from './terminal-command.ts';

export interface StacksOptions {
  readonly engines: Engines;
  readonly files: Files;
  readonly state: StateStore;
  readonly ids: Ids;
  readonly live: Live;
  readonly operations: Operations;
  readonly environments: Environments;
  readonly known: KnownStacks;
  readonly settings: SettingsService;
  readonly targets: Targets;
}

interface Prepared {
  readonly resolved: ResolvedTarget;
  readonly stack: StackId;
  readonly connection: EngineConnection;
  readonly buildSettings: BuildSettings;
  readonly plan: CorePlan;
  readonly fingerprint: string;
}

const maxShownFile = 1024 * 1024;

/** Actions that need nothing of the file but names, so that a damaged or missing file does not stand in their way. */
const worksFromLabels = new Set<PlanAction>(['down', 'start', 'stop', 'restart']);

export function invalidFile(diagnostics: readonly Diagnostic[], files: readonly string[]): AppFailure {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  const name = files[0] ?? 'the compose file';
  return new AppFailure({
    code: 'file.invalid',
    message:
      errors.length === 1 && first !== undefined
        ? `${name}: ${first.message}`
        : `${name} has ${errors.length} mistakes; nothing was done.`,
    hint: first?.hint ?? 'Mend them and try again; each names its line.',
    ...(first?.where === undefined ? {} : { where: first.where }),
    diagnostics: [...diagnostics],
  });
}

function portTaken({ conflicts }: CorePlan): AppFailure {
  const said = conflicts.map(({ port, owner }) => `Port ${port.host ?? port.container} is held by ${owner}`);
  const free = conflicts.flatMap(({ alternative }) => alternative ?? [])[0];
  return new AppFailure({
    code: 'port.taken',
    message: `${said.join('. ')}.`,
    hint:
      free === undefined
        ? 'Stop what holds it, or publish another port.'
        : `Stop what holds it, or publish another port; ${free} is free.`,
  });
}

/** Stacks: loading, planning, and running a plan that the user has seen. */
export function createStacks(options: StacksOptions) {
  const { engines, files, live, targets, known, environments } = options;

  const load = async (
    target: StackTarget,
    services?: readonly string[],
  ): Promise<{ resolved: ResolvedTarget; loaded: LoadedStack }> => {
    const resolved = await targets.resolve(target);
    const { project, diagnostics, name } = await loadTarget(resolved, files, services);
    live.use(resolved.engine);
    return {
      resolved,
      loaded: { stack: toStackId(resolved.engine, name), project, diagnostics, files: resolved.files },
    };
  };

  /** A stack that is known by name alone may still be stopped and taken down when its file cannot be used. */
  const byLabels = (target: StackTarget, action: PlanAction): boolean =>
    worksFromLabels.has(action) && (target.files ?? []).length === 0;

  const prepare = async (target: StackTarget, action: PlanAction, wanted: ActionOptions): Promise<Prepared> => {
    const { resolved, loaded } = await load(target, wanted.services);
    const { project, diagnostics, stack } = loaded;
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
    const observed = await connection.observe(
      name,
      project === undefined ? observeByLabels(buildSettings) : toObserveOptions(project, action, buildSettings),
    );
    if (project === undefined && observed.containers.length === 0) throw invalidFile(diagnostics, resolved.files);
    const plan = planFor(action, { project, name, observed, options: wanted, sha256: options.ids.sha256 });
    const warnings: readonly Diagnostic[] = fromLabels
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
      plan: { ...plan, warnings: [...warnings, ...plan.warnings] },
      fingerprint: fingerprintOf(plan, options.ids.sha256),
    };
  };

  const engineAddress = (id: string): string => engines.list().find((engine) => engine.id === id)?.address ?? id;

  return {
    load: async (target: StackTarget): Promise<LoadedStack> => (await load(target)).loaded,

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

    plan: async (target: StackTarget, action: PlanAction, wanted: ActionOptions): Promise<Plan> => {
      const { resolved, stack, plan, fingerprint } = await prepare(target, action, wanted);
      return {
        stack,
        action,
        fingerprint,
        steps: plan.steps.map(toPlanStep),
        losses: [...plan.losses],
        conflicts: [...plan.conflicts],
        warnings: [...plan.warnings],
        command: toTerminalCommand(action, resolved.arguments, wanted),
      };
    },

    /** Observes and plans again under the stack's lock; runs only the plan that was seen. */
    run: async (
      target: StackTarget,
      action: PlanAction,
      { fingerprint, ...wanted }: ActionOptions & { readonly fingerprint: string },
    ): Promise<{ operation: string }> => {
      const { resolved, loaded } = await load(target);
      const { project: name } = splitId(loaded.stack);
      // Two ids (a context and DOCKER_HOST) may mean one engine: its address is what two processes share.
      const where = options.ids.sha256(engineAddress(resolved.engine)).slice(0, 12);
      const release = await options.state.lock(`${name}-${where}`, `“${action}” of ${name}`);
      let started = false;
      try {
        const prepared = await prepare(target, action, wanted);
        if (prepared.fingerprint !== fingerprint) {
          throw new AppFailure({
            code: 'plan.changed',
            message: `Since the plan for ${name} was made, something changed: its file, or what runs.`,
            hint: 'Look at the new plan and confirm that one.',
            retry: true,
          });
        }
        if (prepared.plan.conflicts.length > 0) throw portTaken(prepared.plan);
        if (action === 'up' && prepared.resolved.environment !== undefined) {
          await environments.keep(prepared.resolved.environment);
        }
        const { connection, buildSettings } = prepared;
        const operation = options.operations.start({
          stack: prepared.stack,
          action,
          steps: prepared.plan.steps,
          execute: (step, context) => connection.execute(step, { ...context, build: buildSettings }),
          release: async () => {
            await release();
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
