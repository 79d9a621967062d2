import type { Project, Service } from '../../../main/core/compose/project.ts';
import { toContainerSpec } from '../../../main/core/plan/container-spec.ts';
import { project, service, sha256 } from '../../support/builders.ts';

/** Of POST /containers/create. */
export type Body = Record<string, unknown> & { readonly HostConfig: Record<string, unknown> };

export function specOf(
  members: Partial<Service>,
  options: { readonly api?: string; readonly of?: Partial<Project> } = {},
) {
  const web = service('web', members);
  const file = project([web], options.of ?? {});
  return toContainerSpec({
    project: file,
    service: web,
    number: 1,
    apiVersion: options.api ?? '1.41',
    sha256,
    reference: (name) => (name === 'vpn' ? 'vpn-id' : undefined),
    containersOf: (name) => [`shop-${name}-1`],
  });
}
export const bodyOf = (...args: Parameters<typeof specOf>): Body => specOf(...args).body as Body;
