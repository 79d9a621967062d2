import { expandLink } from '../short/devices.ts';
import { child, type MapNode, mapOf, type Node, scalar, withEntry } from '../tree.ts';
import {
  boolean,
  dict,
  handedOn,
  integer,
  type Kind,
  list,
  mapping,
  mode,
  type ObjectKind,
  object,
  type ShortContext,
  set,
  strictSet,
  string,
  stringOrNumber,
  textAt,
  variables,
} from './kinds.ts';

/* Shapes that several keys share. */

/** Use of a secret or config; a bare name is its source. Docker prints the default target of secrets only. */
export function fileReference(defaultTarget: string): ObjectKind {
  return object(
    'a use of a secret or config',
    { source: string, target: string, uid: string, gid: string, mode },
    {
      required: ['source'],
      accepts: ['string'],
      short: (node) => expandLink({ source: node }, node),
      finish: (node) => {
        const source = child(node, 'source');
        if (defaultTarget === '' || source?.kind !== 'scalar' || node.entries.has('target')) return node;
        return withEntry(node, 'target', { ...scalar(defaultTarget + String(source.value), source), written: '' });
      },
    },
  );
}

/** All devices, unless the request says how many or which. */
function finishDevices(node: MapNode, { reporter, path }: ShortContext): MapNode {
  const count = child(node, 'count');
  const ids = child(node, 'device_ids');
  if (count === undefined && ids === undefined) return withEntry(node, 'count', scalar(-1, node));
  if (count !== undefined && ids !== undefined) {
    const message = '`count` and `device_ids` exclude each other';
    reporter.report({ rule: 'conflict', message, hint: 'keep one of them', at: ids, path });
  }
  return node;
}

/** `gpus` and `deploy.resources.reservations.devices`. */
export function deviceRequests(word?: 'all'): Kind {
  const request = object(
    'a device request',
    {
      capabilities: strictSet(),
      driver: string,
      // `all` is -1, as the engine says it.
      count: { ...integer, oneOf: ['all'] },
      device_ids: set(),
      options: mapping,
    },
    { finish: finishDevices, ...(word === undefined && { required: ['capabilities'] }) },
  );
  if (word === undefined) return list(request);
  return list(
    {
      ...request,
      loose: true,
      accepts: ['string'],
      short: (node, context) => {
        if (node.value === word) return mapOf({ count: -1 }, node);
        const message = `\`${String(node.value)}\` is not known here`;
        context.reporter.report({ rule: 'bad-value', message, hint: `write \`${word}\` or a list`, at: node });
        return undefined;
      },
    },
    { single: true },
  );
}

/** post_start, pre_stop and develop's exec. */
export const hook = object(
  'a hook',
  {
    command: list(handedOn(string), { line: 'words', nullable: true, merge: 'replace' }),
    user: string,
    privileged: boolean,
    working_dir: string,
    environment: variables,
  },
  { required: ['command'] },
);

/** Host → addresses, in either syntax; a host written twice has both addresses. */
export const hosts: Kind = dict(set(string, { single: true }), { fromList: 'hosts', repeats: 'refused' });

export const ulimits: Kind = dict(
  object(
    'a limit',
    { soft: integer, hard: integer, single: boolean },
    {
      required: ['soft', 'hard'],
      accepts: ['integer', 'string'],
      short: (node) => expandLink({ soft: node, hard: node, single: scalar(true, node) }, node),
      made: ['single'],
      merge: 'replace',
    },
  ),
);

export const options: Kind = dict(handedOn(stringOrNumber), { nulls: 'empty' });

export function envFileIdentity(item: Node): string {
  return textAt(item, 'path');
}

/** What is referred to must be there, unless `required` says otherwise. */
export function requiredUnlessSaid(node: MapNode): MapNode {
  return node.entries.has('required') ? node : withEntry(node, 'required', scalar(true, node));
}
