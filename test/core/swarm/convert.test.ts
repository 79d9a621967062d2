import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Raw } from '../../../main/core/plan/inherit.ts';
import { convertStack } from '../../../main/core/swarm/convert.ts';
import { normalSpec } from '../../../main/core/swarm/normal.ts';
import { loadProject } from '../../support/builders.ts';

/*
 * specs.json is what an engine (20.10.24) kept of the services that `docker stack deploy --resolve-image never` (CLI 28.5.2)
 * made from compose.yaml as the stack `kit`, networks by name and without the ids of secrets and configs.
 */
const cases = join(import.meta.dirname, 'cases');

describe.each(readdirSync(cases))('%s', (name) => {
  const folder = join(cases, name);
  const golden: Readonly<Record<string, Raw>> = JSON.parse(
    readFileSync(join(folder, 'specs.json'), 'utf8').replaceAll('"/base', `"${folder}`),
  );

  let specs: ReturnType<typeof convertStack>;
  beforeAll(async () => {
    const project = await loadProject(join(folder, 'compose.yaml'), { COMPOSE_PROJECT_NAME: 'kit' });
    specs = convertStack(project, '1.41');
  });

  it.each(Object.entries(golden))('service %s is asked for as docker stack does', (service, expected) => {
    const found = specs.services.get(service);
    if (found === undefined) throw new Error(`no service ${service}`);
    expect(normalSpec(found)).toEqual(normalSpec(expected));
  });
});
