import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { forTests } from '../support/for-tests.ts';
import { hasSecretService, startSecretService } from '../support/secret-service.ts';
import { provideStandIn } from '../support/stand-ins.ts';
import { inOrder } from '../support/story.ts';
import { startSwarmLab } from '../support/swarm-lab.ts';
import { openAt, type Seat } from './browser-seat.ts';
import { sitDownAt } from './team-support.ts';

/*
 * A team's services by the page alone, on a real engine: set up from nothing, found unchanged, changed, taken down, and back
 * with the same people. What the command does of the same is tried in team-up.long.test.ts.
 */

const minutes = 60_000;
const base = 'claude-env/base';

describe.skipIf(!hasSecretService)('a team’s services, by the page alone', () => {
  inOrder();
  const lab = forTests(
    () => startSwarmLab({ nodes: 1 }),
    (one) => one.down(),
  );
  const keyring = forTests(
    () => startSecretService(),
    (one) => one.stop(),
  );
  const seat = forTests<Seat>(
    async () => {
      const ca = process.env.CLAUDE_ENV_TEST_CA;
      const desk = await sitDownAt(lab().node(1), keyring().environment);
      const build = { baseImage: base, ...(ca === undefined ? {} : { extraCaFile: ca }) };
      await writeFile(join(desk.folder, 'state', 'settings.json'), JSON.stringify({ theme: 'system', build }));
      for (const which of ['postgres', 'redis'] as const)
        await provideStandIn(lab().node(1).docker, which, { base, official: true });
      await desk.get('created', 'team', 'create', 'Falcon');
      return openAt(desk);
    },
    ({ leave }) => leave(),
  );
  const page = (): Page => seat().page;
  const dialog = () => page().getByRole('dialog');
  const button = (name: string) => page().getByRole('button', { name, exact: true });
  const run = (phase: string) => page().locator(`[data-testid="team-run"][data-phase="${phase}"]`);
  const names = async () => {
    const { docker } = lab().node(1);
    const [services, secrets] = await Promise.all([docker.listServices(), docker.listSecrets()]);
    const all = (list: readonly { readonly Spec?: { readonly Name?: string | undefined } | undefined }[]) =>
      list.flatMap(({ Spec }) => (Spec?.Name?.startsWith('claude-team') ? [Spec.Name] : [])).sort();
    return { services: all(services), secrets: all(secrets) };
  };
  const fromMenu = async (entry: string) => {
    await button('More of the team’s services').click();
    await page().getByRole('menuitem', { name: entry }).click();
  };
  /** Until the run has ended; what it failed of is in the failure of the test. */
  const ended = async () => {
    await run('done')
      .or(run('failed'))
      .waitFor({ timeout: 20 * minutes });
    expect(await run('failed').allTextContents()).toEqual([]);
  };

  it(
    'come up after their plan, and whoever set them up is let in',
    async () => {
      await page().getByRole('tab', { name: 'Team services' }).click();
      await button('Set up the team’s services…').click();
      await dialog().getByRole('button', { name: 'Show the plan' }).click();
      await dialog().getByText('password of the database').waitFor();
      expect(await names()).toEqual({ services: [], secrets: [] });
      await dialog().getByRole('button', { name: 'Set up', exact: true }).click();
      await ended();
      const { services, secrets } = await names();
      expect(services).toContain('claude-team_gateway');
      expect(secrets).toHaveLength(6);
      expect(await run('done').textContent()).toContain(`https://${lab().node(1).address}:8443`);
      // By the link that main has made: no word was pasted.
      await page()
        .getByText(/You are .*, operator/)
        .first()
        .waitFor({ timeout: minutes });
      await run('done').getByRole('button', { name: 'Invite a person…' }).click();
      await dialog().getByLabel('Name').fill('Mia');
      await dialog().getByRole('button', { name: 'Make an invite' }).click();
      await dialog().getByText('whoever uses it first is Mia').waitFor();
      await page().keyboard.press('Escape');
      await run('done').getByRole('button', { name: 'Close' }).click();
    },
    25 * minutes,
  );

  it(
    'have nothing to do when they are looked at again, and change by what is chosen',
    async () => {
      await page().getByRole('tab', { name: 'Overview' }).click();
      await fromMenu('Update the services…');
      await dialog().getByText('Nothing to do').waitFor({ timeout: minutes });
      expect(await dialog().getByRole('button', { name: 'Update', exact: true }).isDisabled()).toBe(true);
      await dialog().getByRole('button', { name: 'Options…' }).click();
      await dialog()
        .getByLabel('Git repository of the team’s configuration (optional)')
        .fill('https://git.invalid/x.git');
      await page().keyboard.press('Enter');
      await dialog().getByText('Update service').first().waitFor({ timeout: minutes });
      await dialog().getByRole('button', { name: 'Update', exact: true }).click();
      await ended();
      const [sync] = await lab()
        .node(1)
        .docker.listServices({ filters: { name: ['claude-team_config-sync'] } });
      expect(JSON.stringify(sync?.Spec?.TaskTemplate)).toContain('https://git.invalid/x.git');
      await run('done').getByRole('button', { name: 'Close' }).click();
    },
    6 * minutes,
  );

  it(
    'are taken down after their plan, and come back with the same people',
    async () => {
      await fromMenu('Take the services down…');
      await dialog().getByText('claude-team_postgres-data').waitFor();
      await dialog().getByRole('button', { name: 'Take down', exact: true }).click();
      await page()
        .getByText('Removed claude-team', { exact: true })
        .waitFor({ timeout: 4 * minutes });
      expect(await names()).toEqual({ services: [], secrets: [] });
      await button('Set up the team’s services…').click({ timeout: minutes });
      await dialog().getByRole('button', { name: 'Show the plan' }).click();
      await dialog().getByText('Create service').first().waitFor({ timeout: minutes });
      // Its keys and values are in the keychain still.
      expect(await dialog().getByRole('list', { name: 'What is made' }).count()).toBe(0);
      await dialog().getByRole('button', { name: 'Set up', exact: true }).click();
      await ended();
      await page().getByRole('tab', { name: 'People' }).click();
      await page().getByText('Mia').first().waitFor({ timeout: minutes });
    },
    10 * minutes,
  );
});
