import type { Service } from '../compose/project.ts';
import { registryArgument, registryOf } from '../registries/names.ts';
import { toImageReference } from './labels.ts';
import type { Observed } from './plan.ts';
import type { Answers, PreflightInput, Touched } from './preflight.ts';
import type { Problem } from './problem.ts';

/* Images that a plan needs: whether they can be had, for which machine they are, and whether there is room for them. */

const gib = 1024 ** 3;
/** Below this an image of a usual size may not fit; below the other one next to none does. */
const littleRoom = 2 * gib;
const noRoom = gib / 16;

export function checkImages(input: PreflightInput, touched: Touched, answers: Answers): readonly Problem[] {
  return [
    ...touched.pulled.flatMap(({ service, image, platform, optional }) =>
      checkRegistry({
        service,
        image,
        platform: platform ?? service.platform,
        severity: optional ? 'warning' : 'error',
        answers,
        observed: input.observed,
      }),
    ),
    ...touched.created.flatMap((service) => checkPlatform(service, input, touched)),
    ...checkRoom(touched, answers),
  ];
}

const archNames: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', armhf: 'arm', i386: '386' };
const normalArch = (arch: string): string => archNames[arch] ?? arch;

/** `linux/arm64/v8` without the variant, in the registry's own words. */
const normalPlatform = (platform: string): string => {
  const [os = '', arch = ''] = platform.split('/');
  return arch === '' ? os : `${os}/${normalArch(arch)}`;
};
const enginePlatform = ({ engine }: Observed): string => `${engine.os}/${normalArch(engine.arch)}`;

interface Asked {
  readonly service: Service;
  readonly image: string;
  readonly platform: string | undefined;
  /** Of what keeps it from being pulled. */
  readonly severity: 'error' | 'warning';
  readonly answers: Answers;
  readonly observed: Observed;
}

function checkRegistry({ service, image, platform, severity, answers, observed }: Asked): readonly Problem[] {
  const answer = answers.registry.get(image);
  if (answer === undefined) return [];
  const { name } = service;
  const at = ['services', name, 'image'];
  const here = observed.images[image] !== undefined;
  switch (answer.kind) {
    case 'not-found':
      return [
        {
          severity,
          rule: 'image-not-found',
          message: `service ${name}: its registry has no image \`${image}\`${here ? '' : ', and the engine has none either'}`,
          hint: 'correct name and tag, or give the service a build section',
          at,
        },
      ];
    case 'denied':
      return [
        {
          severity: 'warning',
          rule: 'image-denied',
          message: `service ${name}: ${answer.refusal?.message ?? `the registry does not let \`${image}\` be looked at: it does not exist, or needs a login`}`,
          hint:
            answer.refusal?.hint ??
            `log in to it: npx claude-env registry login${registryArgument(registryOf(image))}, or docker login; or correct the name`,
          at,
        },
      ];
    case 'unknown':
      return [
        {
          severity: 'warning',
          rule: 'image-not-known',
          message: `service ${name}: whether \`${image}\` can be pulled is not known, its registry could not be asked: ${answer.message}`,
          at,
        },
      ];
    case 'found': {
      const wanted = normalPlatform(platform ?? enginePlatform(observed));
      const offered = [...new Set(answer.platforms.map(normalPlatform))].filter((one) => !one.startsWith('unknown'));
      if (offered.length === 0 || offered.includes(wanted) || !wanted.includes('/')) return [];
      return [
        {
          severity,
          rule: 'image-not-for-platform',
          message: `service ${name}: \`${image}\` is there for ${offered.join(', ')}, not for ${wanted}`,
          hint:
            platform === undefined
              ? `another tag may have it; with \`platform: ${offered[0]}\` the engine’s machine has to emulate it`
              : 'correct `platform`, or take another tag',
          at: platform === undefined ? at : ['services', name, 'platform'],
        },
      ];
    }
  }
}

/** Emulation is set up in the kernel (binfmt), which no engine tells about. */
function checkPlatform(
  service: Service,
  { project, observed }: PreflightInput,
  { built, pulled }: Touched,
): readonly Problem[] {
  const { name } = service;
  const engine = enginePlatform(observed);
  const comes = built.includes(service) || pulled.some((one) => one.service === service);
  const reference = toImageReference(project.name, service);
  const image = comes ? undefined : observed.images[reference];
  const has = image === undefined ? undefined : `${image.os}/${normalArch(image.arch)}`;
  const asked = service.platform === undefined ? undefined : normalPlatform(service.platform);
  const wanted = asked?.includes('/') === true ? asked : (has ?? engine);
  const at = ['services', name, service.platform === undefined ? 'image' : 'platform'];
  const what = service.platform === undefined ? `image \`${reference}\` is for ${wanted}` : `it is to run as ${wanted}`;
  if (has !== undefined && asked !== undefined && has !== wanted) {
    return [
      {
        severity: 'error',
        rule: 'platform-differs',
        message: `service ${name}: the engine’s image \`${reference}\` is for ${has}, the file says ${service.platform ?? ''}`,
        hint: 'pull or build it for that platform, or correct `platform`',
        at,
      },
    ];
  }
  if (wanted === engine) return [];
  const otherSystem = wanted.split('/')[0] !== engine.split('/')[0];
  return [
    otherSystem
      ? {
          severity: 'error',
          rule: 'platform-impossible',
          message: `service ${name}: ${what}, and the engine runs ${engine} only`,
          hint: 'take an image for that system, or another engine',
          at,
        }
      : {
          severity: 'warning',
          rule: 'platform-emulated',
          message: `service ${name}: ${what}, the engine’s machine is ${engine}`,
          hint: 'it runs, slower, where the machine emulates that (binfmt); an engine does not tell whether it does',
          at,
        },
  ];
}

function checkRoom({ built, pulled }: Touched, { freeBytes, facts }: Answers): readonly Problem[] {
  const [first] = [...pulled.map(({ service }) => service), ...built];
  if (first === undefined || freeBytes === undefined || freeBytes >= littleRoom) return [];
  const free = freeBytes < gib ? `${Math.floor(freeBytes / 1024 ** 2)} MiB` : `${(freeBytes / gib).toFixed(1)} GiB`;
  const what = pulled.length === 0 ? 'build' : built.length === 0 ? 'pull' : 'pull and build';
  return [
    {
      severity: freeBytes < noRoom ? 'error' : 'warning',
      rule: 'disk-nearly-full',
      message: `there are ${free} free for what this would ${what}, on the engine’s disk (${facts?.rootDir ?? 'its data root'})`,
      hint: 'make room first: `docker system df` says what takes it, `docker image prune` removes what nothing uses',
    },
  ];
}
