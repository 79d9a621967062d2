import {
  bytes,
  COUNT,
  duration,
  integer,
  type Kind,
  kept,
  list,
  mapping,
  number,
  object,
  oneOf,
  string,
} from './kinds.ts';
import { deviceRequests } from './parts.ts';

/* https://github.com/compose-spec/compose-spec/blob/main/deploy.md */

/** Printed only when it is not 0. */
const shortDuration: Kind = { is: 'duration', accepts: ['string'] };
const change: Readonly<Record<string, Kind>> = {
  parallelism: kept(integer),
  delay: shortDuration,
  failure_action: string,
  monitor: shortDuration,
  max_failure_ratio: number,
  order: oneOf('start-first', 'stop-first'),
};

/** Cores, kept as a string: the engine's unit is a billionth of one. */
const cpus: Kind = {
  is: 'string',
  accepts: ['number', 'integer', 'string'],
  pattern: { test: /^-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/, wanted: 'a number of cores such as `0.5`' },
};
const memory: Kind = { ...bytes, accepts: ['string'] };

const resources = object('resources', {
  limits: object('limits', { cpus, memory, pids: integer }),
  reservations: object('reservations', {
    cpus,
    memory,
    devices: deviceRequests(),
    generic_resources: list(
      object('a generic resource', {
        discrete_resource_spec: object('a discrete resource', { kind: string, value: integer }),
      }),
    ),
  }),
});

export const deploy = object(
  'deploy',
  {
    mode: string,
    replicas: { ...kept(integer), range: COUNT },
    labels: mapping,
    update_config: object('update_config', change),
    rollback_config: object('rollback_config', change),
    resources,
    restart_policy: object('a restart policy', {
      condition: string,
      delay: duration,
      max_attempts: { ...kept(integer), range: COUNT },
      window: duration,
    }),
    placement: object('a placement', {
      constraints: list(string),
      preferences: list(object('a preference', { spread: string })),
      max_replicas_per_node: integer,
    }),
    endpoint_mode: string,
  },
  { nullable: true },
);
