import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pulledImages } from '../../main/services/team-stack/pulled-images.ts';
import { forTests } from '../support/for-tests.ts';
import { startSwarmLab } from '../support/swarm-lab.ts';
import { codeOf, sitDownAt } from './team-support.ts';

/* What `team up` says before anything is made; what it makes takes minutes: team-up.long.test.ts. */

const lab = forTests(
  () => startSwarmLab({ nodes: 1 }),
  (one) => one.down(),
);
const desk = forTests(
  () => sitDownAt(lab().node(1)),
  (one) => one.remove(),
);

const pulled = Object.values(pulledImages);

it('shows all that is missing, asks, and has made nothing before', async () => {
  const settings = { theme: 'system', build: { baseImage: 'claude-env/base' } };
  await writeFile(join(desk().folder, 'state', 'settings.json'), JSON.stringify(settings));
  expect(await codeOf(desk(), 'team', 'up')).toBe('swarm.not-member');
  await desk().get('created', 'team', 'create', 'Falcon', '--machine', 'laptop');
  const { docker } = lab().node(1);

  const homeless = await desk().say('team', 'up');
  expect(homeless.stderr).toContain('No node of this team is a server');
  await desk().say('team', 'node', 'role', 'n1', 'server');

  // Nothing here is pulled: a registry may be out of reach.
  expect(await codeOf(desk(), 'team', 'up')).toBe('image.not-found');
  for (const name of pulled) {
    const [repo = '', tag = ''] = name.split(':');
    await docker.getImage('claude-env/base').tag({ repo, tag });
  }

  const asked = await desk().say('team', 'up');
  expect(asked.code).toBe(2);
  expect(asked.stderr).toContain('Agree with --yes.');
  for (const said of [
    'the team’s own CA, for addresses and team.claude-env.internal',
    `the gateways’ certificate, for team.claude-env.internal, ${lab().node(1).address}`,
    'password of the database',
    'n1 as the node that keeps the data',
    'localhost/claude-env/gateway:0.1.0',
  ])
    expect(asked.stdout).toContain(said);
  // This desk has no keychain, and is told what that means.
  expect(asked.stderr).toContain('the Swarm alone has it');

  const [node] = await docker.listNodes();
  expect(node?.Spec?.Labels).toEqual({ 'io.claude-env.role': 'server' });
  const made = [docker.listServices(), docker.listSecrets(), docker.listConfigs()];
  const kept = (await Promise.all(made)).flat().map(({ Spec }) => Spec?.Name);
  expect(kept.filter((name) => name?.startsWith('claude-team'))).toEqual([]);
  expect((await docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []).sort()).toEqual(
    ['claude-env/base:latest', ...pulled].sort(),
  );
});
