import type { Project, Service } from '../../main/core/compose/project.ts';
import { toContainerSpec } from '../../main/core/plan/container-spec.ts';
import type { Raw } from '../../main/core/plan/inherit.ts';
import type { ContainerDetails } from '../../main/core/plan/plan.ts';
import type { PublishedPort } from '../../preload/contract/model.ts';
import { sha256 } from './builders.ts';

/** What inspect would show of a container, where it differs from what the file asks for. */
export interface CaseDetails {
  readonly config?: Raw | undefined;
  readonly hostConfig?: Raw | undefined;
  readonly ports?: readonly PublishedPort[];
}

/** As the engine would show a container made from the file, with what is told to differ. */
export function toDetails(project: Project, service: Service, number: number, told: CaseDetails): ContainerDetails {
  const { body, connect } = toContainerSpec({
    project,
    service,
    number,
    apiVersion: '1.41',
    sha256,
    reference: () => undefined,
    containersOf: () => [],
  });
  const { HostConfig, NetworkingConfig, ...config } = body;
  const endpoints = (NetworkingConfig as { readonly EndpointsConfig?: Readonly<Record<string, Raw>> } | undefined)
    ?.EndpointsConfig;
  const joined = connect.map(({ network, body: one }) => [network, (one.EndpointConfig ?? {}) as Raw] as const);
  const bindings = Object.fromEntries(
    (told.ports ?? []).map(({ container, protocol, host, hostIp }) => [
      `${container}/${protocol}`,
      [{ HostIp: hostIp ?? '', HostPort: String(host ?? '') }],
    ]),
  );
  return {
    config: { ...config, ...told.config },
    hostConfig: {
      ...(HostConfig as Raw),
      ...(told.ports === undefined ? {} : { PortBindings: bindings }),
      ...told.hostConfig,
    },
    networks: { ...endpoints, ...Object.fromEntries(joined) },
  };
}
