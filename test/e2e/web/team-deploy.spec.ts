import { rm, writeFile } from 'node:fs/promises';
import { expect, test } from './fixture.ts';

/* A stack's life in the Team page, on a real Swarm of one machine: deployed, changed, taken back, failed, removed. */

test.describe.configure({ timeout: 180_000 });

test('a stack is deployed after its plan, taken back to an earlier deploy, explained when it fails, and removed', async ({
  app,
  bench,
}) => {
  const { engine } = bench;
  // A user's own engine is not put into a Swarm.
  test.skip(!engine.canInjectFaults, 'not an engine of the tests’ own');
  const { page } = app;
  const stack = engine.uniqueName('deployed');
  const dialog = page.getByRole('dialog');
  const web = page.getByTestId(`swarm-${stack}_web`);
  const operation = page.getByTestId('operation');
  const text = (version: string, command = '[sh, -c, exec sleep infinity]') => `services:
  web:
    image: ${engine.base}
    command: ${command}
    init: ${version !== 'bad'}
    stop_grace_period: 1s
    environment: {VERSION: "${version}"}
    container_name: ignored
    volumes: ["data:/data"]
    ports: [{target: 80, mode: host}]
    deploy:
      update_config: {monitor: 1s, failure_action: pause}
      restart_policy: {condition: any, delay: 200ms}
volumes: {data: {}}
`;
  const file = await bench.file(`${stack}/stack.yaml`, text('one', "[sh, -c, 'echo hello; exec sleep infinity']"));
  const menu = async (entry: string) => {
    await page.getByRole('button', { name: `Change the stack ${stack}` }).click();
    await page.getByRole('menuitem', { name: entry }).click();
  };
  const environment = async () => {
    const [service] = await engine.docker.listServices({ filters: { name: [`${stack}_web`] } });
    return (service?.Spec?.TaskTemplate as { ContainerSpec?: { Env?: string[] } } | undefined)?.ContainerSpec?.Env;
  };
  const publishedPort = async () => {
    const tasks = await engine.docker.listTasks({ filters: { service: [`${stack}_web`] } });
    const running = tasks.find(
      (one: { readonly Status: { readonly State: string } }) => one.Status.State === 'running',
    );
    return running.Status.PortStatus.Ports[0].PublishedPort as number;
  };
  /** When it was made. */
  const volume = async () => (await engine.docker.getVolume(`${stack}_data`).inspect()) as { CreatedAt?: string };
  /** The one that goes on has ended well; it goes, so that the next one is not taken for it. */
  const ended = async () => {
    await expect(dialog).toHaveCount(0);
    await expect(operation).toHaveAttribute('data-state', 'done', { timeout: 30_000 });
    await operation.getByRole('button', { name: 'Close' }).click();
    await expect(operation).toHaveCount(0);
  };
  const deployAgain = async () => {
    await menu('Deploy again…');
    // What was deployed last is there to be deployed again.
    await expect(dialog.getByLabel('Files')).toHaveValue(file);
    await dialog.getByRole('button', { name: 'Show the plan' }).click();
  };

  await engine.docker.swarmInit({ ListenAddr: '127.0.0.1:2377', AdvertiseAddr: '127.0.0.1' });
  try {
    await page.getByRole('button', { name: 'Team', exact: true }).click();
    await page.getByRole('button', { name: 'Deploy a stack…' }).first().click();
    await dialog.getByLabel('Files').fill(`${file}.none`);
    await dialog.getByLabel('Stack name').fill(stack);
    await dialog.getByRole('button', { name: 'Show the plan' }).click();
    await expect(dialog.getByText('There is no plan')).toBeVisible();
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: 'Deploy a stack…' }).first().click();
    await dialog.getByLabel('Files').fill(file);
    await dialog.getByLabel('Stack name').fill(stack);
    await page.keyboard.press('Enter');
    await expect(dialog.getByText('Create service')).toBeVisible();
    await expect(dialog).toContainText('container_name');
    await expect(dialog).toContainText('stack.yaml:8');
    await expect(dialog).toContainText(`stack deploy -f ${file} -p ${stack}`);
    expect(await environment()).toBeUndefined();
    await dialog.getByRole('button', { name: 'Deploy', exact: true }).click();
    await ended();
    await expect(web).toHaveAttribute('data-aggregate', 'healthy', { timeout: 12_000 });

    // What its tasks write, by the keyboard.
    await page.keyboard.press('j');
    await page.keyboard.press('l');
    const lines = page.getByRole('region', { name: 'Log lines' });
    await expect(lines).toContainText('web.1@');
    await expect(lines).toContainText('hello');
    await page.keyboard.press('Escape');

    await writeFile(file, text('two'));
    await deployAgain();
    await expect(dialog).toContainText('VERSION');
    await dialog.getByLabel(/^Copy the volumes/).check();
    await expect(dialog.getByText('Back up volume')).toBeVisible();
    // The file is changed behind the plan: what was not seen is not run.
    await writeFile(file, text('three'));
    await dialog.getByRole('button', { name: 'Deploy', exact: true }).click();
    await expect(dialog.getByText('something changed')).toBeVisible();
    expect(await environment()).toEqual(['VERSION=one']);
    await dialog.getByRole('button', { name: 'Deploy', exact: true }).click();
    await ended();
    expect(await environment()).toEqual(['VERSION=three']);

    await menu('Try its ports…');
    await expect(dialog.getByTestId(new RegExp(`^port-${await publishedPort()}-`))).toBeVisible();
    await page.keyboard.press('Escape');

    // The copy that the deploy made is put back once nothing uses the volume, and removed.
    const copies = dialog.getByTestId(/^copy-/);
    await menu('Copies of its volumes…');
    await expect(copies).toContainText([`${stack}_data on`]);
    await dialog.getByRole('button', { name: 'Restore…' }).click();
    await expect(dialog).toContainText('is in use: web has tasks');
    await page.keyboard.press('Escape');
    const { code } = await bench.run(['stack', 'scale', '-p', stack, 'web=0']);
    expect(code).toBe(0);
    const before = await volume();
    await menu('Copies of its volumes…');
    await dialog.getByRole('button', { name: 'Restore…' }).click();
    await expect(dialog.getByText('what it holds now is copied')).toBeVisible();
    await dialog.getByRole('button', { name: 'Restore', exact: true }).click();
    await ended();
    expect(await volume()).not.toEqual(before);
    await menu('Copies of its volumes…');
    await expect(copies).toHaveCount(2);
    await copies.first().getByRole('button', { name: 'Remove…' }).click();
    await dialog.getByRole('button', { name: 'Remove it' }).click();
    await expect(copies).toHaveCount(1);
    await page.keyboard.press('Escape');

    await menu('Deploys, and back to one…');
    await expect(dialog.getByTestId('deploy-2')).toContainText('update web');
    await dialog.getByRole('button', { name: 'Back to 1…' }).click();
    await expect(dialog.getByText('Update service')).toBeVisible();
    await dialog.getByLabel('Set replicas to what they were').check();
    await expect(dialog).toContainText('stack rollback --to 1 --reset-scale');
    await dialog.getByRole('button', { name: 'Roll back', exact: true }).click();
    await ended();
    expect(await environment()).toEqual(['VERSION=one']);

    await writeFile(file, text('bad', '[/nowhere]'));
    await deployAgain();
    await dialog.getByRole('button', { name: 'Deploy', exact: true }).click();
    await expect(operation).toHaveAttribute('data-state', 'failed', { timeout: 40_000 });
    await expect(operation).toContainText('/nowhere');
    await operation.getByRole('button', { name: 'Roll back…' }).click();
    await dialog.getByRole('button', { name: 'Roll back', exact: true }).click();
    await expect(operation).toHaveAttribute('data-state', 'done', { timeout: 30_000 });
    expect(await environment()).toEqual(['VERSION=one']);

    await rm(file);
    await menu('Remove…');
    await expect(dialog).toContainText('Volumes stay on the nodes');
    await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
    await expect(dialog).toHaveCount(0);
    await expect(operation.getByText(`Removed ${stack}`)).toBeVisible({ timeout: 30_000 });
    await expect(web).toHaveCount(0);
    expect(await environment()).toBeUndefined();
  } finally {
    await engine.docker.swarmLeave({ force: true });
  }
});
