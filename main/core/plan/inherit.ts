/*
 * What a container gets from its image where its creator says nothing, as the engine merges it (moby, daemon/commit.go,
 * `merge`): variables and labels one by one, the rest as a whole, a health check member by member.
 */

export type Raw = Readonly<Record<string, unknown>>;

const isSaid = (value: unknown): boolean =>
  value !== undefined &&
  value !== null &&
  value !== '' &&
  value !== 0 &&
  !(Array.isArray(value) && value.length === 0) &&
  !(typeof value === 'object' && Object.keys(value).length === 0);

const asRecord = (value: unknown): Raw => (typeof value === 'object' && value !== null ? (value as Raw) : {});
const asList = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

const nameOf = (variable: string): string => variable.split('=')[0] ?? '';

/** Pure. The container's Config as the engine will show it. */
export function withImage(config: Raw, image: Raw): Raw {
  const own = new Set(asList(config.Env).map(nameOf));
  const entrypoint = isSaid(config.Entrypoint);
  const check = config.Healthcheck === undefined ? image.Healthcheck : withImageCheck(config.Healthcheck, image);
  const orImage = (key: string): Raw => ({ [key]: isSaid(config[key]) ? config[key] : image[key] });
  return {
    ...config,
    Env: [...asList(image.Env).filter((variable) => !own.has(nameOf(variable))), ...asList(config.Env)],
    Labels: { ...asRecord(image.Labels), ...asRecord(config.Labels) },
    ExposedPorts: { ...asRecord(image.ExposedPorts), ...asRecord(config.ExposedPorts) },
    // An entrypoint of one's own stands without the image's command.
    Cmd: isSaid(config.Cmd) || entrypoint ? config.Cmd : image.Cmd,
    Entrypoint: config.Entrypoint ?? image.Entrypoint,
    Healthcheck: check,
    ...orImage('User'),
    ...orImage('WorkingDir'),
    ...orImage('StopSignal'),
    ...(config.StopTimeout === undefined ? { StopTimeout: image.StopTimeout } : {}),
  };
}

function withImageCheck(check: unknown, image: Raw): Raw {
  const own = asRecord(check);
  const inherited = asRecord(image.Healthcheck);
  return { ...inherited, ...Object.fromEntries(Object.entries(own).filter(([, value]) => isSaid(value))) };
}
