import { expect, smallService, test, upProject } from './fixture.ts';

/** Somebody else restarts the container: its secret, which was in memory, is gone; the page says so and brings it again. */
test('a secret that is gone from memory is said, and comes again with one click', async ({ app: { page }, bench }) => {
  const name = bench.engine.uniqueName('memory');
  await bench.file(`${name}/.env`, 'TOKEN=from-the-environment\n');
  const file = await bench.file(
    `${name}/compose.yaml`,
    `name: ${name}
services:
${smallService(bench, 'web')}    secrets: [token]
secrets:
  token: {environment: TOKEN, x-claude-env: {keychain: NOT_IN_THE_KEYCHAIN}}
`,
  );
  const up = await bench.run(['-f', file, 'up', '--wait']);
  expect(up.stderr + up.stdout).not.toContain('from-the-environment');
  expect(up.code).toBe(0);
  const container = bench.engine.docker.getContainer(`${name}-web-1`);
  await page.getByTestId(`stack-${name}`).click();
  const row = page.getByTestId('service-web');
  await expect(row).toHaveAttribute('data-aggregate', 'healthy');

  await container.restart({ t: 0 });
  await expect(row).toHaveAttribute('data-aggregate', 'degraded');
  await expect(row).toContainText('Secret token is missing');
  await row.click();
  await page.getByRole('button', { name: 'Start again' }).click();
  await expect(page.getByTestId('operation')).toHaveAttribute('data-state', 'done', { timeout: 60_000 });
  await expect(row).toHaveAttribute('data-aggregate', 'healthy');
  await expect(page.getByRole('button', { name: 'Start again' })).toHaveCount(0);
});

test('a password that its image would read from a file is advised on the page of its service', async ({
  app: { page },
  bench,
}) => {
  const { docker, base, uniqueName } = bench.engine;
  // Nobody has an image of this tag.
  const tag = uniqueName('advice');
  await docker.getImage(base).tag({ repo: 'minio/minio', tag });
  try {
    const { name } = await upProject(
      bench,
      'advice',
      `  store:
    image: minio/minio:${tag}
    command: [sleep, infinity]
    init: true
    environment: {MINIO_ROOT_PASSWORD: hunter2}
`,
    );
    await page.getByTestId(`stack-${name}`).click();
    await page.getByTestId('service-store').click();
    const advice = page.getByTestId('file-advice');
    await expect(advice).toContainText('MINIO_ROOT_PASSWORD_FILE');
    await expect(advice).not.toContainText('hunter2');
  } finally {
    await docker.getImage(`minio/minio:${tag}`).remove({ force: true });
  }
});
