import * as z from 'zod';
import { AppFailure } from '../app-failure.ts';
import type { Raw } from '../plan/inherit.ts';
import { deployTime } from './names.ts';
import { labelsOf } from './spec-image.ts';

/*
 * A canary as Swarm has it: one rolling update that does its first tasks at once and then waits a year before the next ones.
 * It is the service's own update, so that the new tasks get their share of what comes by name, by virtual IP and by published
 * port, `docker service rollback` takes it back, and no program has to run meanwhile. The service's labels say what is
 * going on, and how its update goes on when somebody promotes it.
 */

const label = 'io.claude-env.canary';
const labels = {
  tasks: label,
  by: `${label}.by`,
  since: `${label}.since`,
  /** JSON of the UpdateConfig that the file says; `null`: none. */
  update: `${label}.update`,
  /** Name of the record that its deploy left; absent where it came by `stack update`. */
  record: `${label}.record`,
} as const;

/** Nanoseconds; exact as a number. */
const aYear = 365 * 86_400e9;

export interface Canary {
  /** So many were to have the new spec. */
  readonly tasks: number;
  /** `anna@laptop` */
  readonly by: string;
  /** ISO 8601. */
  readonly since: string;
  readonly record?: string;
}

/** undefined: none is open. */
export function canaryOf(spec: Raw): Canary | undefined {
  const said = labelsOf(spec);
  const tasks = Number(said[labels.tasks]);
  if (!(tasks > 0)) return undefined;
  const record = said[labels.record];
  return {
    tasks,
    by: said[labels.by] ?? '',
    since: said[labels.since] ?? '',
    ...(record === undefined ? {} : { record }),
  };
}

/** The spec whose update stops after so many tasks. A canary that does not run stops it as well, or takes it back. */
export function withCanary(spec: Raw, { tasks, by, record }: Omit<Canary, 'since'>): Raw {
  const { UpdateConfig } = spec as { readonly UpdateConfig?: Raw };
  return {
    ...spec,
    Labels: {
      ...labelsOf(spec),
      [labels.tasks]: String(tasks),
      [labels.by]: by,
      [labels.since]: deployTime,
      [labels.update]: JSON.stringify(UpdateConfig ?? null),
      ...(record === undefined ? {} : { [labels.record]: record }),
    },
    UpdateConfig: {
      ...UpdateConfig,
      Parallelism: tasks,
      Delay: aYear,
      FailureAction: UpdateConfig?.FailureAction === 'rollback' ? 'rollback' : 'pause',
      MaxFailureRatio: 0,
    },
  };
}

const updateConfig = z.record(z.string(), z.unknown()).nullable();

/** Anybody can write labels. */
function parseUpdate(text: string): Raw | null {
  try {
    return updateConfig.parse(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    throw new AppFailure({
      code: 'swarm.refused',
      message: `A canary cannot be promoted: its label ${labels.update} was changed, which says how its update goes on.`,
      hint: 'Take it back (claude-env stack canary rollback), and deploy its file.',
    });
  }
}

/** What the file says of the same service. Throws `swarm.refused` where its labels no longer tell. */
export function withoutCanary(spec: Raw): Raw {
  const own = new Set<string>(Object.values(labels));
  const said = labelsOf(spec);
  const { UpdateConfig: _paused, ...rest } = spec as { readonly UpdateConfig?: Raw };
  const update = parseUpdate(said[labels.update] ?? 'null');
  return {
    ...rest,
    Labels: Object.fromEntries(Object.entries(said).filter(([name]) => !own.has(name))),
    ...(update === null ? {} : { UpdateConfig: update }),
  };
}
