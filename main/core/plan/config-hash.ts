import type { BlkioRate, BlkioWeight, Network, Service, Ulimit, Volume } from '../compose/project.ts';
import { deploy as deployKind } from '../compose/schema/deploy.ts';
import type { Kind, ObjectKind } from '../compose/schema/kinds.ts';
import { service as serviceKind } from '../compose/schema/service.ts';
import { sectionKind } from '../compose/schema/top.ts';
import { marksIn, type OpaqueValue, withoutMarks } from '../opaque.ts';
import { goList, goMap, goString, goStruct, optionalFloat32, optionalInteger } from './go-json.ts';
import { type Exceptions, type Write, writeStruct } from './go-model.ts';
import type { Sha256 } from './plan.ts';

/*
 * The label com.docker.compose.config-hash as docker compose 2.40.3 writes it: SHA-256 over the Go JSON of compose-go's
 * ServiceConfig without build, pull_policy, scale, deploy.replicas, depends_on and profiles. The oracle is the label on
 * containers that 2.40.3 started (test/docker/…, test/core/plan/config-hash.test.ts), not `compose config --hash`.
 * env_file and label_file are merged into environment and labels before the hash is taken. env_file itself is gone by
 * then; the absolute paths of label_file are still there (seen: the label differs from that of the same labels written out).
 *
 * Keys, their order and their types are the schema's; below is what compose-go's structs do otherwise.
 */

/** The object under a key, through lists and maps. */
function objectAt(kind: Kind | undefined, ...path: readonly string[]): ObjectKind {
  let at = kind;
  for (const key of path) at = at?.is === 'object' ? at.keys.get(key) : undefined;
  while (at?.is === 'list' || at?.is === 'dict') at = at.is === 'list' ? at.item : at.value;
  if (at?.is !== 'object') throw new Error(`the schema has no object at ${path.join('.')}`);
  return at;
}

/** Structs, not pointers: Go writes them even when they are empty, so `deploy: {}` counts. */
const always =
  (kind: ObjectKind): Write =>
  (value) =>
    writeStruct(value, kind, exceptions);

/** WeightDevice and ThrottleDevice carry no JSON tags: Go's own names, nothing left out. */
const rates: Write = (list) =>
  goList(list as readonly BlkioRate[] | undefined, ({ path, rate }) => `{"Path":${goString(path)},"Rate":"${rate}"}`);
const weights: Write = (list) =>
  goList(
    list as readonly BlkioWeight[] | undefined,
    (item) => `{"Path":${goString(item.path)},"Weight":${item.weight}}`,
  );

/** A single number stays one. */
const ulimits: Write = (map) =>
  goMap(map as ReadonlyMap<string, Ulimit> | undefined, ({ single, soft, hard }) =>
    single === true
      ? String(soft)
      : goStruct([
          ['soft', optionalInteger(soft)],
          ['hard', optionalInteger(hard)],
        ]),
  );

/** A sorted list of `host=address`. */
const extraHosts: Write = (hosts) => {
  const lines = [...((hosts ?? []) as ReadonlyMap<string, readonly string[]>)].flatMap(([host, addresses]) =>
    addresses.map((address) => `${host}=${address}`),
  );
  return goList(lines.sort(), goString);
};

const float: Write = (value) => (value === undefined ? undefined : optionalFloat32(Number(value)));
const text: Write = (value) => goString(String(value ?? ''));

const blkio = objectAt(serviceKind, 'blkio_config');
const resources = objectAt(deployKind, 'resources');
const generic = objectAt(resources, 'reservations', 'generic_resources');
const discrete = objectAt(generic, 'discrete_resource_spec');
const watch = objectAt(serviceKind, 'develop', 'watch');
const network = sectionKind('networks');
const volume = sectionKind('volumes');

const exceptions: Exceptions = new Map<ObjectKind, Readonly<Record<string, Write | 'hidden'>>>([
  [
    serviceKind,
    {
      profiles: 'hidden',
      build: 'hidden',
      depends_on: 'hidden',
      env_file: 'hidden',
      extends: 'hidden',
      pull_policy: 'hidden',
      pull_refresh_after: 'hidden',
      scale: 'hidden',
      cpu_percent: float,
      extra_hosts: extraHosts,
      ulimits,
    },
  ],
  [
    blkio,
    {
      weight_device: weights,
      device_read_bps: rates,
      device_read_iops: rates,
      device_write_bps: rates,
      device_write_iops: rates,
    },
  ],
  [
    deployKind,
    { replicas: 'hidden', resources: always(resources), placement: always(objectAt(deployKind, 'placement')) },
  ],
  [objectAt(resources, 'limits'), { cpus: float }],
  [objectAt(resources, 'reservations'), { cpus: float }],
  [discrete, { kind: text, value: (value) => String(Number(value ?? 0)) }],
  [watch, { path: text, action: text, exec: always(objectAt(watch, 'exec')) }],
  [network, { ipam: always(objectAt(network, 'ipam')) }],
  [objectAt(network, 'ipam'), { options: 'hidden' }],
  // The driver defaults to local.
  [volume, { driver: (driver) => text(driver === undefined || driver === '' ? 'local' : driver) }],
]);

/**
 * The text that is hashed, for tests and for explaining a difference. `service` has its `service:x` references already
 * replaced by container ids (see references.ts).
 */
export const toHashedText = (service: Service): string => withoutMarks(write(service));

/** Marks and all. A service never changes, and its text is asked for by its hash and by what looks for marks. */
function write(service: Service): string {
  const known = written.get(service) ?? writeStruct(service, serviceKind, exceptions);
  written.set(service, known);
  return known;
}
const written = new WeakMap<Service, string>();

/**
 * What only the keychain has of what counts in a service's containers. In the hash such a value is empty, as it is for a
 * docker compose that does not have the variable: nobody can try values against the label, and docker compose takes
 * the container for its own. Whether the value is another one is said by a label of ours (labels.ts).
 */
export function opaqueOf(service: Service): readonly OpaqueValue[] {
  const known = opaqueValues.get(service);
  if (known !== undefined) return known;
  const found = marksIn(write(service));
  opaqueValues.set(service, found);
  return found;
}
/** Asked for every container of a service; a service never changes. */
const opaqueValues = new WeakMap<Service, readonly OpaqueValue[]>();

/** Value of com.docker.compose.config-hash for a service's container. */
export const configHash = (service: Service, sha256: Sha256): string => sha256(toHashedText(service));

/** Value of com.docker.compose.config-hash for a network. */
export const networkHash = (of: Network, sha256: Sha256): string =>
  sha256(withoutMarks(writeStruct(of, network, exceptions)));

/** Value of com.docker.compose.config-hash for a volume. */
export const volumeHash = (of: Volume, sha256: Sha256): string =>
  sha256(withoutMarks(writeStruct(of, volume, exceptions)));
