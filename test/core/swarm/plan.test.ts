import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { printPlan } from '../../../main/core/plan/print.ts';
import { convertStack } from '../../../main/core/swarm/convert.ts';
import { sealLabel, showVersions } from '../../../main/core/swarm/names.ts';
import type { ObservedStack } from '../../../main/core/swarm/observed.ts';
import { type DeployOptions, planDeploy } from '../../../main/core/swarm/plan.ts';
import { type SecretVerdict, versionsOf } from '../../../main/core/swarm/versions.ts';
import { loadProject } from '../../support/builders.ts';
import { type DeployedOptions, deployed, node, observedStack } from '../../support/builders-swarm.ts';

/*
 * A folder a case: compose.yaml (its first line says what happened), before.yaml (what was deployed before, if anything),
 * world.json (what else differs), and the plan as text. `UPDATE_PLANS=1` writes the plans; read them before keeping them.
 */
const folder = join(import.meta.dirname, 'plans');

interface World {
  readonly options?: DeployOptions;
  /** Values of secrets, contents of configs: before, and now. */
  readonly before?: DeployedOptions;
  readonly values?: Readonly<Record<string, string>>;
  readonly configs?: Readonly<Record<string, string>>;
  /** Members that win over what `deployed` gives. */
  readonly observed?: Partial<Omit<ObservedStack, 'nodes'>>;
  readonly nodes?: readonly Parameters<typeof node>[1][];
  /** Replicas that were set by hand. */
  readonly scaled?: Readonly<Record<string, number>>;
}

describe('deploying to a Swarm', () => {
  it.each(readdirSync(folder))('%s', async (name) => {
    const at = (file: string): string => join(folder, name, file);
    const world: World = existsSync(at('world.json')) ? JSON.parse(readFileSync(at('world.json'), 'utf8')) : {};
    const environment = { COMPOSE_PROJECT_NAME: 'shop' };
    const project = await loadProject(at('compose.yaml'), environment);
    const there = existsSync(at('before.yaml'))
      ? deployed(await loadProject(at('before.yaml'), environment), world.before)
      : observedStack('shop');
    // Unless the world says otherwise, whatever the file names was built on the machine that is asked.
    const named = [...project.services.values()].flatMap(({ image }) => image ?? []);
    const images = world.observed?.localImages ?? named;
    const observed: ObservedStack = {
      ...there,
      node: 'id-n1',
      localImages: images,
      imageIds: Object.fromEntries(images.map((image) => [image, `sha256:${'ab'.repeat(32)}`])),
      services: there.services.map((service) => {
        const replicas = world.scaled?.[service.name];
        if (replicas === undefined) return service;
        return {
          ...service,
          previous: service.spec,
          spec: { ...service.spec, Mode: { Replicated: { Replicas: replicas } } },
        };
      }),
      ...(world.nodes === undefined
        ? {}
        : { nodes: world.nodes.map((members, index) => node(`n${index + 1}`, members)) }),
      ...world.observed,
    };
    const verdicts = convertStack(project).secrets.flatMap((file): [string, SecretVerdict][] => {
      const value = world.values?.[file.key];
      const versions = versionsOf(file, 'secrets', observed);
      const same = versions.find(({ labels }) => labels[sealLabel] === value);
      if (same !== undefined) return [[file.key, { kind: 'same', name: same.name }]];
      return versions.length === 0 ? [] : [[file.key, { kind: 'changed' }]];
    });
    const plan = planDeploy({
      project,
      observed,
      options: world.options ?? {},
      configData: new Map(Object.entries(world.configs ?? {})),
      secretVerdicts: new Map(verdicts),
    });
    const text = showVersions(printPlan(plan)).replaceAll(join(folder, name), '/base');
    if (process.env.UPDATE_PLANS === '1') writeFileSync(at('plan.txt'), text);
    expect(text).toBe(readFileSync(at('plan.txt'), 'utf8'));
  });
});
