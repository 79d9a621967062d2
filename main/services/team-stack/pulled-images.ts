import { teamStackName } from '../../../preload/contract/team-stack-name.ts';
import { AppFailure } from '../../core/app-failure.ts';
import { toScopedName } from '../../core/swarm/names.ts';
import type { ObservedStack } from '../../core/swarm/observed.ts';
import type { EngineConnection } from '../ports.ts';

/* Images of the stack that are not ours to build: whether they can be had, before minutes are spent on the others. */

/** By service, as the stack's files say it; a test holds them equal. */
export const pulledImages = { redis: 'redis:7-alpine', postgres: 'postgres:15-alpine' } as const;
export const monitoringImages = { prometheus: 'prom/prometheus:v3.5.0', grafana: 'grafana/grafana:12.1.1' } as const;

/** A plan does not wait longer for registries that do not answer (milliseconds). */
const patience = 8000;

export interface LookForImages {
  readonly connection: Pick<EngineConnection, 'askRegistry' | 'image'>;
  readonly observed: ObservedStack;
  readonly monitoring: boolean;
  /** No other node runs what needs an image: of all services, or of those that are where the data are. */
  readonly alone: { readonly all: boolean; readonly data: boolean };
}

/**
 * Of services that are not there yet. What is missing on the engine that is asked, and at its registry, as a note; where no
 * other node could have it, as what stands in the way.
 * @throws `image.not-found`
 */
export async function lookForImages({
  connection,
  observed,
  monitoring,
  alone,
}: LookForImages): Promise<readonly string[]> {
  const wanted = Object.entries({ ...pulledImages, ...(monitoring ? monitoringImages : {}) }).filter(
    ([service]) => !observed.services.some(({ name }) => name === toScopedName(teamStackName, service)),
  );
  const signal = AbortSignal.timeout(patience);
  const looked = await Promise.all(
    wanted.map(async ([service, image]) => {
      if ((await connection.image(image, signal)) !== undefined) return [];
      const answer = await connection.askRegistry(image, signal).catch(() => undefined);
      if (answer?.kind === 'found') return [];
      const nowhere = alone.all || (alone.data && service !== 'redis');
      return [{ image, nowhere, why: answer?.message ?? 'its registry does not answer' }];
    }),
  );
  const missing = looked.flat().filter(({ nowhere }, _at, all) => nowhere || !all.some((one) => one.nowhere));
  if (missing.length === 0) return [];
  const names = missing.map(({ image }) => image).join(', ');
  if (missing.every(({ nowhere }) => !nowhere)) {
    return [
      `${names}: not on this engine, and its registry does not say that it has it. The servers are asked for it before a service is changed.`,
    ];
  }
  const isMonitoring = missing.some(({ image }) => Object.values<string>(monitoringImages).includes(image));
  throw new AppFailure({
    code: 'image.not-found',
    message: `The engine has no ${names}, and cannot pull ${missing.length === 1 ? 'it' : 'them'}. Nothing was changed.`,
    hint: `Is the registry reached from there, and does a proxy let the engine through? Else bring them: docker save on a machine that has them, docker load here.${isMonitoring ? ' Without Prometheus and Grafana: --no-monitoring.' : ''}`,
    detail: missing.map(({ image, why }) => `${image}: ${why}`).join('\n'),
  });
}
