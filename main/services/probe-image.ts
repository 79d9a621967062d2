import type { ObservedStack } from '../core/swarm/observed.ts';
import { imageOf } from '../core/swarm/spec-image.ts';
import type { SwarmMembership } from './ports.ts';
import type { SettingsService } from './settings.ts';

const usual = ['claude-env/base:latest', 'debian:bookworm-slim', 'debian:bookworm', 'debian:latest'];

/** An image of that engine with perl in it, which every Debian has, for questions to its kernel and its networks. */
export async function findProbeImage(
  swarm: Pick<SwarmMembership, 'localImage'>,
  settings: Pick<SettingsService, 'get'>,
  others: readonly string[] = [],
): Promise<string | undefined> {
  const { baseImage } = (await settings.get()).build;
  return swarm.localImage([...(baseImage === undefined || baseImage === '' ? [] : [baseImage]), ...usual, ...others]);
}

/** What may serve where none of the usual ones is there. */
export const imagesThatRun = ({ services }: ObservedStack): readonly string[] => [
  ...new Set(services.map(({ spec }) => imageOf(spec))),
];
