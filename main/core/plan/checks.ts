import type { Diagnostic } from '../../../preload/contract/errors.ts';
import type { Project, Service } from '../compose/project.ts';
import type { ImagePlan } from './images.ts';
import { toScale } from './reconcile.ts';
import { hasHealthcheck } from './starting.ts';

export interface ChecksInput {
  readonly project: Project;
  readonly services: readonly Service[];
  readonly images: ReadonlyMap<string, ImagePlan>;
  readonly problems: Diagnostic[];
}

/** What can be known before anything is changed, and would otherwise fail half way. */
export function checkServices(input: ChecksInput): void {
  const byName = new Map(input.services.map((service) => [service.name, service]));
  for (const service of input.services) {
    checkHealthConditions(service, byName, input);
    checkFileObjects(service, input);
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
      message: `service ${service.name} depends_on ${name}: service_healthy, but neither ${name} nor its image has a health check`,
      hint: `give ${name} a healthcheck, or use condition: service_started`,
    });
  }
}

/** Only files are delivered: mounted read-only. The rest would have to be copied into the container, which is not done. */
function checkFileObjects(service: Service, { project, problems }: ChecksInput): void {
  const check = (kind: 'secret' | 'config', objects: Project['secrets'], source: string): void => {
    const object = objects.get(source);
    if (object === undefined || object.file !== undefined) return;
    const form = object.external === true ? 'external' : object.environment !== undefined ? 'environment' : 'content';
    problems.push({
      severity: 'error',
      rule: 'not-supported',
      message: `service ${service.name} uses ${kind} ${source}, which comes from "${form}"; only "file" can be delivered to a container`,
      hint: `put it into a file and name that with "file:"`,
    });
  };
  for (const use of service.secrets ?? []) check('secret', project.secrets, use.source);
  for (const use of service.configs ?? []) check('config', project.configs, use.source);
}
