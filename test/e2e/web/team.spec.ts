import { noKeychain } from '../../support/secret-service.ts';
import { expect, test } from './fixture.ts';

/* The Team page beside a real Swarm of one machine, which is made and left through the engine itself. */

test.describe.configure({ timeout: 180_000 });
// What a team keeps is not put into a user's own keychain.
test.use({ surroundings: noKeychain });
test.beforeEach(async ({ app: { page }, bench: { engine } }) => {
  // A user's own engine is not put into a Swarm.
  test.skip(!engine.canInjectFaults, 'not an engine of the tests’ own');
  await page.getByRole('button', { name: 'Team', exact: true }).click();
});

test('a Swarm that is made elsewhere appears with its node, services and the errors of their tasks, and goes', async ({
  app,
  bench,
}) => {
  const { engine } = bench;
  const { page } = app;
  const { docker } = engine;
  const stack = engine.uniqueName('team');
  const service = (name: string, command: string, replicas: number) =>
    docker.createService({
      Name: `${stack}_${name}`,
      Labels: { 'com.docker.stack.namespace': stack },
      Mode: { Replicated: { Replicas: replicas } },
      TaskTemplate: {
        ContainerSpec: { Image: engine.base, Command: ['sh', '-c', command], Init: true, StopGracePeriod: 1e9 },
        RestartPolicy: { Condition: 'any', Delay: 200e6 },
      },
    });

  const part = page.getByTestId('team');
  await expect(part).toHaveAttribute('data-part', 'none');
  await expect(page.getByText('npx claude-env team join')).toBeVisible();

  await docker.swarmInit({ ListenAddr: '127.0.0.1:2377', AdvertiseAddr: '127.0.0.1' });
  try {
    await expect(part).toHaveAttribute('data-part', 'manager', { timeout: 12_000 });
    const { Name } = (await docker.info()) as { readonly Name: string };
    await expect(page.getByTestId(`node-${Name}`)).toContainText('manager, leader');
    await expect(page.getByTestId(`node-${Name}`)).toHaveAttribute('data-state', 'ready');
    await expect(page.getByText('Nothing runs on this Swarm yet')).toBeVisible();

    await service('good', 'exec sleep infinity', 2);
    const bad = await service('bad', 'exit 3', 1);
    const row = (name: string) => page.getByTestId(`swarm-${stack}_${name}`);
    await expect(row('good')).toHaveAttribute('data-aggregate', 'healthy', { timeout: 12_000 });
    await expect(row('good')).toHaveAttribute('data-running', '2');
    // A crash loop, by the keyboard alone; Swarm sends no event for it.
    await expect(row('bad')).toHaveAttribute('data-aggregate', 'failed', { timeout: 12_000 });
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    const tasks = page.getByRole('table', { name: `Tasks of ${stack}_bad` });
    await expect(tasks.getByText('it ended with exit code 3').first()).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(tasks).toHaveCount(0);

    // More of them, and back, each after its plan.
    await row('good').getByRole('button').click();
    await page.getByLabel('How many tasks').first().fill('3');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await expect(dialog).toContainText('replicas 2 → 3');
    await expect(dialog).toContainText(`stack scale ${stack}_good=3 -p ${stack}`);
    await dialog.getByRole('button', { name: 'Scale', exact: true }).click();
    await expect(dialog).toHaveCount(0);
    await expect(row('good')).toHaveAttribute('data-running', '3', { timeout: 12_000 });
    await expect(page.getByTestId('operation')).toHaveAttribute('data-state', 'done', { timeout: 60_000 });
    await page.getByRole('button', { name: 'Roll back…' }).click();
    await dialog.getByRole('button', { name: 'Roll back', exact: true }).click();
    await expect(row('good')).toHaveAttribute('data-running', '2', { timeout: 12_000 });

    await docker.getService(bad.id).remove();
    await expect(row('bad')).toHaveCount(0);
    await expect(row('good')).toHaveAttribute('data-aggregate', 'healthy');
  } finally {
    await docker.swarmLeave({ force: true });
  }
  await expect(part).toHaveAttribute('data-part', 'none', { timeout: 12_000 });
  await expect(page.getByTestId(`swarm-${stack}_good`)).toHaveCount(0);
});

test('a team is made and others are invited in the page; wrong and altered invites are refused with their reason', async ({
  app,
  bench,
}) => {
  const { engine } = bench;
  const { page } = app;
  const dialog = page.getByRole('dialog');
  const paste = async (text: string) => {
    await dialog.getByLabel('Invite', { exact: true }).fill(text);
    await page.keyboard.press('Enter');
  };
  try {
    await page.getByRole('button', { name: 'Create a team…' }).click();
    await dialog.getByLabel('Name').fill('Falcon');
    const another = dialog.getByLabel('another one');
    const typed = dialog.getByPlaceholder('10.77.0.3');
    await expect(another.or(typed).first()).toBeVisible();
    if (await another.isVisible()) await another.check();
    await typed.fill('127.0.0.1');
    await page.keyboard.press('Enter');
    await expect(dialog).toContainText('This engine is its first manager', { timeout: 30_000 });
    await expect(dialog).toContainText('2377/tcp');
    await expect(page.getByTestId('team')).toHaveAttribute('data-part', 'manager', { timeout: 12_000 });

    await dialog.getByRole('button', { name: 'Invite…' }).click();
    await dialog.getByRole('button', { name: 'Make an invite' }).click();
    const invite = await dialog.getByTestId('invite').inputValue();
    expect(invite).toMatch(/^claude-env-team-1-[a-z2-7]+-[a-z2-7]+$/);
    await page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
    // Shown once: it is nowhere in the page any more, and the list knows no string.
    expect(await page.content()).not.toContain(invite);
    await expect(page.getByRole('heading', { name: 'Falcon' })).toBeVisible();
    await page.getByRole('button', { name: 'Invite…' }).click();
    await expect(dialog.getByText('worker, laptop · by')).toBeVisible();
    await dialog.getByRole('button', { name: 'End all worker invites…' }).click();
    await dialog.getByRole('button', { name: 'End them' }).click();
    await expect(dialog.getByText('worker, laptop · by')).toHaveCount(0);
    await page.keyboard.press('Escape');

    // The only manager stays one, and that is said before anything is done.
    await page.getByRole('button', { name: /^Change / }).click();
    await page.getByRole('menuitem', { name: 'Demote…' }).click();
    await expect(dialog).toContainText('It is the only manager');
    await expect(dialog.getByRole('button', { name: 'Demote', exact: true })).toBeDisabled();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Change / }).click();
    await page.getByRole('menuitem', { name: 'Pause…' }).click();
    await dialog.getByRole('button', { name: 'Pause', exact: true }).click();
    await expect(dialog).toHaveCount(0);
    await expect(page.getByRole('cell', { name: 'paused' })).toBeVisible({ timeout: 12_000 });

    // Labels, by which services are placed.
    await page.getByRole('button', { name: /^Change / }).click();
    await page.getByRole('menuitem', { name: 'Labels…' }).click();
    await page.keyboard.type('disk=ssd');
    await dialog.getByRole('button', { name: 'Set labels' }).click();
    await expect(dialog).toHaveCount(0);
    const [itself] = (await engine.docker.listNodes()) as readonly { Spec?: { Labels?: object } }[];
    expect(itself?.Spec?.Labels).toMatchObject({ disk: 'ssd', 'io.claude-env.role': 'server' });

    // Without a keychain the unlock key is shown once, and nowhere after.
    const team = page.getByRole('button', { name: 'More of the team' });
    await team.click();
    await page.getByRole('menuitem', { name: 'Turn autolock on…' }).click();
    await dialog.getByRole('button', { name: 'Turn it on' }).click();
    const key = (await dialog.getByTestId('unlock-key').textContent()) ?? '';
    expect(key).toMatch(/^SWMKEY-1-/);
    await dialog.getByRole('button', { name: 'I have kept it' }).click();
    expect(await page.content()).not.toContain(key);
    await team.click();
    await page.getByRole('menuitem', { name: 'Autolock is on…' }).click({ timeout: 20_000 });
    await dialog.getByRole('button', { name: 'Turn it off' }).click();
    await expect(dialog).toHaveCount(0);

    // The only manager ends the Swarm with it, so a backup is asked for, and a file that is none is refused.
    await team.click();
    await page.getByRole('menuitem', { name: 'Leave…' }).click();
    await expect(dialog).toContainText('It is the only manager: the Swarm ends');
    await expect(dialog).toContainText('team backup --root');
    const leave = dialog.getByRole('button', { name: 'Leave, and end it' });
    await expect(leave).toBeDisabled();
    await dialog.getByLabel('Backup file').fill(await bench.file('no-backup.tar.gz', 'none'));
    await leave.click();
    await expect(dialog.getByText('is no backup of a Swarm’s state')).toBeVisible();
    await expect(page.getByTestId('team')).toHaveAttribute('data-part', 'manager');
    await dialog.getByLabel('no backup').check();
    await leave.click();
    await expect(dialog).toHaveCount(0);
    await page.getByRole('button', { name: 'Join with an invite…' }).click({ timeout: 20_000 });
    await paste('SWMTKN-1-x');
    await expect(dialog.getByText('This is Docker’s own join token')).toBeVisible();
    await paste(`${invite.slice(0, 40)}${invite[40] === 'a' ? 'b' : 'a'}${invite.slice(41)}`);
    await expect(dialog.getByText('changed on its way')).toBeVisible();
    // Whole, but the Swarm behind it is gone: what was tested says so, and joining is refused.
    await paste(invite);
    await expect(dialog).toContainText('can run anything on this machine, as root');
    await expect(dialog.getByText('manager 127.0.0.1:2377')).toBeVisible({ timeout: 20_000 });
    await expect(page.getByTestId('team')).toHaveAttribute('data-part', 'none');
  } finally {
    const { Swarm } = (await engine.docker.info()) as { readonly Swarm?: { readonly LocalNodeState?: string } };
    if (Swarm?.LocalNodeState === 'active') await engine.docker.swarmLeave({ force: true });
  }
});
