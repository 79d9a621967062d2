import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inOrder } from '../support/story.ts';
import { type SwarmLab, startSwarmLab } from '../support/swarm-lab.ts';
import { openAt, type Seat } from './browser-seat.ts';
import { sitDownAt } from './team-support.ts';

/*
 * The same life of a team on three machines as in team.test.ts, by the page alone: each person has a browser on his own
 * machine, and nothing in common but the string that is read off one page and pasted into the others.
 */

let lab: SwarmLab;
let seats: readonly Seat[] = [];
let invite = '';
const at = (number: number): Page => {
  const seat = seats[number - 1];
  if (seat === undefined) throw new Error(`Nobody sits at machine ${number}.`);
  return seat.page;
};

beforeAll(async () => {
  lab = await startSwarmLab({ nodes: 3 });
  const desks = await Promise.all(lab.nodes.map((node) => sitDownAt(node)));
  // The third has a login on a manager, by which labels are carried over when it moves; the second has the string alone.
  await desks[2]?.addContext('falcon', `unix://${lab.node(1).socket}`);
  seats = await Promise.all(desks.map(openAt));
});
afterAll(async () => {
  await Promise.all(seats.map(({ leave }) => leave()));
  await lab?.down();
});

/** Enough for the page's own 10 s between whole looks, on a busy machine. */
const soon = { timeout: 30_000 };

describe('a team by the page alone', () => {
  inOrder();

  it('is made, and gives one string', async () => {
    const page = at(1);
    const dialog = page.getByRole('dialog');
    await page.getByRole('button', { name: 'Create a team…' }).click();
    await dialog.getByLabel('Name').fill('Falcon');
    await dialog.getByRole('radio', { name: lab.node(1).address }).check();
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await dialog.getByText('This engine is its first manager').waitFor();
    await dialog.getByRole('button', { name: 'Invite…' }).click();
    await dialog.getByLabel('How the team is seen from there (optional)').fill('context:falcon');
    await dialog.getByRole('button', { name: 'Make an invite' }).click();
    invite = await dialog.getByTestId('invite').inputValue();
    await dialog.getByRole('button', { name: 'QR code' }).click();
    expect(await dialog.getByRole('img', { name: 'The invite as a QR code' }).isVisible()).toBe(true);
    await page.keyboard.press('Escape');
  });

  it.each([2, 3])('is joined by machine %i with the string alone', async (number) => {
    const page = at(number);
    const dialog = page.getByRole('dialog');
    await page.getByRole('button', { name: 'Join with an invite…' }).click();
    await dialog.getByLabel('Invite', { exact: true }).fill(invite);
    await page.keyboard.press('Enter');
    await dialog.getByRole('radio', { name: lab.node(number).address }).check();
    await dialog.getByRole('button', { name: 'Join Falcon' }).click();
    await dialog.getByRole('heading', { name: 'This engine is in Falcon' }).waitFor({ timeout: 60_000 });
    expect(await dialog.getByTestId('overlay').getAttribute('data-verdict')).toBe('both');
    await page.keyboard.press('Escape');
  });

  it('lists its three machines', async () => {
    for (const name of ['n1', 'n2', 'n3'])
      await at(1).locator(`[data-testid="node-${name}"][data-state="ready"]`).waitFor(soon);
  });

  it('gets a stack of three services, healthy on all machines, with its tasks and what they write', async () => {
    const page = at(1);
    const dialog = page.getByRole('dialog');
    const service = (name: string, more: string) => `  ${name}:
    image: claude-env/base
    command: [sh, -c, 'echo ${name} on $$(hostname); exec sleep infinity']
    init: true
    stop_grace_period: 1s
    deploy: {${more}endpoint_mode: dnsrr, update_config: {monitor: 1s}}
`;
    const file = join(seats[0]?.desk.folder ?? '', 'stack.yaml');
    const three = [service('api', 'replicas: 2, '), service('agent', 'mode: global, '), service('db', '')].join('');
    await writeFile(file, `services:\n${three}`);
    await page.getByRole('button', { name: 'Deploy a stack…' }).first().click();
    await dialog.getByLabel('Files').fill(file);
    await dialog.getByLabel('Stack name').fill('shop');
    await dialog.getByRole('button', { name: 'Show the plan' }).click();
    await dialog.getByRole('button', { name: 'Deploy', exact: true }).click();
    await page.locator('[data-testid="operation"][data-state="done"]').waitFor({ timeout: 60_000 });
    for (const [name, running] of Object.entries({ api: 2, agent: 3, db: 1 })) {
      const row = page.locator(`[data-testid="swarm-shop_${name}"][data-aggregate="healthy"]`);
      await row.waitFor(soon);
      expect(await row.getAttribute('data-running')).toBe(String(running));
    }
    await page.getByTestId('swarm-shop_agent').getByRole('button').click();
    const tasks = page.getByRole('table', { name: 'Tasks of shop_agent' }).getByTestId('task');
    expect((await tasks.allTextContents()).map((text) => /n\d/.exec(text)?.[0]).sort()).toEqual(['n1', 'n2', 'n3']);
    await page.getByRole('button', { name: 'Logs' }).click();
    const lines = page.getByRole('region', { name: 'Log lines' });
    for (const name of ['n1', 'n2', 'n3']) await lines.getByText(`agent.${name}@${name}`).first().waitFor(soon);
    await page.keyboard.press('Escape');
    await page.getByTestId('swarm-shop_db').waitFor(soon);
  });

  it('is told at once on the page of a machine that has moved, which rejoins with one press', async () => {
    const page = at(3);
    const address = `${lab.subnet}.203`;
    const began = Date.now();
    await lab.node(3).move(address);
    await page.getByText(`now ${address}`).waitFor({ timeout: 10_000 });
    expect(Date.now() - began).toBeLessThan(10_000);
    await page.getByRole('button', { name: 'Rejoin', exact: true }).click();
    await page.getByRole('heading', { name: 'This machine is in Falcon again' }).waitFor({ timeout: 60_000 });
    expect(await page.getByRole('dialog').textContent()).toContain('as before');
    await page.getByTestId('moved').waitFor({ state: 'detached', timeout: 30_000 });
    // One machine, by its new address, with its label: not two.
    await at(1).getByText(address).waitFor({ timeout: 60_000 });
    expect(await at(1).getByTestId('node-n3').textContent()).toContain('laptop');
    expect(await at(1).locator('[data-testid^="node-"]').count()).toBe(3);
  });
});
