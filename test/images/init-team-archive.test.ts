import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import tar from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { apply } from '../../resources/images/devcontainer/init/team/actions.mjs';
import { readArchive } from '../../resources/images/devcontainer/init/team/archive.mjs';
import { listCarried } from '../../resources/images/devcontainer/init/team/commands.mjs';
import { createStore } from '../../resources/images/devcontainer/init/team/store.mjs';

type Entry = readonly [headers: Partial<tar.Headers> & { readonly name: string }, data?: string | Buffer];

const toBytes = async (...entries: readonly Entry[]): Promise<Buffer> => {
  const pack = tar.pack();
  for (const [headers, data = ''] of entries) pack.entry(headers, data);
  pack.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of pack) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};
const read = async (...entries: readonly Entry[]) => readArchive(gzipSync(await toBytes(...entries)));
const file = (name: string, data: string | Buffer = 'x'): Entry => [{ name }, data];

describe('the archive of a revision', () => {
  it('gives what belongs to Claude Code’s configuration, and says what else there is', async () => {
    const { files, ignored } = await read(
      [{ name: './claude/', type: 'directory' }],
      file('./claude/CLAUDE.md', 'team'),
      [{ name: 'claude/hooks/check.sh', mode: 0o755 }, '#!/bin/sh'],
      file('claude/skills/a/SKILL.md'),
      file('claude/.credentials.json'),
      file('README.md'),
    );
    expect([...files].map(([path, { data, executable }]) => [path, data.toString(), executable])).toEqual([
      ['CLAUDE.md', 'team', false],
      ['hooks/check.sh', '#!/bin/sh', true],
      ['skills/a/SKILL.md', 'x', false],
    ]);
    expect(ignored).toEqual(['claude/.credentials.json', 'README.md']);
  });

  it.each<[string, readonly Entry[]]>([
    ['a link', [[{ name: 'claude/commands/x.md', type: 'symlink', linkname: '/etc/passwd' }]]],
    ['a hard link', [[{ name: 'claude/commands/x.md', type: 'link', linkname: 'claude/CLAUDE.md' }]]],
    ['a device', [[{ name: 'claude/hooks/x', type: 'character-device' }]]],
    ['a pipe', [[{ name: 'claude/hooks/x', type: 'fifo' }]]],
    ['an absolute path', [file('/etc/cron.d/x')]],
    ['a way out', [file('claude/commands/../../../.bashrc')]],
    ['a way out that is not even ours', [file('other/../../x')]],
    ['a dot', [file('claude/./commands/x.md')]],
    ['a backslash', [file('claude\\commands\\x.md')]],
    ['an invisible name', [file('claude/commands/x\u202e.md')]],
    ['one name for two files', [file('claude/CLAUDE.md'), file('claude/CLAUDE.md')]],
    ['two names for one file on macOS', [file('claude/commands/a.md'), file('claude/commands/A.md')]],
    ['a file that is a folder', [file('claude/commands/a'), file('claude/commands/a/b.md')]],
    ['a large file', [file('claude/commands/x.md', Buffer.alloc(5 * 2 ** 20 + 1))]],
    ['many', Array.from({ length: 10_001 }, (_, index) => file(`claude/commands/${index}.md`, ''))],
  ])('with %s is refused as a whole', async (_what, entries) => {
    await expect(read(file('claude/CLAUDE.md.ok'), ...entries)).rejects.toThrow(/.+/);
  });

  it('is refused when it unpacks to more than a configuration may be, before that is in memory', async () => {
    const bomb = gzipSync(Buffer.alloc(400 * 2 ** 20));
    expect(bomb.length).toBeLessThan(2 ** 20);
    await expect(readArchive(bomb)).rejects.toThrow(/refused|read|more/);
    const large = Array.from({ length: 12 }, (_, index) => file(`claude/skills/${index}`, Buffer.alloc(5 * 2 ** 20)));
    await expect(read(...large)).rejects.toThrow(/larger than a configuration/);
  });

  it('is refused when it is cut off, or no archive', async () => {
    const whole = gzipSync(await toBytes(file('claude/CLAUDE.md', 'x'.repeat(5000))));
    await expect(readArchive(whole.subarray(0, whole.length - 20))).rejects.toThrow(/cannot be read/);
    await expect(readArchive(Buffer.from('no'))).rejects.toThrow(/cannot be read/);
  });

  it('has a digest of what is taken, whatever is beside it and in which order it came', async () => {
    const [one, two] = [file('claude/CLAUDE.md', 'a'), file('claude/commands/b.md', 'b')];
    const { digest } = await read(one, two);
    expect((await read(two, file('README.md'), one)).digest).toBe(digest);
    const others = [
      read(one),
      read(one, file('claude/commands/b.md', 'c')),
      read(one, [{ name: 'claude/commands/b.md', mode: 0o755 }, 'b']),
      read(one, file('claude/commands/c.md', 'b')),
    ];
    for (const other of await Promise.all(others)) expect(other.digest).not.toBe(digest);
  });

  it('is not applied when it is another than the one that was agreed to, under the same commit', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'claude-env-team-'));
    const serves = (bytes: Buffer) => ({
      delivery: { team: 'acme', addresses: ['10.0.0.1:8443'], ca: '', token: '' },
      link: {
        servers: async () => ({ address: '', servers: [] }),
        offered: async () => null,
        archive: async () => bytes,
        close: () => undefined,
      },
      store: createStore(folder),
      folder,
    });
    const good = gzipSync(await toBytes(file('claude/CLAUDE.md', 'kind')));
    const evil = gzipSync(await toBytes(file('claude/CLAUDE.md', 'evil')));
    const { digest } = await readArchive(good);
    await expect(apply(serves(evil), 'a'.repeat(40), digest)).rejects.toMatchObject({ code: 'changed' });
    expect(readdirSync(folder)).toEqual([]);
    expect(await apply(serves(good), 'a'.repeat(40), digest)).toMatchObject({ written: ['CLAUDE.md'] });
    rmSync(folder, { recursive: true });
  });
});

describe('what a revision brings to run', () => {
  const settings = {
    hooks: {
      PostToolUse: [{ matcher: 'Edit', hooks: [{ type: 'command', command: 'make lint' }] }],
      NewerEvent: [{ hooks: [{ type: 'http', url: 'https://x.example' }] }],
    },
    statusLine: { type: 'command', command: 'date' },
    apiKeyHelper: '/bin/key',
    env: { NODE_OPTIONS: '--require /x' },
    permissions: { allow: ['Bash(*)'] },
    enableAllProjectMcpServers: true,
    model: 'opus',
  };
  it('names each command and each thing that Claude may then do, and no more', () => {
    expect(listCarried(new Map(), settings).map(({ what, command }) => `${what}: ${command}`)).toEqual([
      'hook PostToolUse: make lint',
      'hook NewerEvent: https://x.example',
      'statusLine.command: date',
      'apiKeyHelper: /bin/key',
      'sets: env.NODE_OPTIONS = "--require /x"',
      'sets: permissions.allow = "Bash(*)"',
      'sets: enableAllProjectMcpServers = true',
    ]);
  });

  it('finds programs, and what commands, skills and agents run', () => {
    const text = (data: string, executable = false) => ({ data: Buffer.from(data), executable });
    const files = new Map([
      ['hooks/check.sh', text('#!/bin/sh\n')],
      ['skills/x/run', text('bin', true)],
      ['commands/a.md', text('---\nallowed-tools: Bash(git:*)\n---\nstate: !`git status`\n```!\nmake\n```\n')],
      ['agents/b.md', text('---\nhooks:\n  Stop:\n    - hooks:\n        - command: "./x"\n---\nquiet\n')],
      ['commands/quiet.md', text('say `ls` and command: nothing')],
    ]);
    expect(listCarried(files, null).map(({ file, command }) => `${file}: ${command}`)).toEqual([
      'hooks/check.sh: hooks/check.sh',
      'skills/x/run: skills/x/run',
      'commands/a.md: allowed-tools = Bash(git:*)',
      'commands/a.md: git status',
      'commands/a.md: make',
      'agents/b.md: "./x"',
    ]);
  });
});
