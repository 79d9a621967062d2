import { resolve } from 'node:path';
import { parseDotenv } from '../../../../main/core/compose/dotenv.ts';
import { parseBytes } from '../../../../main/core/compose/units.ts';

/*
 * What `docker stack config` prints, in the form that `docker compose config --format json` and ours have. Each
 * function is a row of the table in docs/compose.md ("docker stack config"): the same thing said in other words, or
 * said by one of the two only. Everything else has to be equal.
 */
type Plain = Readonly<Record<string, unknown>>;
type Change = (value: unknown) => unknown;

export interface Place {
  /** Of the first file: relative paths begin there. */
  readonly folder: string;
  /** As ours names the project; `docker stack deploy` is told the stack's name instead. */
  readonly project: string;
  /** Of both. */
  readonly environment: Readonly<Record<string, string>>;
}

const isRecord = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const record = (value: unknown): Plain => (isRecord(value) ? value : {});
const mapValues = (value: unknown, change: (one: unknown, key: string) => unknown): Plain =>
  Object.fromEntries(Object.entries(record(value)).map(([key, one]) => [key, change(one, key)]));
const without = (value: Plain, ...keys: readonly string[]): Plain =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));

/** Extensions below the first level: docker compose leaves them out of its JSON. */
const unextended = (value: Plain): Plain => without(value, ...Object.keys(value).filter((key) => key.startsWith('x-')));

/** Changes what is there, and leaves alone what is not. */
function change(value: Plain, changes: Readonly<Record<string, Change>>): Plain {
  return mapValues(value, (one, key) => changes[key]?.(one) ?? one);
}

/** Nothing said, and an empty mapping or list, are the same. */
function dense(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dense);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([key, one]) => [key, dense(one)] as const);
  return Object.fromEntries(entries.filter(([, one]) => !isEmpty(one)));
}
const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  (isRecord(value) ? Object.keys(value).length === 0 : Array.isArray(value) && value.length === 0);

const asText: Change = (value) => (typeof value === 'number' ? String(value) : value);
const sorted: Change = (value) => [...list(value)].sort();
const octal: Change = (mode) => (typeof mode === 'number' ? `0${mode.toString(8)}` : mode);
/** `64m`, as it stands in the file: a number of bytes. */
const bytes: Change = (size) => String(typeof size === 'string' ? (parseBytes(size) ?? size) : size);
const cores: Change = (cpus) => Number(cpus);
const withoutSlash: Change = (target) =>
  typeof target === 'string' && target !== '/' ? target.replace(/\/$/, '') : target;

/** `$$` stands for `$` in ours, so that the output can be read again. */
function single(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$$', '$');
  if (Array.isArray(value)) return value.map(single);
  return isRecord(value) ? mapValues(value, single) : value;
}

const resources: Change = (value) => mapValues(value, (limit) => change(record(limit), { cpus: cores, memory: bytes }));
const deploy: Change = (value) => change(record(value), { resources });

/**
 * A network, a volume, a secret, a config: those that no service uses are left out, as docker compose does, and names
 * that are left unsaid are filled in.
 */
function used(section: unknown, uses: readonly unknown[], place: Place): Plain {
  const kept = Object.entries(record(section)).filter(([key]) => uses.includes(key));
  return Object.fromEntries(
    kept.map(([key, one]) => [key, { name: `${place.project}_${key}`, ...unextended(record(one)) }]),
  );
}

/** A folder of the project's that a volume binds: relative there. */
function boundVolume(volume: Plain, { folder }: Place): Plain {
  const device: Change = (path) => resolve(folder, String(path));
  const isBound = record(volume.driver_opts).o === 'bind' && volume.driver === 'local';
  return isBound ? change(volume, { driver_opts: (options) => change(record(options), { device }) }) : volume;
}

/** Of two mounts at one place the later one counts, where the earlier one stood. */
function eachPlaceOnce(mounts: readonly unknown[]): readonly unknown[] {
  return [...new Map(mounts.map((mount) => [record(mount).target, mount])).values()];
}

/** Where a secret or config is put, left unsaid: `/run/secrets/NAME`, `/NAME`. */
const mounted =
  (folder: string): Change =>
  (files) =>
    list(files).map((file) => ({
      target: `${folder}${record(file).source}`,
      ...change(record(file), { mode: octal }),
    }));

/** `host:address` there; ours has docker compose's later form. */
const hosts: Change = (each) => sorted(list(each).map((host) => String(host).replace(/[:=]/, '=')));

/** As they stand; Swarm has none. */
const devices: Change = (each) =>
  list(each).map((device) => {
    const [source, target = source, permissions = 'rwm'] = String(device).split(':');
    return { source, target, permissions };
  });

/** Whose namespaces, addresses and mounts a service shares: docker compose has it depend on them. */
function implied(service: Plain): readonly unknown[] {
  const first = (text: unknown): string => String(text).split(':')[0] ?? '';
  const shared = ['network_mode', 'ipc', 'pid'].flatMap(
    (key) => /^service:(.*)/.exec(String(service[key] ?? ''))?.[1] ?? [],
  );
  const mounts = list(service.volumes_from).filter((text) => !String(text).startsWith('container:'));
  return [...[...list(service.links), ...mounts].map(first), ...shared];
}

function fromStackService(service: Plain): Plain {
  const networks = service.networks ?? ('network_mode' in service ? undefined : { default: null });
  const needed = sorted([...new Set([...list(service.depends_on), ...implied(service)])]);
  return {
    ...change(without(unextended(service), 'env_file', 'build', 'depends_on'), {
      deploy,
      shm_size: bytes,
      devices,
      extra_hosts: hosts,
      ports: (ports) =>
        list(ports).map((port) => ({
          mode: 'ingress',
          protocol: 'tcp',
          ...change(record(port), { published: asText }),
        })),
      volumes: (mounts) =>
        eachPlaceOnce(
          list(mounts).map((mount) =>
            change(record(mount), { target: withoutSlash, tmpfs: (tmpfs) => change(record(tmpfs), { size: bytes }) }),
          ),
        ),
      configs: mounted('/'),
      secrets: mounted('/run/secrets/'),
    }),
    ...(networks === undefined ? {} : { networks }),
    depends_on: needed,
  };
}

/**
 * A service with `env_file`: `docker stack` takes a line as it stands, with its quotes and variables. Where the text
 * differs, what an env file means to docker compose counts.
 */
function readAsEnvFile(theirs: Plain, ours: Plain, { environment }: Place): Plain {
  return mapValues(theirs, (value, key) => {
    if (value === ours[key] || typeof value !== 'string') return value;
    return parseDotenv(`KEY=${value}`, (name) => environment[name]).values.get('KEY');
  });
}

/** The answer of `docker stack config` for a project that ours printed as `ours`. */
export function fromStack(model: unknown, ours: unknown, place: Place): unknown {
  const stack = record(model);
  const written = mapValues(stack.services, (one, key) => {
    const service = fromStackService(record(one));
    const our = record(record(record(ours).services)[key]);
    if (!('env_file' in record(one))) return service;
    return {
      ...service,
      environment: readAsEnvFile(record(service.environment), record(single(our.environment)), place),
    };
  });
  const each = Object.values(written).map(record);
  const uses = (key: string, name: string): readonly unknown[] =>
    each.flatMap((service) => list(service[key]).map((one) => record(one)[name]));
  const networks = each.flatMap((service) => Object.keys(record(service.networks)));
  // A mount of type `cluster` uses none of the file's volumes, as docker compose has it.
  const volumes = each.flatMap((service) =>
    list(service.volumes).flatMap((mount) => (record(mount).type === 'volume' ? [record(mount).source] : [])),
  );
  // In the default of a variable `docker stack` leaves `$$` as it stands.
  const services = single(written) as Plain;
  return dense({
    ...without(stack, 'version'),
    services,
    networks: used({ default: {}, ...record(stack.networks) }, networks, place),
    volumes: mapValues(used(stack.volumes, volumes, place), (volume) => boundVolume(record(volume), place)),
    secrets: used(stack.secrets, uses('secrets', 'source'), place),
    configs: used(stack.configs, uses('configs', 'source'), place),
  });
}

function fromOurService(service: Plain): Plain {
  return change(without(service, 'build', ...['command', 'entrypoint'].filter((key) => service[key] === null)), {
    // Swarm starts everything at once; the conditions are docker compose's.
    depends_on: (names) => Object.keys(record(names)).sort(),
    configs: mounted('/'),
    secrets: mounted('/run/secrets/'),
    extra_hosts: sorted,
    // `docker stack` passes over addresses, with a warning.
    ports: (ports) => list(ports).map((port) => without(record(port), 'host_ip')),
    // What the short form alone brings: create_host_path, and a label of SELinux, which `docker stack` forgets.
    volumes: (mounts) =>
      list(mounts).map((mount) =>
        change(record(mount), { bind: (bind) => without(record(bind), 'create_host_path', 'selinux') }),
      ),
  });
}

/** What ours prints, without what `docker stack config` has no words for. */
export function fromOurs(model: unknown): unknown {
  const ours = record(single(single(model)));
  return dense({ ...without(ours, 'name'), services: mapValues(ours.services, (one) => fromOurService(record(one))) });
}
