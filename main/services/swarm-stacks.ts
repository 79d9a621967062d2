import type { TeamSecret } from '../../preload/contract/credentials.ts';
import type { Diagnostic } from '../../preload/contract/errors.ts';
import { toStackId } from '../../preload/contract/ids.ts';
import type { EngineId, Plan, StackId } from '../../preload/contract/model.ts';
import type { MissingValue, PlanCredential } from '../../preload/contract/plan-values.ts';
import { shellWord } from '../../preload/contract/shell-word.ts';
import { AppFailure } from '../core/app-failure.ts';
import type { OpaqueValue } from '../core/opaque.ts';
import type { CorePlan } from '../core/plan/plan.ts';
import { fingerprint as fingerprintOf } from '../core/plan/print.ts';
import { locateProblems } from '../core/plan/problem.ts';
import type { Redactor } from '../core/redact.ts';
import { showVersions, withVersion } from '../core/swarm/names.ts';
import type { ObservedStack } from '../core/swarm/observed.ts';
import type { CommandSources } from './command-sources.ts';
import type { Consents } from './consents.ts';
import type { Credentials } from './credentials.ts';
import { connectTo } from './engine-choice.ts';
import { loadTarget } from './load-target.ts';
import { findObstacle } from './obstacles.ts';
import { type Operations, toPlanStep } from './operations.ts';
import type {
  Clock,
  EngineConnection,
  Engines,
  Files,
  Ids,
  MachineNetwork,
  SecretStore,
  StateStore,
  SwarmValues,
} from './ports.ts';
import { createSecretStore, findUnset } from './secrets.ts';
import type { StackTarget } from './services.ts';
import type { SettingsService } from './settings.ts';
import { requireAgreement, toMissingValues, toPlanCredentials } from './stack-values.ts';
import { withEncryptionWarning } from './swarm-encryption.ts';
import { type FollowServiceLogs, followServiceLogs } from './swarm-logs.ts';
import { type LoadedStack, planRequest, type StackRequest, withoutWaits, wordsOf } from './swarm-plan.ts';
import { type PortReport, tryPorts } from './swarm-ports.ts';
import type { Targets } from './targets.ts';
import { toTeamSecrets } from './team-secrets.ts';
import type { VolumeBackups } from './volume-backups.ts';

export interface SwarmStacksOptions {
  readonly engines: Engines;
  readonly engine: () => Promise<EngineId>;
  readonly files: Files;
  readonly state: StateStore;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly operations: Operations;
  readonly targets: Pick<Targets, 'ofFiles'>;
  readonly credentials: Credentials;
  readonly commands: CommandSources;
  /** Name of the team that an engine is in, as this machine remembers it. */
  readonly teamOf: (engine: EngineId) => Promise<string | undefined>;
  readonly consents: Consents;
  readonly redactor: Pick<Redactor, 'know'>;
  readonly values: SwarmValues;
  readonly backups: VolumeBackups;
  readonly network: Pick<MachineNetwork, 'tcp'>;
  readonly settings: Pick<SettingsService, 'get'>;
  readonly program: string;
}

interface Prepared {
  readonly stack: StackId;
  readonly name: string;
  readonly connection: EngineConnection;
  readonly secrets: SecretStore;
  readonly plan: CorePlan;
  readonly fingerprint: string;
  readonly problems: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
  readonly credentials: PlanCredential[];
  readonly missing: MissingValue[];
  readonly folder: string | undefined;
}

const noSecrets: SecretStore = { has: async () => false, lookup: async () => undefined };

/** Stacks on a Swarm: what `docker stack` does, with a plan before, one deploy at a time, and a look at every task after. */
export function createSwarmStacks(options: SwarmStacksOptions) {
  const { engines, files, values, targets } = options;

  const connect = async (target: StackTarget): Promise<EngineConnection> =>
    connectTo(engines, target.engine ?? (await options.engine()));

  const teamOf = async (target: StackTarget) =>
    target.team ?? options.teamOf(target.engine ?? (await options.engine()));

  const load = async (target: StackTarget): Promise<LoadedStack | undefined> => {
    const named = targets.ofFiles(target);
    if (named === undefined) return undefined;
    const team = await teamOf(target);
    const opaque = await options.credentials.opaque(team);
    const read = await loadTarget(named, files, undefined, { opaque, swarm: true });
    const secrets = createSecretStore({
      variables: read.variables,
      credentials: options.credentials,
      project: read.name,
      team,
      runCommand: (origin) => options.commands.run(origin, named.files),
      redactor: options.redactor,
    });
    return { ...read, arguments: named.arguments, files: named.files, secrets, opaque: opaque(read.name) };
  };

  /** The keychain alone: a record names what it has, and no variable of this terminal is meant. */
  const withoutFile = async (
    target: StackTarget,
    project: string,
  ): Promise<Pick<LoadedStack, 'variables' | 'secrets' | 'opaque'>> => {
    const team = await teamOf(target);
    const { credentials, redactor, commands } = options;
    const variables = new Map<string, string>();
    const runCommand: Parameters<typeof createSecretStore>[0]['runCommand'] = (origin) => commands.run(origin, []);
    const secrets = createSecretStore({ variables, credentials, project, team, runCommand, redactor });
    return { variables, secrets, opaque: (await credentials.opaque(team))(project) };
  };

  const nameOf = (target: StackTarget, loaded: LoadedStack | undefined): string => {
    const name = target.project ?? loaded?.name;
    if (name !== undefined) return name;
    throw new AppFailure({ code: 'usage', message: 'Which stack?', hint: 'Name it with -p, or its file with -f.' });
  };

  /** A copy says of which stack it is, and no file is needed to put it back. */
  const targetOf = async (target: StackTarget, request: StackRequest): Promise<StackTarget> => {
    if (request.kind !== 'restore-volume') return target;
    const { stack } = await options.backups.find(request.from);
    return { ...(target.engine === undefined ? {} : { engine: target.engine }), project: stack };
  };

  /** Two engine ids (a context and DOCKER_HOST) may mean one engine. */
  const lockName = (engine: string, name: string): string => {
    const address = engines.list().find(({ id }) => id === engine)?.address ?? engine;
    return `swarm-${name}-${options.ids.sha256(address).slice(0, 12)}`;
  };

  /** Made once, and kept in the state folder. */
  const machineId = async (): Promise<string> => {
    const known = await options.state.read('machine');
    if (typeof known === 'string') return known;
    const made = options.ids.random();
    await options.state.write('machine', made);
    return made;
  };

  /** Nobody else changes the stack until the answer is called: on this machine by a lock, on the Swarm by its lease. */
  const takeStack = async (
    connection: EngineConnection,
    name: string,
    doing: string,
    since: string,
  ): Promise<() => Promise<void>> => {
    const unlock = await options.state.lock(lockName(connection.id, name), `“stack ${doing}” of ${name}`);
    try {
      const who = { name: values.operator, id: options.ids.random(), machine: await machineId(), since };
      const giveBack = await connection.swarmStacks.lease(name, who);
      return () => giveBack().finally(unlock);
    } catch (error) {
      await unlock();
      throw error;
    }
  };

  const prepare = async (target: StackTarget, request: StackRequest): Promise<Prepared> => {
    const [connection, loaded] = await Promise.all([connect(target), load(target)]);
    const name = nameOf(target, loaded);
    const given = request.kind === 'go-back' ? await withoutFile(target, name) : loaded;
    const observe = (images: readonly string[]) => connection.swarmStacks.observe(name, images);
    const opaque = given?.opaque ?? new Map<string, OpaqueValue>();
    const { plan: bare, observed } = await planRequest({ ...options, request, observe, connection, loaded, opaque });
    const kept = await options.backups.guard(bare, { connection, observed }, request.backup === true);
    const plan = await withEncryptionWarning(kept, { connection, settings: options.settings, observed });
    const problems = locateProblems(plan.problems, loaded?.where);
    // A record is no folder's: what was agreed to is agreed to for the stack of this Swarm.
    const stack = toStackId(connection.id, name);
    const folder =
      request.kind === 'go-back' ? stack : request.kind === 'deploy' ? loaded?.project?.workingDir : undefined;
    const agreed = folder === undefined ? undefined : await options.consents.of(folder);
    const missing = request.kind === 'deploy' && loaded !== undefined ? await missingOf(loaded, problems) : [];
    return {
      stack,
      name,
      connection,
      secrets: given?.secrets ?? noSecrets,
      plan,
      fingerprint: fingerprintOf(withoutWaits(plan), options.ids.sha256),
      problems,
      warnings: [
        ...(request.kind === 'deploy' ? (loaded?.diagnostics ?? []) : []),
        ...locateProblems(plan.warnings, loaded?.where),
      ],
      credentials:
        given === undefined
          ? []
          : toPlanCredentials({ steps: plan.steps, variables: given.variables, opaque: given.opaque, agreed }),
      missing,
      folder,
    };
  };

  const toPlan = (
    { stack, plan, fingerprint, problems, warnings, credentials, missing }: Prepared,
    target: StackTarget,
    request: StackRequest,
  ): Plan => ({
    stack,
    action: plan.action,
    fingerprint,
    steps: plan.steps.map(toPlanStep),
    losses: [...plan.losses],
    conflicts: [],
    problems: [...problems],
    warnings: [...warnings],
    credentials,
    ...(missing.length === 0 ? {} : { missing }),
    command: [
      options.program,
      'stack',
      ...wordsOf(request),
      ...(targets.ofFiles(target)?.arguments ?? ['-p', plan.project]),
    ]
      .map(shellWord)
      .join(' '),
  });

  return {
    plan: async (asked: StackTarget, request: StackRequest): Promise<Plan> => {
      const target = await targetOf(asked, request);
      return showVersions(toPlan(await prepare(target, request), target, request));
    },

    /** Under the Swarm's lease of the stack: looks and plans again, and runs only the plan that was seen. */
    run: async (
      asked: StackTarget,
      request: StackRequest,
      { fingerprint, agree }: { readonly fingerprint: string; readonly agree?: readonly string[] | undefined },
    ): Promise<{ readonly operation: string }> => {
      const target = await targetOf(asked, request);
      const [connection, loaded] = await Promise.all([connect(target), load(target)]);
      const name = nameOf(target, loaded);
      const since = new Date(options.clock.now()).toISOString();
      const doing = request.kind === 'go-back' ? 'rollback' : request.kind;
      const release = await takeStack(connection, name, doing, since);
      let started = false;
      try {
        const prepared = await prepare(target, request);
        if (prepared.fingerprint !== fingerprint) {
          throw new AppFailure({
            code: 'plan.changed',
            message: `Since the plan for ${name} was made, something changed: its file, or what the Swarm has.`,
            hint: 'Look at the new plan and confirm that one.',
            retry: true,
          });
        }
        const obstacle = findObstacle({ stack: prepared.stack, conflicts: [], problems: prepared.problems });
        if (obstacle !== undefined) throw obstacle;
        if (prepared.folder !== undefined) {
          requireAgreement(prepared.credentials, agree ?? [], prepared.folder);
          const given = prepared.credentials.filter(({ agreed }) => !agreed).map((one) => one.name);
          await options.consents.add(prepared.folder, given);
        }
        const { secrets } = prepared;
        const suffix = options.ids
          .random()
          .replace(/[^a-zA-Z0-9]/g, '')
          .slice(0, 8);
        const operation = options.operations.start({
          stack: prepared.stack,
          action: prepared.plan.action,
          steps: withVersion(prepared.plan.steps, suffix, since),
          execute: (step, context) =>
            connection.execute(step, {
              ...context,
              build: { args: {} },
              secrets,
              seals: values.seals,
              operator: values.operator,
              engineOf: (engine) => connectTo(engines, engine),
              keepVolume: options.backups.keepVolume,
              restoreVolume: async ({ backup }, say, signal) => {
                const observed = await connection.swarmStacks.observe(name, []);
                await options.backups.restore(backup, { connection, observed }, say, signal);
              },
            }),
          release,
        });
        started = true;
        return { operation };
      } finally {
        if (!started) await release();
      }
    },

    look: async (target: StackTarget): Promise<ObservedStack> => {
      const [connection, loaded] = await Promise.all([connect(target), load(target)]);
      return connection.swarmStacks.observe(nameOf(target, loaded), []);
    },
    /** Copies of volumes on this machine, of all stacks; one is put back by the request `restore-volume`. */
    backups: { list: options.backups.list, remove: options.backups.remove },
    team: teamOf,
    /** Names of all that the Swarm keeps as secrets, with who set them; never a value. */
    secrets: async (target: StackTarget): Promise<readonly TeamSecret[]> => {
      const connection = await connect(target);
      const [{ secrets }, kept, team] = await Promise.all([
        connection.swarmStacks.observe('', []),
        options.credentials.list(),
        teamOf(target),
      ]);
      return toTeamSecrets(secrets, kept, team);
    },
    list: async (target: StackTarget) => (await connect(target)).swarmStacks.list(),
    /** Tries the published ports of the stack, or of some of its services, once. */
    tryPorts: async (target: StackTarget, services?: readonly string[]): Promise<PortReport> => {
      const [connection, loaded] = await Promise.all([connect(target), load(target)]);
      const observed = await connection.swarmStacks.observe(nameOf(target, loaded), []);
      return tryPorts({ ...options, connection, observed, ...(services === undefined ? {} : { services }) });
    },
    /** A service's log, by its name in the file or its whole name, with gaps where nodes do not answer. */
    logs: async (
      target: StackTarget,
      asked: Pick<FollowServiceLogs, 'service' | 'wanted'>,
      onFrame: FollowServiceLogs['onFrame'],
      signal: AbortSignal,
    ): Promise<void> => {
      const [connection, loaded] = await Promise.all([connect(target), load(target)]);
      const stack = nameOf(target, loaded);
      return followServiceLogs({ ...asked, connection, clock: options.clock, stack, onFrame, signal });
    },
  };
}
/** What to ask for: blanks that are called as secrets are, and what stands in the way because nobody has it. */
async function missingOf(
  { missing, project, secrets }: LoadedStack,
  problems: readonly Diagnostic[],
): Promise<MissingValue[]> {
  const isWanted = project !== undefined && problems.some(({ rule }) => rule === 'value-missing');
  return toMissingValues({ missing }, isWanted ? await findUnset(project, secrets) : new Set());
}
export type SwarmStacksService = ReturnType<typeof createSwarmStacks>;
