import { expandLink } from '../short/devices.ts';
import { anyText, boolean, dict, type Kind, list, object, set, string, variables, wholeBytes } from './kinds.ts';
import { fileReference, hosts, ulimits } from './parts.ts';

/* https://github.com/compose-spec/compose-spec/blob/main/build.md */

const flag: Kind = { is: 'string', accepts: ['string', 'boolean'] };

export const build = object(
  'build',
  {
    context: { ...string, path: 'context' },
    dockerfile: string,
    dockerfile_inline: string,
    entitlements: list(string),
    args: variables,
    provenance: flag,
    sbom: flag,
    ssh: dict(anyText, { fromList: 'equals', model: 'pairs', alone: ['default'] }),
    // Not handed on as it is: docker's own programs take labels as arguments, which everybody on the machine can read.
    labels: dict(anyText, { fromList: 'equals', nulls: 'empty' }),
    cache_from: list(string),
    cache_to: list(string),
    no_cache: boolean,
    additional_contexts: dict({ ...string, path: 'context' }, { fromList: 'equals', alone: [] }),
    pull: boolean,
    extra_hosts: hosts,
    isolation: string,
    network: string,
    target: string,
    secrets: list(fileReference('')),
    shm_size: wholeBytes,
    tags: set(),
    ulimits,
    platforms: list(string),
    privileged: boolean,
  },
  { accepts: ['string'], short: (node) => expandLink({ context: node }, node) },
);
