import { pulledImages } from '../../../main/services/team-stack/pulled-images.ts';
import { writeSettings } from '../../support/local-stack.ts';
import { expect, test } from './fixture.ts';
import { withKeyring } from './keyring.ts';

/*
 * The team's services, set up in the page on a real Swarm of one machine: as far as nothing was built, which takes minutes
 * (test/swarm/team-up-page.long.test.ts has the rest).
 */

const pulled = Object.values(pulledImages);

test.describe.configure({ timeout: 180_000 });
withKeyring();
test.beforeAll(({ bench }) => writeSettings(bench));

test('what is made is shown before, mended where something stands in the way, cancelled, and not made again', async ({
  app,
  bench,
}) => {
  const { docker, canInjectFaults } = bench.engine;
  // A user's own engine is not put into a Swarm.
  test.skip(!canInjectFaults, 'not an engine of the tests’ own');
  const { page } = app;
  const dialog = page.getByRole('dialog');
  const made = dialog.getByRole('list', { name: 'What is made' }).getByRole('listitem');
  const run = page.getByTestId('team-run');
  const kept = async () => {
    const all = await Promise.all([docker.listServices(), docker.listSecrets(), docker.listConfigs()]);
    return all.flat().flatMap(({ Spec }) => (Spec?.Name?.startsWith('claude-team') ? [Spec.Name] : []));
  };
  // What is pulled is not what this is about; nothing is deployed with it.
  for (const image of pulled) {
    const [repo = '', tag = ''] = image.split(':');
    await docker.getImage(bench.engine.base).tag({ repo, tag });
  }
  await docker.swarmInit({
    ListenAddr: '127.0.0.1:2377',
    AdvertiseAddr: '127.0.0.1',
    Spec: { Labels: { 'io.claude-env.team': 'Rocket' } },
  });
  try {
    await page.getByRole('button', { name: 'Team', exact: true }).click();
    await expect(page.getByTestId('team')).toHaveAttribute('data-part', 'manager', { timeout: 12_000 });
    await page.getByRole('tab', { name: 'Team services' }).click();
    await expect(page.getByText('Rocket has no services of its own yet')).toBeVisible();
    const begin = page.getByRole('button', { name: 'Set up the team’s services…' });
    await begin.click();

    // A mistake is told at its field, and nothing is asked; then the whole of it by the keyboard.
    await dialog.getByLabel('Port', { exact: true }).fill('99999');
    await page.keyboard.press('Enter');
    await expect(dialog.getByText('A number from 1 to 65535.')).toBeVisible();
    await dialog.getByLabel('Port', { exact: true }).fill('9443');
    await page.keyboard.press('Enter');

    // No node is a server yet: what to do is said, and looked at again here.
    await expect(dialog.getByText('No node of this team is a server')).toBeVisible();
    const [node] = await docker.listNodes();
    const found = docker.getNode(node?.ID ?? '');
    const { Version, Spec } = (await found.inspect()) as { Version: { Index: number }; Spec: object };
    await found.update({ ...Spec, version: Version.Index, Labels: { 'io.claude-env.role': 'server' } });
    await dialog.getByRole('button', { name: 'Look again' }).click();
    await expect(made).toHaveCount(7);
    await expect(made.nth(1)).toContainText('the gateways’ certificate, for team.claude-env.internal, 127.0.0.1');
    await expect(dialog.getByText('localhost/claude-env/gateway:0.1.0')).toBeVisible();
    await expect(dialog).toContainText('127.0.0.1:9443');
    await expect(dialog).toContainText('npx claude-env team up --port 9443');
    expect(await kept()).toEqual([]);

    await dialog.getByRole('button', { name: 'Set up', exact: true }).click();
    await expect(dialog).toHaveCount(0);
    await expect(run).toHaveAttribute('data-phase', 'building');
    await expect(page.getByRole('tab', { selected: true })).toBeFocused();
    await expect(page.getByTestId('operation')).toHaveAttribute('data-state', 'running');
    // Another window, or this one anew, sees the same run.
    await page.reload();
    await page.getByRole('button', { name: 'Team', exact: true }).click();
    await expect(run).toHaveAttribute('data-phase', 'building');
    await run.getByRole('button', { name: 'Cancel' }).click();
    await expect(run).toHaveAttribute('data-phase', 'cancelled', { timeout: 60_000 });
    await expect(page.getByTestId('operation')).toHaveAttribute('data-state', 'cancelled');
    expect(await kept()).toEqual([]);

    // Its keys are in the keychain: what is left is images and the stack, with the port that was chosen.
    await run.getByRole('button', { name: 'Go on…' }).click();
    await expect(dialog.getByText('localhost/claude-env/gateway:0.1.0')).toBeVisible();
    await expect(made).toHaveCount(0);
    await expect(dialog).toContainText('127.0.0.1:9443');
    await page.keyboard.press('Escape');
    await run.getByRole('button', { name: 'Close' }).click();
    await expect(run).toHaveCount(0);
  } finally {
    await docker.swarmLeave({ force: true });
    for (const image of pulled) await docker.getImage(image).remove();
  }
});
