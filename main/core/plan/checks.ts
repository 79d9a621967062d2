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
    checkStartInterval(service, input);
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

/** docker compose 2.40.3 refuses it there; the check itself works without. */
function checkStartInterval({ name, healthcheck }: Service, { apiVersion, warn }: ChecksInput): void {
  if (healthcheck?.start_interval === undefined || atLeastApi(apiVersion, 44)) return;
  warn({
    severity: 'warning',
    rule: 'start-interval-ignored',
    message: `service ${name}: start_interval of its health check needs Docker 25; this engine goes without it`,
    at: ['services', name, 'healthcheck', 'start_interval'],
  });
}
