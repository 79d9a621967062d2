import type { AppInfo } from '../../preload/contract/api.ts';
import type { AppError } from '../../preload/contract/errors.ts';
import type { CheckResult, Engine } from '../../preload/contract/model.ts';
import { AppFailure } from '../core/app-failure.ts';
import type { Project } from '../core/compose/project.ts';
import { toWantedPorts } from '../core/plan/ports.ts';
import { noRedactor } from '../core/redact.ts';
import { connectTo, settled } from './engine-choice.ts';
import type { Environments } from './environments.ts';
import { toObserveOptions } from './observe-options.ts';
import type { Engines, Files, Log, Machine, Resources, StateStore } from './ports.ts';
import { engineIsHere } from './preflight.ts';
import { type SettingsService, toBuildSettings } from './settings.ts';
import type { Stacks } from './stacks.ts';

export interface DoctorOptions {
  /** How this program is called in a terminal. */
  readonly program: string;
  readonly engines: Engines;
  readonly files: Files;
  readonly state: StateStore;
  readonly resources: Resources;
  readonly machine: Machine;
  readonly environments: Environments;
  readonly settings: SettingsService;
  readonly stacks: Pick<Stacks, 'load'>;
  /** Why the keychain cannot be read; undefined: it answers. */
  readonly keychainTrouble: () => Promise<AppError | undefined>;
  readonly app: Pick<AppInfo, 'version' | 'host' | 'node'>;
  readonly log: Log;
}

type Check = (options: DoctorOptions) => Promise<readonly CheckResult[]>;

const gib = 1024 ** 3;
const enoughDisk = 5 * gib;
const size = (bytes: number): string => `${(bytes / gib).toFixed(1)} GiB`;

const engineCheck = (engine: Engine): CheckResult => {
  const base = { id: `engine.${engine.id}`, title: `Engine ${engine.title}` };
  const why = `${engine.address}, because of ${engine.source}${engine.preferred ? '; used when nothing else is said' : ''}`;
  const { state } = engine;
  if (state.kind === 'connected') {
    return {
      ...base,
      status: 'ok',
      found: `${state.product} ${state.version} (API ${state.apiVersion}, ${state.os}/${state.arch}) at ${why}`,
    };
  }
  if (state.kind === 'connecting') return { ...base, status: 'warning', found: `Still connecting: ${why}` };
  return {
    ...base,
    status: engine.preferred ? 'problem' : 'warning',
    found: `${state.error.message} (${why})`,
    nextStep: state.error.hint ?? 'Start the engine.',
  };
};

const checkEngines: Check = async ({ engines }) => {
  const all = engines.list();
  if (all.length === 0) {
    return [
      {
        id: 'engine',
        title: 'Docker engine',
        status: 'problem',
        found: 'None was found: no DOCKER_HOST, no docker context, no known socket.',
        nextStep: 'Install Docker and start it.',
      },
    ];
  }
  await Promise.all(all.map(({ id }) => settled(engines, id)));
  return engines.list().map(engineCheck);
};

const checkApi: Check = async ({ engines }) => {
  const state = engines.list().find(({ preferred }) => preferred)?.state;
  if (state?.kind !== 'connected') return [];
  return [
    {
      id: 'api',
      title: 'API version',
      status: 'ok',
      found: `${state.apiVersion} was agreed on; 1.41 is the oldest that works.`,
    },
  ];
};

/** Where the engine keeps images and volumes, when that is a folder of this machine. */
async function rootDirHere(engines: Engines, files: Files): Promise<string | undefined> {
  const engine = engines.list().find(({ preferred }) => preferred);
  if (engine?.state.kind !== 'connected') return undefined;
  const facts = await (await connectTo(engines, engine.id)).facts();
  return (await engineIsHere(files, facts, engine.local)) === 'here' ? facts.rootDir : undefined;
}

const checkDisk: Check = async ({ engines, machine, files }) => {
  const rootDir = await rootDirHere(engines, files);
  const places = [
    { id: 'disk.home', title: 'Disk of the home folder', path: files.home() },
    ...(rootDir === undefined ? [] : [{ id: 'disk.docker', title: 'Disk of the engine', path: rootDir }]),
  ];
  const results = await Promise.all(
    places.map(async ({ id, title, path }): Promise<CheckResult> => {
      const free = await machine.freeBytes(path);
      if (free === undefined)
        return { id, title, status: 'skipped', found: 'The system does not say how much is free.' };
      const found = `${size(free)} free`;
      return free >= enoughDisk
        ? { id, title, status: 'ok', found }
        : {
            id,
            title,
            status: 'warning',
            found,
            nextStep: `Make room: the images and builds need about ${size(enoughDisk)}.`,
          };
    }),
  );
  return results;
};

const loadLocal = async ({ stacks, environments }: DoctorOptions): Promise<Project | undefined> => {
  const [first] = await environments.list();
  const { project } = await stacks.load({ environment: first?.name ?? 'local' });
  return project;
};

const checkStackFiles: Check = async (options) => {
  const title = 'Files of the local stack';
  const { directory } = await options.resources.localStack();
  const all = await options.environments.list();
  const { diagnostics } = await options.stacks.load({ environment: all[0]?.name ?? 'local' });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first === undefined) return [{ id: 'stack', title, status: 'ok', found: directory }];
  const noWorkspace = all.length === 0 && errors.every(({ message }) => message.includes('CLAUDE_ENV_WORKSPACE'));
  return [
    {
      id: 'stack',
      title,
      status: noWorkspace ? 'warning' : 'problem',
      found: noWorkspace ? `${directory}; no environment has been made yet` : `${directory}: ${first.message}`,
      nextStep: noWorkspace
        ? `Choose the folder with your code in the app, or set CLAUDE_ENV_WORKSPACE, then run \`${options.program} up\`.`
        : (first.hint ?? 'Install claude-env again.'),
    },
  ];
};

/** What builds are given; a CA file that is gone would otherwise be found out minutes into an `up`. */
const checkBuildSettings: Check = async ({ settings, files }) => {
  await toBuildSettings(await settings.get(), files);
  return [];
};

const checkPortsAndImages: Check = async (options) => {
  const preferred = options.engines.list().find((engine) => engine.preferred);
  if (preferred?.state.kind !== 'connected') {
    return [{ id: 'ports', title: 'Ports of the local stack', status: 'skipped', found: 'No engine answers.' }];
  }
  const project = await loadLocal(options);
  if (project === undefined) {
    return [
      { id: 'ports', title: 'Ports of the local stack', status: 'skipped', found: 'The stack cannot be loaded yet.' },
    ];
  }
  const connection = await connectTo(options.engines, preferred.id);
  const observe = toObserveOptions(project, 'start', { args: {} });
  const base = [...project.services.values()].flatMap((service) => service.build?.args?.get('BASE') ?? [])[0];
  const observed = await connection.observe(project.name, {
    ...observe,
    images: [...observe.images, ...(base === undefined ? [] : [base])],
  });
  const own = new Set(observed.containers.map(({ id }) => id));
  const taken = observed.takenPorts.filter(({ containerId }) => containerId === undefined || !own.has(containerId));
  const wanted = [...project.services.values()].flatMap((service) => toWantedPorts(service).map(({ port }) => port));
  return [
    taken.length === 0
      ? {
          id: 'ports',
          title: 'Ports of the local stack',
          status: 'ok',
          found: `${wanted.join(', ')}: free, or its own`,
        }
      : {
          id: 'ports',
          title: 'Ports of the local stack',
          status: 'problem',
          found: taken.map(({ port, owner }) => `${port} is held by ${owner}`).join('; '),
          nextStep: 'Stop what holds them, or give the environment other ports.',
        },
    ...(base === undefined ? [] : [baseImageCheck(base, base in observed.images)]),
  ];
};

const baseImageCheck = (base: string, there: boolean): CheckResult => ({
  id: 'base-image',
  title: 'Base image',
  status: 'ok',
  found: there ? `${base} is on the engine` : `${base} is not on the engine yet; the first build pulls it`,
  ...(there
    ? {}
    : { nextStep: 'Where no registry can be reached, `npm start` makes one and sets it in the settings.' }),
});

const browsers = ['xdg-open', 'chromium', 'google-chrome', 'firefox', 'open', 'explorer.exe', 'explorer'];

const checkPrograms: Check = async ({ machine, app, program }) => {
  const code = await machine.findProgram('code');
  const found = await Promise.all(browsers.map(machine.findProgram));
  const browser = found.find((path) => path !== undefined);
  return [
    browser === undefined
      ? {
          id: 'browser',
          title: 'Browser',
          status: 'warning',
          found: 'Nothing on PATH opens a page.',
          nextStep: `Open the address that \`${program} web --no-open\` prints in a browser of yours.`,
        }
      : { id: 'browser', title: 'Browser', status: 'ok', found: browser },
    code === undefined
      ? {
          id: 'editor',
          title: 'VS Code',
          status: 'warning',
          found: 'No program `code` on PATH.',
          nextStep: 'Install VS Code with the Dev Containers extension; links of the app open it even without `code`.',
        }
      : { id: 'editor', title: 'VS Code', status: 'ok', found: code },
    { id: 'runtime', title: 'claude-env', status: 'ok', found: `${app.version} (${app.host}) on Node ${app.node}` },
    { id: 'state', title: 'State folder', status: 'ok', found: machine.stateFolder() },
  ];
};

/** Nothing is written for it, so one that is locked may answer all the same. */
const checkKeychain: Check = async ({ keychainTrouble }) => {
  const error = await keychainTrouble();
  const base = { id: 'keychain', title: 'Keychain' };
  if (error === undefined) return [{ ...base, status: 'ok', found: 'It answers.' }];
  const { message, hint } = error;
  const found = `${message} Values can be kept for one run only, in memory.`;
  return [{ ...base, status: 'warning', found, ...(hint === undefined ? {} : { nextStep: hint }) }];
};

const checks: readonly { readonly title: string; readonly run: Check }[] = [
  { title: 'Docker engine', run: checkEngines },
  { title: 'API version', run: checkApi },
  { title: 'Disk', run: checkDisk },
  { title: 'Files of the local stack', run: checkStackFiles },
  { title: 'Ports and images', run: checkPortsAndImages },
  { title: 'Settings for builds', run: checkBuildSettings },
  { title: 'Keychain', run: checkKeychain },
  { title: 'Programs', run: checkPrograms },
];

/** Looks at everything that has to be right for the main job. A check that breaks is a finding, not a failure. */
export async function runDoctor(options: DoctorOptions): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const { title, run } of checks) {
    try {
      results.push(...(await run(options)));
    } catch (error) {
      const known = error instanceof AppFailure ? error.error : undefined;
      if (known === undefined) options.log('error', 'a check of doctor broke', { title, found: String(error) });
      results.push({
        id: `broken.${title}`,
        title,
        status: 'problem',
        found: known?.message ?? 'This check itself failed; the log has the reason.',
        ...(known?.hint === undefined ? {} : { nextStep: known.hint }),
      });
    }
  }
  const { redact } = options.log.redactor ?? noRedactor;
  return results.map(({ found, nextStep, ...result }) => ({
    ...result,
    found: redact(found),
    ...(nextStep === undefined ? {} : { nextStep: redact(nextStep) }),
  }));
}
