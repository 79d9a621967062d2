import type { Service } from '../compose/project.ts';
import type { ImagePlan } from './images.ts';
import type { Problem } from './problem.ts';
import { toScale } from './reconcile.ts';
import { atLeastApi } from './resources.ts';
import { hasHealthcheck } from './starting.ts';

export interface ChecksInput {
  readonly services: readonly Service[];
  readonly images: ReadonlyMap<string, ImagePlan>;
  readonly apiVersion: string;
  readonly warn: (warning: Problem) => void;
  readonly problems: Problem[];
}

/** What can be known before anything is changed, and would otherwise fail half way. */
export function checkServices(input: ChecksInput): void {
  const byName = new Map(input.services.map((service) => [service.name, service]));
  for (const service of input.services) {
    checkHealthConditions(service, byName, input);
    checkEngineVersion(service, input);
  }
}

function checkHealthConditions(service: Service, byName: ReadonlyMap<string, Service>, input: ChecksInput): void {
  for (const [name, dependency] of service.depends_on ?? []) {
    const target = byName.get(name);
    if (target === undefined || dependency.condition !== 'service_healthy' || !dependency.required) continue;
    if (toScale(target) === 0 || hasHealthcheck({}, target, input.images.get(name)?.image) !== false) continue;
    input.problems.push({
      severity: 'error',
      rule: 'no-healthcheck',
      at: ['services', service.name, 'depends_on', name],
      message: `service ${service.name} depends_on ${name}: service_healthy, but neither ${name} nor its image has a health check`,
      hint: `give ${name} a healthcheck, or use condition: service_started`,
    });
  }
}

/** What an older engine cannot do. docker compose 2.40.3 refuses all of it; what works without is only said here. */
function checkEngineVersion(service: Service, { apiVersion, warn, problems }: ChecksInput): void {
  const { name, healthcheck } = service;
  if (healthcheck?.start_interval !== undefined && !atLeastApi(apiVersion, 44)) {
    warn({
      severity: 'warning',
      rule: 'start-interval-ignored',
      message: `service ${name}: start_interval of its health check needs Docker 25; this engine goes without it`,
      at: ['services', name, 'healthcheck', 'start_interval'],
    });
  }
  for (const [key, network] of service.networks ?? []) {
    if ((network?.interface_name ?? '') === '' || atLeastApi(apiVersion, 49)) continue;
    warn({
      severity: 'warning',
      rule: 'interface-name-ignored',
      message: `service ${name}: interface_name in network ${key} needs Docker 28.1; this engine names the interface itself`,
      at: ['services', name, 'networks', key, 'interface_name'],
    });
  }
  for (const [index, mount] of (service.volumes ?? []).entries()) {
    if (mount.type !== 'image' || atLeastApi(apiVersion, 48)) continue;
    problems.push({
      severity: 'error',
      rule: 'needs-newer-engine',
      message: `service ${name}: a volume of type image needs Docker 28, and this engine is older`,
      hint: 'copy the files into the image instead, or use a newer engine',
      at: ['services', name, 'volumes', index],
    });
  }
}
