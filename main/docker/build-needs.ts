import type { Build } from '../core/compose/project.ts';
import { toBuildKitKeys } from '../core/plan/build-keys.ts';
import type { Observed } from '../core/plan/plan.ts';
import { isRemoteContext, placeDockerfile } from './build-context.ts';
import { findBuildx } from './buildx-find.ts';
import { findBuildKitOnly, parseDockerfile } from './dockerfile.ts';
import type { Host } from './host.ts';

/** What the services' builds ask of a builder. buildx is looked for only where something may need it. */
export async function observeBuilders(
  builds: Readonly<Record<string, Build>>,
  host: Host,
): Promise<Pick<Observed, 'builders'>> {
  const all = Object.entries(builds);
  if (all.length === 0) return {};
  const found = await Promise.all(all.map(async ([service, build]) => [service, await readNeeds(build)] as const));
  const dockerfiles = Object.fromEntries(found.filter(([, needs]) => needs.length > 0));
  const needed = Object.keys(dockerfiles).length > 0 || all.some(([, build]) => toBuildKitKeys(build).length > 0);
  const buildx = needed ? await findBuildx(host) : undefined;
  return { builders: { dockerfiles, ...(buildx && { buildx: buildx.version }) } };
}

/** A Dockerfile that is not there is a matter of the build: an image that exists is not built. */
async function readNeeds(build: Build): Promise<readonly string[]> {
  if (build.dockerfile_inline !== undefined) return findBuildKitOnly(parseDockerfile(build.dockerfile_inline));
  if (isRemoteContext(build.context)) return [];
  const text = await placeDockerfile(build).then(
    (placed) => placed.text,
    () => '',
  );
  return findBuildKitOnly(parseDockerfile(text));
}
