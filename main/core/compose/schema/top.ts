import { castScalar } from '../scalar-check.ts';
import { finishTopVolume } from '../short/volumes.ts';
import { child, type MapNode, mapOf, type ScalarNode, scalar, withEntry } from '../tree.ts';
import {
  boolean,
  dict,
  handedOn,
  integer,
  type Kind,
  kept,
  list,
  mapping,
  type ObjectKind,
  object,
  type ShortContext,
  set,
  string,
  textAt,
  USER_KEY,
} from './kinds.ts';
import { options } from './parts.ts';
import { service } from './service.ts';

/* The file's own keys. https://github.com/compose-spec/compose-spec/blob/main/00-overview.md */

/** `external: true`, which stays as it is, or the old `external: {name: x}`. */
const external = object(
  'external',
  { name: string },
  { accepts: ['boolean', 'string'], short: (node, context) => castScalar(node, boolean, context) },
);

/** Of secrets and configs. */
const looseExternal: ObjectKind = { ...external, loose: true };

/** Lifts the old `external.name` to `name` and leaves a plain boolean; a mapping means true, whatever it says. */
function finishExternal(node: MapNode, { reporter, path }: ShortContext): MapNode {
  const written = child(node, 'external');
  if (written?.kind !== 'map') return node;
  const name = child(written, 'name');
  const result = withEntry(node, 'external', scalar(true, written));
  if (name !== undefined && textAt(node, 'name') !== '' && textAt(node, 'name') !== textAt(written, 'name')) {
    const message = '`name` and `external.name` differ';
    reporter.report({ rule: 'conflict', message, hint: 'keep `name` only', at: name, path });
  }
  return name === undefined || result.entries.has('name') ? result : withEntry(result, 'name', name);
}

const network = object(
  'a network',
  {
    name: string,
    driver: string,
    driver_opts: options,
    ipam: object('ipam', {
      driver: string,
      config: list(
        object('an address pool', {
          subnet: string,
          gateway: string,
          ip_range: string,
          aux_addresses: dict(string),
        }),
        { merge: 'matching', identity: (item) => textAt(item, 'subnet') },
      ),
      options: dict(string, { nulls: 'empty' }),
    }),
    external,
    internal: boolean,
    attachable: boolean,
    labels: mapping,
    enable_ipv4: kept(boolean),
    enable_ipv6: kept(boolean),
  },
  { nullable: true, finish: finishExternal },
);

const volume = object(
  'a volume',
  { name: string, driver: string, driver_opts: options, external, labels: mapping },
  {
    nullable: true,
    finish: (node, context) => finishTopVolume(finishExternal(node, context), context),
  },
);

/** The two kinds differ in what they may have, and print in one order. */
function fileObject(title: string, keys: readonly string[]): ObjectKind {
  const all: Readonly<Record<string, Kind>> = {
    name: string,
    file: { ...string, path: 'file-or-folder' },
    environment: string,
    content: handedOn(string),
    external: looseExternal,
    labels: mapping,
    driver: string,
    driver_opts: options,
    template_driver: string,
  };
  const own = Object.entries(all).filter(([key]) => keys.includes(key));
  return object(title, Object.fromEntries(own), { finish: finishExternal });
}

const shared = ['name', 'file', 'environment', 'external', 'labels', 'template_driver'];
const secret = fileObject('a secret', [...shared, 'driver', 'driver_opts']);
const config = fileObject('a config', [...shared, 'content']);

export const model = object(
  'a model',
  { name: string, model: string, context_size: integer, runtime_flags: list(string) },
  { required: ['model'] },
);

const include = object(
  'an include',
  { path: set(string, { single: true }), env_file: set(string, { single: true }), project_directory: string },
  {
    closed: true,
    loose: true,
    nullable: true,
    accepts: ['string'],
    short: (node: ScalarNode) => mapOf({ path: { ...node, kind: 'list', items: [node] } }, node),
  },
);

export const composeFile = object('a compose file', {
  version: string,
  name: string,
  include: list(include),
  services: dict(service, { keys: USER_KEY, said: true }),
  networks: dict(network),
  volumes: dict(volume, { keys: USER_KEY }),
  secrets: dict(secret, { keys: USER_KEY }),
  configs: dict(config, { keys: USER_KEY }),
  models: dict(model),
});

/** Shape of the objects under a top-level section. */
export function sectionKind(section: 'networks' | 'volumes' | 'secrets' | 'configs'): ObjectKind {
  return { networks: network, volumes: volume, secrets: secret, configs: config }[section];
}
