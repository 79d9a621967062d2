import { type Browser, chromium, type Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { chromiumArgs, chromiumPath } from '../support/chromium.ts';
import { forTests } from '../support/for-tests.ts';
import { hasSecretService } from '../support/secret-service.ts';
import { inOrder } from '../support/story.ts';
import { operatorToken } from './controller-support.ts';
import { memberStand } from './member-stand.ts';

/* What a member gets, by the page alone: a real browser on the web host, a real dev container, the team's real services. */

const minutes = 60_000;
const hook = '#!/bin/sh\nexit 0\n';

describe.skipIf(!hasSecretService)('a team’s configuration by the page', () => {
  inOrder();
  const { bench, keyring, local, controller, here, inside, push, invite, configuration } = memberStand();
  const browser = forTests<Browser>(
    () => chromium.launch({ ...(chromiumPath && { executablePath: chromiumPath }), args: [...chromiumArgs] }),
    (one) => one.close(),
  );
  const web = forTests(
    async () => {
      const running = bench().start(['web', '--no-open', '--json'], keyring().environment);
      return { running, said: await running.line((line) => line.startsWith('{')) };
    },
    async ({ running }) => {
      running.child.kill('SIGINT');
      await running.finished;
    },
  );
  const errors: string[] = [];
  const opened = forTests<Page>(
    async () => {
      const page = await browser().newPage();
      page.setDefaultTimeout(60_000);
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
      await page.goto((JSON.parse(web().said) as { url: string }).url);
      return page;
    },
    (page) => page.close(),
  );

  /** How the dev container stands to the team's configuration, as its row says. */
  const stands = (config: string) => {
    const row = opened().getByTestId('member-local');
    return expect.poll(() => row.getAttribute('data-config'), { timeout: 60_000 }).toBe(config);
  };
  const dialog = () => opened().getByRole('dialog');
  const button = (name: string) => opened().getByRole('button', { name, exact: true });
  const synced = async () => {
    await button('Sync now').click();
    const said = opened().locator('[data-testid="config-sync"]:not([data-outcome="going-on"])[data-outcome]');
    await said.waitFor();
    return said.textContent();
  };
  const read = (path: string) => inside('sh', '-c', `cat "$CLAUDE_CONFIG_DIR/${path}"`);
  /** What the team is told of this machine, by another member's eyes. */
  const told = async () => {
    const { body } = await controller().call('GET', '/api/v1/presence', { token: operatorToken });
    return body.people.flatMap((one: { environments: readonly object[] }) => one.environments);
  };
  /** How many in the container wait for changes by hand. */
  const watching = () => inside('sh', '-c', 'pgrep -fc "[c]li.mjs team watch" || true');
  let before = '';
  let first = '';
  let second = '';

  it(
    'is none before one is offered, and joining changes no file',
    async () => {
      const up = await bench().run([...local().up, '--yes'], keyring().environment);
      expect([up.code, up.stderr], up.stdout).toEqual([0, '']);
      await inside(
        'sh',
        '-c',
        'printf "mine\\n" > "$CLAUDE_CONFIG_DIR/CLAUDE.md"; printf \'{"model":"opus"}\' > "$CLAUDE_CONFIG_DIR/settings.json"',
      );
      before = await configuration();
      await button('Team').click();
      await opened().getByRole('tab', { name: 'Team services' }).click();
      await button('Join with an invite…').click();
      await dialog()
        .getByLabel('Invite', { exact: true })
        .fill(await invite());
      await opened().keyboard.press('Enter');
      await dialog().getByRole('button', { name: 'Join Rocket' }).click();
      await dialog().getByText('Mia, member').waitFor();
      await opened().keyboard.press('Escape');
      await opened().getByRole('tab', { name: 'Configuration' }).click();
      await stands('none is offered');
      expect(await configuration()).toBe(before);
    },
    14 * minutes,
  );

  it('is offered as soon as somebody who waits for it has the repository looked at', async () => {
    const settings = JSON.stringify({
      model: 'sonnet',
      hooks: { Stop: [{ hooks: [{ type: 'command', command: 'touch /tmp/x' }] }] },
    });
    const files = { 'CLAUDE.md': 'Be kind.\n', 'hooks/check.sh': hook, 'settings.json': settings };
    first = await push(
      Object.fromEntries(Object.entries(files).map(([path, text]) => [`claude/${path}`, text])),
      'alice',
    );
    expect(await synced()).toContain(`Revision ${first.slice(0, 8)} (Change by alice) is offered to everybody now.`);
    await stands('not applied');
    expect(await configuration()).toBe(before);
  });

  it('shows what it would change and run, and changes nothing when that is left', async () => {
    await button('See what changes…').click();
    await dialog().getByText('This of it runs in your environment').waitFor();
    const text = (await dialog().textContent()) ?? '';
    for (const said of [first.slice(0, 8), 'Be kind.', 'touch /tmp/x', 'hooks/check.sh', 'yours stays: model'])
      expect(text).toContain(said);
    // Enter on what has the focus is no agreement.
    expect(await opened().locator(':focus').textContent()).toBe('Cancel');
    await opened().keyboard.press('Enter');
    await dialog().waitFor({ state: 'hidden' });
    expect(await configuration()).toBe(before);
    await stands('not applied');
  });

  it('is in the container once that is agreed to, and the team is told', async () => {
    await button('See what changes…').click();
    await dialog().getByRole('button', { name: 'Apply it' }).click();
    await dialog().getByRole('heading', { name: 'local has the team’s configuration' }).waitFor();
    expect(await dialog().getByRole('region', { name: 'Written' }).textContent()).toContain('hooks/check.sh');
    await opened().keyboard.press('Escape');
    await stands('current');
    expect(await read('CLAUDE.md')).toMatch(/^mine\n[\s\S]*\nBe kind\.\n/);
    expect(await read('hooks/check.sh')).toBe(hook);
    expect(JSON.parse(await read('settings.json'))).toMatchObject({
      model: 'opus',
      hooks: { Stop: expect.anything() },
    });
    await expect.poll(told).toMatchObject([{ revision: first, drifted: [] }]);
  });

  it('waits for an operator where nobody signed it, and then for this member', async () => {
    second = await push({ 'claude/commands/go.md': 'Go: !`git status`\n' }, null);
    expect(await synced()).toContain(`Revision ${second.slice(0, 8)} (Change by null) waits for approval.`);
    await opened()
      .getByTestId(`revision-${second.slice(0, 8)}`)
      .waitFor();
    expect(await opened().getByRole('button', { name: 'Approve…' }).count()).toBe(0);
    const approve = `/api/v1/config/revisions/${second}/approve`;
    expect((await controller().call('POST', approve, { token: operatorToken })).status).toBe(200);
    await stands('behind');
    await button('See what changes…').click();
    await dialog().getByText('git status', { exact: true }).waitFor();
    expect(await dialog().textContent()).toContain('2 files the same as now');
    await dialog().getByRole('button', { name: 'Apply it' }).click();
    await dialog().getByRole('heading', { name: 'local has the team’s configuration' }).waitFor();
    await opened().keyboard.press('Escape');
    await stands('current');
    expect(await read('commands/go.md')).toBe('Go: !`git status`\n');
  });

  it('is seen to be changed by hand, here and by the team, without anybody looking', async () => {
    await inside('sh', '-c', 'echo "exit 1" >> "$CLAUDE_CONFIG_DIR/hooks/check.sh"');
    expect(await watching()).toBe('1\n');
    await stands('changed here');
    await expect.poll(told).toMatchObject([{ revision: second, drifted: ['hooks/check.sh'] }]);
  });

  it('is undone, and what was changed since stays and is named', async () => {
    await button('Undo…').click();
    await dialog().getByRole('button', { name: 'Undo it' }).click();
    await dialog().getByRole('heading', { name: 'local is as it was before' }).waitFor();
    expect(await dialog().textContent()).toMatch(/Left as you have it.*hooks\/check\.sh/);
    await opened().keyboard.press('Escape');
    await stands('not applied');
    expect(await read('hooks/check.sh')).toBe(`${hook}exit 1\n`);
    await inside('sh', '-c', 'rm -r "$CLAUDE_CONFIG_DIR/hooks"');
    expect(await configuration()).toBe(before);
    await expect.poll(watching).toBe('0\n');
  });

  it(
    'is not applied again by itself, also not to a new container',
    async () => {
      const up = await here('up', '--yes', '--force-recreate', 'claude-env');
      expect(up.code, up.stderr).toBe(0);
      await stands('not applied');
      expect(await configuration()).toBe(before);
      expect(errors).toEqual([]);
    },
    5 * minutes,
  );
});
