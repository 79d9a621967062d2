import type { Frame, Input, MethodName, Output, StreamInput, StreamName } from '../../preload/contract/api.ts';
import type { RegistryLogin } from '../../preload/contract/credentials.ts';
import { sourceTitle } from '../core/registries/login.ts';
import { signTitle } from '../core/secrecy/judge.ts';
import type { RegistryEntry } from '../services/registries.ts';
import type { Services } from '../services/services.ts';
import { createSwarmHandlers, createSwarmLogsHandler } from './swarm.ts';
import { createSwarmDataHandlers } from './swarm-data.ts';
import { createJoiningHandler, createMovesHandler, createTeamHandlers } from './team.ts';
import { createKeepingHandlers } from './team-keeping.ts';
import { createTeamMemberHandlers } from './team-member.ts';
import { createTeamServicesHandlers } from './team-services.ts';
import { createTeamStackHandlers } from './team-stack.ts';

type DesktopMethod = Extract<MethodName, `desktop.${string}`>;
type ShortName<M extends DesktopMethod> = M extends `desktop.${infer Name}` ? Name : never;

/** What only a window can do. The Electron host brings it; the others have none, and the dispatcher then refuses. */
export type DesktopPort = {
  readonly [M in DesktopMethod as ShortName<M>]: (input: Input<M>) => Promise<Output<M>>;
};

type Handler<M extends MethodName> = (input: Input<M>) => Promise<Output<M>>;
export type ServiceHandlers = { readonly [M in Exclude<MethodName, DesktopMethod>]: Handler<M> };
export type DesktopHandlers = { readonly [M in DesktopMethod]: Handler<M> };

/**
 * Opens a stream: `send` is called with every frame until `signal` fires. Resolves when the stream is over by itself,
 * rejects when it broke.
 */
type StreamHandler<S extends StreamName> = (
  input: StreamInput<S>,
  send: (frame: Frame<S>) => void,
  signal: AbortSignal,
) => Promise<void>;
export type StreamHandlers = { readonly [S in StreamName]: StreamHandler<S> };

/** A registry that does not answer is given up; the engine itself would wait for minutes. */
const loginPatience = 30_000;

const toRegistryLogin = ({
  registry,
  title,
  user,
  source,
  session,
  used,
  changedAt,
}: RegistryEntry): RegistryLogin => ({
  registry,
  title,
  ...(user === undefined ? {} : { user }),
  source: sourceTitle(source),
  own: source.kind === 'keychain',
  session: session === true,
  used,
  ...(changedAt === undefined ? {} : { changedAt: new Date(changedAt).toISOString() }),
});

/** A method of the contract that is missing here, or answers in another shape, does not compile. */
export const createServiceHandlers = (services: Services): ServiceHandlers => ({
  'app.info': () => services.info(),
  'app.doctor': async () => ({ checks: [...(await services.doctor())] }),
  'engines.retry': async ({ engine }) => {
    services.engines.retry(engine);
    return {};
  },
  'stacks.open': async (target) => {
    const { stack, diagnostics } = await services.stacks.open(withoutUndefined(target));
    return { stack, diagnostics: [...diagnostics] };
  },
  'stacks.locate': async ({ stack, files }) => ({ diagnostics: [...(await services.stacks.locate(stack, files))] }),
  'stacks.forget': async ({ stack }) => {
    await services.stacks.forget(stack);
    return {};
  },
  'stacks.files': ({ stack }) => services.stacks.files(stack),
  'stacks.plan': ({ stack, action, options }) => services.stacks.plan({ stack }, action, options ?? {}),
  'stacks.run': ({ stack, action, options, fingerprint, agree }) =>
    services.stacks.run({ stack }, action, { ...options, fingerprint, agree }),
  ...createSwarmHandlers(services),
  ...createSwarmDataHandlers(services),
  ...createTeamHandlers(services),
  ...createKeepingHandlers(services),
  ...createTeamServicesHandlers(services),
  ...createTeamMemberHandlers(services),
  ...createTeamStackHandlers(services),
  'operations.cancel': async ({ operation }) => {
    services.operations.cancel(operation);
    return {};
  },
  'operations.dismiss': async ({ operation }) => {
    services.operations.dismiss(operation);
    return {};
  },
  'environments.list': async () => ({ environments: [...(await services.environments.list())] }),
  'environments.save': (environment) => services.environments.save(environment),
  'environments.remove': async ({ name }) => {
    await services.environments.remove(name);
    return {};
  },
  'credentials.set': async ({ key, value, keep }) => {
    await services.credentials.set(key, value, { keep });
    return {};
  },
  'credentials.remove': async ({ key }) => ({ removed: await services.credentials.remove(key) }),
  'credentials.retry': async () => {
    await services.credentials.lookAgain();
    return {};
  },
  'credentials.proposeImport': async ({ file }) => {
    const { entries, warnings, undo, ...found } = await services.envImport.propose(file);
    return {
      ...found,
      entries: entries.map(({ sign, ...entry }) => (sign === undefined ? entry : { ...entry, sign: signTitle[sign] })),
      warnings: [...warnings],
      undo: [...undo],
    };
  },
  'credentials.import': async (input) => {
    await services.envImport.move(input);
    return {};
  },
  'credentials.undoImport': async ({ file }) => {
    const { restored, left } = await services.envImport.undo(file);
    return { restored: [...restored], left: [...left] };
  },
  'credentials.team': async ({ engine }) => ({ secrets: [...(await services.swarm.secrets({ engine }))] }),
  'registries.list': async () => {
    const { registries, problems } = await services.registries.list();
    return { registries: registries.map(toRegistryLogin), problems: [...problems] };
  },
  'registries.login': async (input) => {
    await services.registries.login(input, AbortSignal.timeout(loginPatience));
    return {};
  },
  'registries.logout': async ({ registry }) => {
    const { removed, left } = await services.registries.logout(registry);
    return { removed, ...(left === undefined ? {} : { left: sourceTitle(left) }) };
  },
  'editor.link': ({ service }) => services.editorLink(service),
  'settings.get': () => services.settings.get(),
  'settings.set': (settings) => services.settings.set(settings),
});

export const createDesktopHandlers = (desktop: DesktopPort): DesktopHandlers => ({
  'desktop.pickFolder': (input) => desktop.pickFolder(input),
  'desktop.pickFiles': (input) => desktop.pickFiles(input),
  'desktop.revealCredential': (input) => desktop.revealCredential(input),
  'desktop.openExternal': (input) => desktop.openExternal(input),
});

const untilAborted = (signal: AbortSignal, stop: () => void): Promise<void> =>
  new Promise((resolve) => {
    const end = () => {
      stop();
      resolve();
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });

export const createStreamHandlers = (services: Services): StreamHandlers => ({
  live: (_input, send, signal) => untilAborted(signal, services.live.subscribe(send)),
  swarm: ({ engine }, send, signal) => services.swarmLive.follow(engine, send, signal),
  joining: createJoiningHandler(services),
  moves: createMovesHandler(services),
  teamMember: (_input, send, signal) => untilAborted(signal, services.teamMember.follow(send)),
  teamStack: ({ engine }, send, signal) => untilAborted(signal, services.teamStackRuns.follow(engine, send)),
  teamServices: (_input, send, signal) => services.teamServices.follow(send, signal),
  operations: (_input, send, signal) => untilAborted(signal, services.operations.subscribe(send)),
  credentials: (_input, send, signal) => services.credentials.follow(send, signal),
  drift: ({ stack }, send, signal) => services.stacks.followDrift(stack, send, signal),
  logs: (input, send, signal) => services.logs(input, send, signal),
  swarmLogs: createSwarmLogsHandler(services),
});

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Zod writes an absent optional key as possibly undefined; the services want it absent. */
function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Defined<T>;
}
