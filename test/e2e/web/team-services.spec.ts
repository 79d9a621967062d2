import { createHash, randomBytes } from 'node:crypto';
import { encodeInvite } from '../../../main/core/swarm/invite.ts';
import { certificates } from '../../../main/platform/certificates.ts';
import { startGateway } from '../../support/gateway-stand.ts';
import { startTeamDatabases } from '../../support/team-databases.ts';
import {
  addPerson,
  type Controller,
  operatorToken,
  serviceKey,
  startController,
} from '../../team/controller-support.ts';
import { expect, test } from './fixture.ts';
import { withKeyring } from './keyring.ts';

/* The page on a team's services: the real controller, gateway and databases, over TLS under the team's own authority. */

test.describe.configure({ timeout: 240_000 });
withKeyring();

const day = 86_400_000;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** What lets somebody in: the code of the controller's, in the word that the page takes. */
async function inviteOf(controller: Controller, place: { readonly address: string; readonly ca: string }) {
  const body = { name: 'Paula', role: 'operator' };
  const { body: made } = await controller.call('POST', '/api/v1/invites', { token: operatorToken, body });
  const services = { addresses: [place.address], ca: place.ca, code: made.code };
  const expires = Math.floor(Date.now() / 1000) + 3600;
  return encodeInvite({ id: randomBytes(4).toString('hex'), team: 'Rocket', expires, services }, sha256);
}

test('a person joins by invite, sees the team as it changes, lets people in and out, and leaves', async ({
  app,
  bench,
}) => {
  const { page } = app;
  const dialog = page.getByRole('dialog');
  const databases = await startTeamDatabases(bench.engine);
  const controller = await startController(databases);
  for (const wanted of ['ready', 'redis answers']) await controller.line(({ message }) => message === wanted);
  const span = { from: Date.now() - day, until: Date.now() + day };
  const authority = await certificates.makeAuthority({ name: 'Rocket', hosts: ['team.claude-env.internal'], ...span });
  const own = await certificates.issue(authority, { hosts: ['127.0.0.1', 'team.claude-env.internal'], ...span });
  const gateway = await startGateway(
    {
      GATEWAY_SERVERS: 'context7=127.0.0.1:9',
      GATEWAY_CONTROLLER_API: `127.0.0.1:${controller.ports.http}`,
      GATEWAY_CONTROLLER_LIVE: `127.0.0.1:${controller.ports.ws}`,
      GATEWAY_CONTROLLER_INTERNAL: `127.0.0.1:${controller.ports.internal}`,
      GATEWAY_CA_FILE: await bench.file('team/ca.pem', authority.certificate),
    },
    { 'service-key': serviceKey, 'tls-cert': own.certificate, 'tls-key': own.key },
  );
  try {
    const address = `127.0.0.1:${gateway.ports.https}`;
    const word = await inviteOf(controller, { address, ca: certificates.fingerprint(authority.certificate) });
    await page.getByRole('button', { name: 'Team', exact: true }).click();
    await page.getByRole('tab', { name: 'Team services' }).click();
    await page.getByRole('button', { name: 'Join with an invite…' }).click();
    await dialog.getByLabel('Invite', { exact: true }).fill(word);
    await page.keyboard.press('Enter');
    await expect(dialog).toContainText('This machine does not join the Swarm');
    await expect(dialog).toContainText('show the certificate that the invite names');
    await dialog.getByRole('button', { name: 'Join Rocket' }).click();
    await expect(dialog).toContainText('Paula, operator');
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('team')).toHaveAttribute('data-link', 'open');
    expect(await page.content()).not.toContain(word);
    // What nobody has told is no number.
    await expect(page.getByTestId('panel-mcp')).toHaveAttribute('data-known', 'false');
    // The controller has looked since it is there, and says since when.
    await expect(page.getByTestId('trend-environments')).toHaveText(/^since \d\d:\d\d: 0 throughout$/);
    await expect(page.getByTestId('trend-mcp')).toHaveText(/^nothing known, since \d\d:\d\d$/);

    // Who comes by a proposal waits until it is approved; all of it is seen without asking.
    const mia = await addPerson(controller, 'member', 'Mia');
    await page.getByRole('tab', { name: 'People' }).click();
    await expect(page.getByTestId('person-Mia')).toBeVisible();
    await expect(page.getByTestId('person-Paula')).toContainText('you');
    const proposal = { name: 'Gil', role: 'guest' };
    const proposed = await controller.call('POST', '/api/v1/invites', { token: mia.token, body: proposal });
    const gil = page.getByTestId('invite-Gil');
    await expect(gil).toHaveAttribute('data-state', 'pending');
    const join = () => controller.call('POST', '/api/v1/join', { body: { code: proposed.body.code } });
    expect((await join()).status).toBe(409);
    await page.getByRole('button', { name: 'The invite for Gil' }).click();
    await page.getByRole('menuitem', { name: 'Approve…' }).click();
    await dialog.getByRole('button', { name: 'Approve' }).click();
    await expect(gil).toHaveAttribute('data-state', 'open');
    expect((await join()).status).toBe(201);
    await expect(gil).toHaveCount(0);
    await expect(page.getByTestId('person-Gil')).toContainText('guest');

    // An invite is shown once.
    await page.getByRole('button', { name: 'Invite a person…' }).click();
    await page.keyboard.type('Hana');
    await page.keyboard.press('Enter');
    const made = await dialog.getByTestId('invite').inputValue();
    expect(made).toMatch(/^claude-env-team-2-/);
    await page.keyboard.press('Escape');
    expect(await page.content()).not.toContain(made);
    await expect(page.getByTestId('invite-Hana')).toHaveAttribute('data-state', 'open');

    // Somebody else's incident, and who is on it.
    const trouble = { title: 'Playwright answers with 504' };
    await controller.call('POST', '/api/v1/incidents', { token: mia.token, body: trouble });
    await page.getByRole('tab', { name: 'Incidents (1)' }).click();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByLabel('Note').fill('The replica is gone');
    await page.getByRole('button', { name: 'I am on it' }).click();
    const row = page.getByTestId(`incident-${trouble.title}`);
    await expect(row).toContainText('Paula is on it');
    const { body: seen } = await controller.call('GET', '/api/v1/incidents', { token: mia.token });
    expect(seen.incidents).toMatchObject([{ owner: { name: 'Paula' }, notes: [{ text: 'The replica is gone' }] }]);
    await page.getByRole('button', { name: 'Resolve' }).click();
    await expect(row).toHaveAttribute('data-state', 'resolved');

    // Out of the team, after what it means: the token is worth nothing then.
    await page.getByRole('tab', { name: 'People' }).click();
    await page.getByRole('button', { name: 'Change Mia' }).click();
    await page.getByRole('menuitem', { name: 'Remove…' }).click();
    await dialog.getByRole('button', { name: 'Remove Mia' }).click();
    await expect(dialog).toContainText('Mia is out of the team');
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('person-Mia')).toHaveCount(0);
    expect((await controller.call('GET', '/api/v1/me', { token: mia.token })).status).toBe(401);

    await page.getByRole('button', { name: 'More of the team’s services' }).click();
    await page.getByRole('menuitem', { name: 'Leave…' }).click();
    await dialog.getByRole('button', { name: 'Leave', exact: true }).click();
    await expect(page.getByTestId('team')).toHaveAttribute('data-link', 'none');
  } finally {
    await gateway.stop();
    await controller.stop();
  }
});
