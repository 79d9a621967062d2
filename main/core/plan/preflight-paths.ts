import type { Mount, Project, Service } from '../compose/project.ts';
import type { Paths } from '../paths.ts';
import { createsHostPath } from './mounts.ts';
import type { Answers, PreflightInput, Touched } from './preflight.ts';
import type { Problem } from './problem.ts';

/* Files and folders that a plan needs: bind sources, files of secrets and configs, devices, build contexts. */

/** Bind mounts' paths on the machine of the engine. */
export const bindSources = (service: Service): readonly string[] =>
  (service.volumes ?? []).flatMap((mount) =>
    mount.type === 'bind' && mount.source !== undefined ? [mount.source] : [],
  );

/** Files that secrets and configs are. */
export const fileSources = (project: Project, service: Service): readonly string[] => [
  ...(service.secrets ?? []).flatMap(({ source }) => project.secrets.get(source)?.file ?? []),
  ...(service.configs ?? []).flatMap(({ source }) => project.configs.get(source)?.file ?? []),
];

/** A context that the engine or the builder fetches by itself, and an inline Dockerfile, are no paths. */
export function buildPaths(service: Service, paths: Paths): readonly string[] {
  const { context, dockerfile, dockerfile_inline: inline } = service.build ?? {};
  if (context === undefined || !paths.isAbsolute(context)) return [];
  return inline !== undefined || dockerfile === undefined ? [context] : [context, paths.resolve(context, dockerfile)];
}

export function checkPaths(input: PreflightInput, touched: Touched, answers: Answers): readonly Problem[] {
  const { project, observed } = input;
  return [
    ...touched.started.flatMap((service) => [
      ...(service.volumes ?? []).flatMap((mount, index) =>
        checkBind(
          { service, mount, index, creates: createsHostPath(project, mount, observed.engine.apiVersion) },
          answers,
        ),
      ),
      ...(service.devices ?? []).flatMap(({ source }, index) => checkDevice(service, source, index, answers)),
    ]),
    ...checkFiles(project, touched.started, answers),
    ...touched.built.flatMap((service) => checkContext(service, input, answers)),
  ];
}

interface Bind {
  readonly service: Service;
  readonly mount: Mount;
  readonly index: number;
  /** The engine makes the folder where there is none. */
  readonly creates: boolean;
}

function checkBind({ service, mount, index, creates }: Bind, answers: Answers): readonly Problem[] {
  const { type, source } = mount;
  if (type !== 'bind' || source === undefined) return [];
  const there = answers.paths.get(source) !== undefined;
  const at = ['services', service.name, 'volumes', index, 'source'];
  if (answers.place === 'elsewhere') return there ? [onTheOtherMachine(service, source, at)] : [];
  if (there) return [];
  if (creates) {
    return [
      {
        severity: 'warning',
        rule: 'bind-source-created',
        message: `service ${service.name}: \`${source}\` does not exist; the engine makes it, as an empty folder that belongs to root`,
        hint: 'make it first if a file is meant, or if the container’s user has to write there',
        at,
      },
    ];
  }
  return [
    {
      severity: answers.place === 'here' ? 'error' : 'warning',
      rule: 'bind-source-missing',
      message:
        answers.place === 'here'
          ? `service ${service.name}: bind source \`${source}\` does not exist`
          : `service ${service.name}: bind source \`${source}\` is not seen from here; the engine needs it where it runs`,
      hint: `make it (mkdir -p ${source}), correct the path, or let the engine make it with \`bind: {create_host_path: true}\``,
      at,
    },
  ];
}

const onTheOtherMachine = (service: Service, source: string, at: Problem['at'] & object): Problem => ({
  severity: 'warning',
  rule: 'bind-on-other-machine',
  message: `service ${service.name}: \`${source}\` means that path on the engine’s machine; the one on this machine is not taken there`,
  hint: 'use a volume, copy the files there, or build them into the image',
  at,
});

function checkFiles(project: Project, services: readonly Service[], answers: Answers): readonly Problem[] {
  const check = (section: 'secrets' | 'configs', kind: string): readonly Problem[] => {
    const used = new Map<string, Service>();
    for (const service of services) for (const { source } of service[section] ?? []) used.set(source, service);
    return [...used].flatMap(([key, service]): readonly Problem[] => {
      const file = project[section].get(key)?.file;
      if (file === undefined) return [];
      const at = [section, key, 'file'];
      const there = answers.paths.get(file) !== undefined;
      if (answers.place === 'elsewhere') return there ? [onTheOtherMachine(service, file, at)] : [];
      if (there) return [];
      return [
        {
          severity: answers.place === 'here' ? 'error' : 'warning',
          rule: `${kind}-file-missing`,
          message: `${kind} ${key} of service ${service.name}: there is no file \`${file}\``,
          hint: 'write the file, or correct the path',
          at,
        },
      ];
    });
  };
  return [...check('secrets', 'secret'), ...check('configs', 'config')];
}

/** Devices of the engine's own kernel; one that a VM has cannot be seen from outside. */
function checkDevice(service: Service, source: string, index: number, answers: Answers): readonly Problem[] {
  if (answers.place !== 'here' || !source.startsWith('/dev/') || answers.paths.get(source) !== undefined) return [];
  return [
    {
      severity: 'error',
      rule: 'device-missing',
      message: `service ${service.name}: there is no device \`${source}\` on this machine`,
      hint: 'connect it, load its driver, or take it out of the file',
      at: ['services', service.name, 'devices', index],
    },
  ];
}

/** The context is read here and sent, wherever the engine is. */
function checkContext(service: Service, { paths }: PreflightInput, answers: Answers): readonly Problem[] {
  const [context, dockerfile] = buildPaths(service, paths);
  if (context === undefined) return [];
  const at = ['services', service.name, 'build'];
  if (answers.paths.get(context) !== 'directory') {
    return [
      {
        severity: 'error',
        rule: 'build-context-missing',
        message: `service ${service.name}: there is no folder \`${context}\` to build from`,
        hint: 'correct the path; it is taken relative to the compose file',
        at: [...at, 'context'],
      },
    ];
  }
  if (dockerfile === undefined || answers.paths.get(dockerfile) !== undefined) return [];
  return [
    {
      severity: 'error',
      rule: 'dockerfile-missing',
      message: `service ${service.name}: there is no Dockerfile \`${dockerfile}\``,
      hint: 'write it, or name another one with `dockerfile`; it is taken relative to the context',
      at: [...at, 'dockerfile'],
    },
  ];
}
