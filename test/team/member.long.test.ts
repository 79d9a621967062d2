import { describe, expect, it } from 'vitest';
import { hasSecretService } from '../support/secret-service.ts';
import { inOrder } from '../support/story.ts';
import { memberStand } from './member-stand.ts';

/* What a member gets, in a terminal. */

const minutes = 60_000;
const hook = '#!/bin/sh\nexit 0\n';

describe.skipIf(!hasSecretService)('a member of a team', () => {
  inOrder();
  const { bench, keyring, local, here, inside, offer, invite, configuration } = memberStand();
  const connected = async () =>
    [...(await inside('claude', 'mcp', 'list')).matchAll(/^(\S+): (\S+) .*✔ Connected$/gm)]
      .map(([, name]) => name)
      .sort();
  const servers = async () =>
    (JSON.parse(await inside('sh', '-c', 'cat "$CLAUDE_CONFIG_DIR/.claude.json"')) as { mcpServers: object })
      .mcpServers;
  const all = ['context7', 'playwright', 'sequential', 'team-context7', 'team-sequential'];
  let before: { configuration: string; servers: object };

  it(
    'has a dev container that works without any',
    async () => {
      const up = await bench().run([...local().up, '--yes'], keyring().environment);
      expect([up.code, up.stderr], up.stdout).toEqual([0, '']);
      expect(await here('team', 'config')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('No dev container'),
      });
      await inside(
        'sh',
        '-c',
        'printf "mine\\n" > "$CLAUDE_CONFIG_DIR/CLAUDE.md"; printf \'{"model":"opus"}\' > "$CLAUDE_CONFIG_DIR/settings.json"',
      );
      before = { configuration: await configuration(), servers: await servers() };
    },
    14 * minutes,
  );

  it(
    'is connected to the team’s servers within 90 s of pasting the invite',
    async () => {
      await offer({ 'claude/CLAUDE.md': 'Be kind.\n', 'claude/hooks/check.sh': hook });
      const word = await invite();
      const began = Date.now();
      const joined = await here('team', 'join', word, '--yes');
      expect([joined.code, joined.stderr], joined.stdout).toEqual([0, '']);
      expect(await connected()).toEqual(all);
      expect(Date.now() - began).toBeLessThan(90_000);
      // Nothing is applied that nobody agreed to.
      expect(await configuration()).toBe(before.configuration);
    },
    3 * minutes,
  );

  it('has the token in memory alone', async () => {
    const token = (await inside('cat', '/run/claude-env-team/token')).trim();
    expect(token).toMatch(/^cet_/);
    const { docker } = bench().engine;
    const [container] = await docker.listContainers({ filters: { label: ['io.claude-env.role=devcontainer'] } });
    expect(JSON.stringify(await docker.getContainer(container?.Id ?? '').inspect())).not.toContain(token);
    const found = await inside(
      'sh',
      '-c',
      `grep -rIl --exclude-dir=proc --exclude-dir=sys -e ${token.slice(0, 20)} /home /run /tmp /var /etc /workspaces 2>/dev/null`,
    );
    expect(found.trim().split('\n')).toEqual(['/run/claude-env-team/token']);
    expect(await inside('sh', '-c', 'tr "\\0" "\\n" < /proc/1/environ; env')).not.toContain('cet_');
  });

  it('sees what a revision would change and run, and gets exactly that', async () => {
    const settings = JSON.stringify({
      model: 'sonnet',
      hooks: { Stop: [{ hooks: [{ type: 'command', command: 'touch /tmp/x' }] }] },
    });
    const sha = await offer({ 'claude/settings.json': settings, 'claude/commands/go.md': 'Go: !`git status`\n' });
    const diff = await here('team', 'config', 'diff');
    expect(diff.code, diff.stderr).toBe(0);
    for (const said of [
      '+Be kind.',
      'hook Stop: touch /tmp/x',
      'git status',
      'hooks/check.sh, a program',
      'yours stays: model',
      sha,
    ])
      expect(diff.stdout).toContain(said);
    const applied = await here('team', 'config', 'apply', sha.slice(0, 8), '--yes');
    expect([applied.code, applied.stderr]).toEqual([0, '']);
    expect(JSON.parse(await inside('sh', '-c', 'cat "$CLAUDE_CONFIG_DIR/settings.json"'))).toEqual({
      ...JSON.parse(settings),
      model: 'opus',
    });
    expect(await inside('sh', '-c', 'cat "$CLAUDE_CONFIG_DIR/CLAUDE.md"')).toMatch(/^mine\n[\s\S]*\nBe kind\.\n/);
    expect(await inside('claude-env', 'team', 'state', '--json')).toContain(sha);
  });

  it(
    'has the same in a new container, and in a new volume, without being asked again',
    async () => {
      const up = await here('up', '--yes', '--force-recreate');
      expect(up.code, up.stderr).toBe(0);
      expect(await connected()).toEqual(all);
      const applied = await configuration();
      expect(applied).toContain('commands/go.md');
      await here('down', '--volumes', '--yes');
      expect((await here('up', '--yes')).code).toBe(0);
      expect(await connected()).toEqual(all);
      expect(await configuration()).toContain('commands/go.md');
      await inside('sh', '-c', 'claude-env team undo');
      await inside(
        'sh',
        '-c',
        'printf "mine\\n" > "$CLAUDE_CONFIG_DIR/CLAUDE.md"; printf \'{"model":"opus"}\' > "$CLAUDE_CONFIG_DIR/settings.json"',
      );
      expect((await here('team', 'config', 'apply', '--yes')).code).toBe(0);
      expect(await configuration()).toBe(applied);
    },
    5 * minutes,
  );

  it('comes whole through a kill in the midst of applying', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 400 }, (_, index) => [`claude/skills/s${index}/SKILL.md`, `${index}`]),
    );
    const sha = await offer(files);
    const journal = '"$CLAUDE_CONFIG_DIR/claude-env/team/journal.json"';
    // Killed as soon as it has begun.
    await inside(
      'sh',
      '-c',
      `claude-env team apply ${sha} & while [ ! -e ${journal} ]; do :; done; pkill -9 -f 'cli.mjs team apply'; wait`,
    );
    expect(await inside('sh', '-c', `ls ${journal}`)).toContain('journal.json');
    await inside('claude', '--version');
    const count = await inside('sh', '-c', 'ls "$CLAUDE_CONFIG_DIR"/skills/*/SKILL.md | wc -l');
    expect(count.trim()).toBe('400');
    expect(await inside('claude-env', 'team', 'state', '--json')).toBe(
      `{"result":{"applied":"${sha}","drifted":[]}}\n`,
    );
  });

  it('leaves with everything as it was', async () => {
    const left = await here('team', 'leave', '--yes');
    expect([left.code, left.stderr], left.stdout).toEqual([0, '']);
    expect({ configuration: await configuration(), servers: await servers() }).toEqual(before);
    expect(await inside('ls', '-A', '/run/claude-env-team')).toBe('');
    expect(await connected()).toEqual(all.filter((name) => !name.startsWith('team-')));
  });
});
