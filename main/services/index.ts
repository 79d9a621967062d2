import type { AppInfo } from '../../preload/contract/api.ts';
import { splitId } from '../../preload/contract/ids.ts';
import type { EngineId, ServiceId } from '../../preload/contract/model.ts';
import { AppFailure } from '../core/app-failure.ts';
import { createBroughtUp } from './brought-up.ts';
import { createCommandSources } from './command-sources.ts';
import { createConsents } from './consents.ts';
import { createContainers } from './containers.ts';
import { createCredentialUses } from './credential-uses.ts';
import { createCredentialView } from './credential-view.ts';
import { createCredentials } from './credentials.ts';
import { runDoctor } from './doctor.ts';
import { createDueHooks } from './due-hooks.ts';
import { editorLink } from './editor-link.ts';
import { chooseEngine } from './engine-choice.ts';
import { createEnvHistory } from './env-history.ts';
import { createEnvImport } from './env-import.ts';
import { createEnvReaders } from './env-readers.ts';
import { createEnvironments } from './environments.ts';
import { createKeychainState } from './keychain-state.ts';
import { createKnownStacks, originFromLabels } from './known-stacks.ts';
import { createListeners } from './listeners.ts';
import { createLive } from './live.ts';
import { readKnown } from './live-known.ts';
import { streamLogs } from './logs.ts';
import { createOperations } from './operations.ts';
import type { Engines, ExecOptions, Files, Keychain, MachinePorts } from './ports.ts';
import type { Registries } from './registries.ts';
import type { Services } from './services.ts';
import { createSettings } from './settings.ts';
import { createStacks } from './stacks.ts';
import { createSwarmLive } from './swarm-live.ts';
import { createSwarmStacks } from './swarm-stacks.ts';
import { createTargets } from './targets.ts';
import { createTeamService } from './team/index.ts';
import { createTeamRecords } from './team/records.ts';
import { createTeamMember } from './team-member/index.ts';
import { createTeamServices } from './team-services/index.ts';
import { createOwnEnvironment } from './team-services/own-environment.ts';
import { createTeamStack } from './team-stack/index.ts';
import { createTeamStackRuns } from './team-stack/runs.ts';
import { createTrust } from './trust.ts';
import { createVolumeBackups } from './volume-backups.ts';

export interface ServicesOptions extends MachinePorts {
  readonly engines: Engines;
  readonly keychain: Keychain;
  /** Made before the engines, which ask it for logins. */
  readonly registries: Registries;
  /** How this program is called in a terminal: `claude-env`, or `npx claude-env` in a clone. */
  readonly program: string;
  readonly app: Pick<AppInfo, 'version' | 'host' | 'node' | 'capabilities'>;
  /** Which engines the live state looks at: all of them, or for a single command only those it uses. */
  readonly scope?: 'all' | 'used';
}

/** Puts the product together over the ports. Starts nothing by itself. */
export function createServices(options: ServicesOptions): Services {
  const { engines, files, state, clock, ids, resources, log } = options;

  const addressOf = (id: EngineId): string => engines.list().find((engine) => engine.id === id)?.address ?? '';
  const chosen = async (): Promise<{ id: EngineId; address: string }> => {
    const id = await chooseEngine(engines);
    return { id, address: addressOf(id) };
  };
  const stacksChanged = createListeners<void>(log);
  const onChange = () => {
    stacksChanged.emit();
    live.refresh();
  };
  const settings = createSettings({ state, log });
  const known = createKnownStacks({ state, clock, log, onChange });
  const environments = createEnvironments({ state, clock, files, resources, settings, log, engine: chosen, onChange });
  const live = createLive({
    engines,
    files,
    clock,
    log,
    scope: options.scope ?? 'all',
    known: (engine) =>
      readKnown({
        engine,
        address: addressOf(engine),
        preferred: engines.preferred(),
        known,
        environments,
        files,
        resources,
      }),
  });
  const broughtUp = createBroughtUp({ state, clock, log, known });
  const keychain = createKeychainState({ keychain: options.keychain, log });
  const credentials = createCredentials({ keychain: keychain.keychain, state, clock, log });
  const followCredentials = createCredentialView({
    credentials,
    keychain,
    uses: createCredentialUses({ known, environments, broughtUp, files, preferred: engines.preferred }),
    onStacks: (listener) => {
      const stops = [stacksChanged.add(listener), broughtUp.onChange(listener)];
      return () => {
        for (const stop of stops) stop();
      };
    },
  });
  const teams = createTeamRecords({ state, clock, log });
  const trust = createTrust({ files, ids, state, clock, log });
  const commands = createCommandSources({ files, programs: options.programs, trust });
  const operations = createOperations({ clock, ids, log });
  const targets = createTargets({
    files,
    environments,
    known,
    engine: async () => (await chosen()).id,
    labelled: async (stack) => {
      const { engine, project } = splitId(stack);
      await live.looked(engine);
      return originFromLabels(live.containers(engine), project);
    },
  });
  const consents = createConsents({ state, clock, log });
  const stacks = createStacks({
    engines,
    redactor: options.redactor,
    files,
    state,
    ids,
    log,
    live,
    operations,
    environments,
    known,
    dueHooks: createDueHooks({ state, clock, log }),
    settings,
    targets,
    consents,
    credentials,
    commands,
    broughtUp,
    program: options.program,
    machine: options.machine,
    clock,
  });

  /** The running container of a service, or the one with that number. */
  const containerOf = async (service: ServiceId, index: number | undefined) => {
    const { engine, name } = splitId(service);
    await live.looked(engine);
    const candidates = (live.state().services[service]?.containers ?? []).filter(
      ({ oneOff, number }) => !oneOff && (index === undefined || number === index),
    );
    const running = candidates.find((container) => container.state === 'running');
    if (running !== undefined) return { engine, id: splitId(running.id).name };
    throw new AppFailure({
      code: candidates.length === 0 ? 'stack.not-found' : 'container.exited',
      message:
        candidates.length === 0
          ? `There is no container of ${name}${index === undefined ? '' : ` with number ${index}`}.`
          : `${name} is not running.`,
      hint: 'Start it first.',
    });
  };

  const team = createTeamService({ ...options, settings });
  const teamServices = createTeamServices({
    ...options,
    team,
    stacksOf: async (engine) => engines.get(engine ?? (await chosen()).id).swarmStacks,
    keychain: keychain.keychain,
    ...createOwnEnvironment({
      live,
      machine: options.swarmValues.operator.replace(/^.*@/, ''),
      applied: () => teamMember.applied(),
      onApplied: (listener) => teamMember.onChange(listener),
      node: () => nodeName(engines),
      onNode: (listener) => teams.watch(listener),
    }),
  });

  const teamMember = createTeamMember({ ...options, live, environments, link: teamServices });
  teamServices.onLeave(teamMember.leave);

  const swarm = createSwarmStacks({
    state,
    engines,
    engine: async () => (await chosen()).id,
    files,
    ids,
    clock,
    operations,
    targets,
    credentials,
    commands,
    teamOf: async (engine) => (await teams.of(engine))?.team,
    consents,
    redactor: options.redactor,
    values: options.swarmValues,
    network: options.network,
    settings,
    backups: createVolumeBackups({ engines, store: options.backupStore, clock, ids }),
    program: options.program,
  });
  const teamStack = createTeamStack({
    ...options,
    ...teamServices,
    credentials,
    settings,
    records: teams,
    operator: options.swarmValues.operator,
  });
  const teamStackRuns = createTeamStackRuns({
    teamStack,
    stacks,
    swarm,
    operations,
    credentials,
    keychain: keychain.keychain,
    clock,
    ids,
    log,
    retryLink: teamServices.retry,
  });

  return {
    info: async () => ({
      ...options.app,
      platform: files.platform(),
      suggestedWorkspace: await suggestWorkspace(files),
    }),
    doctor: () => runDoctor({ ...options, environments, settings, stacks, keychainTrouble: keychain.trouble }),
    engines,
    live: { state: live.state, ready: live.ready, subscribe: live.subscribe },
    stacks,
    swarm,
    operations,
    logs: (input, onFrame, signal) => streamLogs({ engines, live, clock }, input, onFrame, signal),
    containers: createContainers({ engines, load: stacks.load }),
    exec: async (service, { index, ...exec }: ExecOptions & { readonly index?: number }) => {
      const { engine, id } = await containerOf(service, index);
      return engines.get(engine).exec(id, exec);
    },
    environments: { list: environments.list, save: environments.save, remove: environments.remove },
    credentials: {
      ...credentials,
      follow: followCredentials,
      lookAgain: () => keychain.look({ again: true }),
      trouble: keychain.trouble,
    },
    trust: { list: trust.list, show: trust.show, add: trust.add, remove: trust.remove },
    envImport: createEnvImport({
      files,
      changes: options.changes,
      credentials,
      consents,
      readers: createEnvReaders({ files, known, broughtUp }),
      history: createEnvHistory({ programs: options.programs, environment: files.environment() }),
      state,
      clock,
      log,
    }),
    registries: {
      list: options.registries.list,
      logout: options.registries.logout,
      login: async ({ engine, ...input }, signal) => {
        const connection = engines.get(engine ?? (await chosen()).id);
        return options.registries.login(input, (auth) => connection.checkLogin(auth, signal));
      },
    },
    team,
    teamServices,
    teamMember,
    teamStack,
    teamStackRuns,
    swarmLive: createSwarmLive({
      engines,
      clock,
      ids,
      log,
      team: (engine) => team.view({ engine }),
      whoAnswers: (engine) => team.whoAnswers({ engine }),
    }),
    editorLink: (service) => editorLink(live, service),
    settings: {
      get: settings.get,
      set: async (wanted) => {
        const saved = await settings.set(wanted);
        await engines.prefer(saved.engine);
        return saved;
      },
    },
    close: async () => {
      teamStackRuns.close();
      await operations.close();
      teamMember.close();
      teamServices.close();
      live.close();
      options.keychain.close();
      await engines.close();
    },
  };
}

/** What the Swarm calls the machine of the preferred engine; undefined: it is no node, or nobody can say. */
async function nodeName(engines: Engines): Promise<string | undefined> {
  const id = engines.preferred();
  const engine = engines.list().find((one) => one.id === id);
  if (id === undefined || engine?.state.kind !== 'connected') return undefined;
  const self = await engines
    .get(id)
    .membership.self()
    .catch(() => undefined);
  return self?.state === 'active' ? self.hostname : undefined;
}

/** The first usual place for code that exists; else `code` in the home folder, which the view offers to make. */
async function suggestWorkspace(files: Files): Promise<string> {
  const separator = files.platform() === 'win32' ? '\\' : '/';
  for (const name of ['code', 'Code', 'src', 'projects', 'Projects', 'dev', 'workspace', 'repos']) {
    const candidate = `${files.home()}${separator}${name}`;
    if ((await files.exists(candidate)) === 'directory') return candidate;
  }
  return `${files.home()}${separator}code`;
}
