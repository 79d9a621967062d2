import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Project } from '../../../main/core/compose/project.ts';
import { planDeploy } from '../../../main/core/swarm/plan.ts';
import { dataLabel } from '../../../main/core/team-stack/plan.ts';
import { monitoringImages, pulledImages } from '../../../main/services/team-stack/pulled-images.ts';
import { loadProject } from '../../support/builders.ts';
import { node, observedStack } from '../../support/builders-swarm.ts';

/* The stack we ship, as its file is written: what every Swarm must be able to run, and nobody should be warned of. */

const folder = join(import.meta.dirname, '../../../resources/stacks/team');
const fileOf = (name: string) => join(folder, name);

const server = { 'io.claude-env.role': 'server' };
const nodes = [
  node('n1', { role: 'manager', labels: { ...server, [dataLabel]: 'team' } }),
  node('n2', { role: 'manager', labels: server }),
  node('n3', { role: 'manager', labels: server }),
  node('laptop', { labels: { 'io.claude-env.role': 'laptop' } }),
];

function plan(project: Project) {
  const images = [...project.services.values()].flatMap(({ image }) => image ?? []);
  const digests = Object.fromEntries(images.map((image) => [image, `sha256:${'ab'.repeat(32)}`]));
  return planDeploy({
    project,
    observed: { ...observedStack('claude-team', { nodes, digests, localImages: images }), node: 'id-n1' },
    options: {},
    configData: new Map([['ca-cert', 'eA==']]),
    secretVerdicts: new Map(),
  });
}

const files = readdirSync(folder).filter((name) => /^compose\..*\.yaml$/.test(name) && name !== 'compose.build.yaml');

describe('the team’s stack', () => {
  it('is deployed without a warning to three managers and a laptop, alone and with everything that may be added', async () => {
    const alone = plan(await loadProject(fileOf('compose.yaml')));
    expect([...alone.problems, ...alone.warnings].map(({ message }) => message)).toEqual([]);
    const all = plan(await loadProject([fileOf('compose.yaml'), ...files.map(fileOf)]));
    expect([...all.problems, ...all.warnings].map(({ message }) => message)).toEqual([]);
  });

  it('needs neither mesh nor virtual IPs, publishes one port on each server itself, and runs on servers alone', async () => {
    const { services } = await loadProject(fileOf('compose.yaml'));
    for (const { name, deploy, ports = [] } of services.values()) {
      expect(deploy?.endpoint_mode, name).toBe('dnsrr');
      expect(deploy?.placement?.constraints, name).toContain('node.labels.io.claude-env.role == server');
      expect(
        ports.map(({ mode, target }) => [mode, target]),
        name,
      ).toEqual(name === 'gateway' ? [['host', 8443]] : []);
    }
  });

  it('is of images that are looked for before anything is built, where none is ours', async () => {
    const { services } = await loadProject([fileOf('compose.yaml'), fileOf('compose.monitoring.yaml')]);
    const theirs = [...services.values()].filter(({ image = '' }) => !/\/claude-env\//.test(image));
    expect(Object.fromEntries(theirs.map(({ name, image }) => [name, image]))).toEqual({
      ...pulledImages,
      ...monitoringImages,
    });
  });

  it('gives nobody a capability or a writable root that does not need one, nor more memory than it says', async () => {
    const { services } = await loadProject(fileOf('compose.yaml'));
    for (const { name, deploy, ...service } of services.values()) {
      expect(service.cap_drop, name).toEqual(['ALL']);
      expect(service.container_name, name).toBeUndefined();
      expect(deploy?.resources?.limits, name).toMatchObject({ memory: expect.any(Number), pids: expect.any(Number) });
      expect(deploy?.update_config?.failure_action, name).toBe('rollback');
      expect(deploy?.rollback_config?.order, name).toBe(deploy?.update_config?.order);
    }
    const rooted = [...services.values()].filter(({ user = 'root' }) => /^(root|0)/.test(user)).map(({ name }) => name);
    expect(rooted.sort()).toEqual(['engine-view', 'mcp-context7', 'mcp-magic', 'mcp-playwright', 'mcp-sequential']);
    const writable = [...services.values()].filter((one) => one.read_only !== true).map(({ name }) => name);
    expect(writable.sort()).toEqual(['mcp-context7', 'mcp-magic', 'mcp-playwright', 'mcp-sequential']);
  });

  it('keeps database and redis where nothing else is, and their passwords in files', async () => {
    const { services, networks } = await loadProject(fileOf('compose.yaml'));
    expect(networks.get('data')).toMatchObject({ internal: true });
    const inData = [...services.values()].filter((one) => one.networks?.has('data')).map(({ name }) => name);
    expect(inData.sort()).toEqual(['controller', 'postgres', 'redis']);
    for (const name of ['postgres', 'redis'])
      expect([...(services.get(name)?.networks?.keys() ?? [])]).toEqual(['data']);
  });
});
