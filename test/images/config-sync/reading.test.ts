import { describe, expect, it } from 'vitest';
import { createBatchReader } from '../../../resources/images/config-sync/src/batch-reader.mjs';
import {
  parseCommit,
  parseSignature,
  parseSizes,
  parseTreeRecord,
} from '../../../resources/images/config-sync/src/commits.mjs';
import { toGitArgs, toGitEnvironment, toSshCommand } from '../../../resources/images/config-sync/src/git-command.mjs';
import { toProblem } from '../../../resources/images/config-sync/src/git-failure.mjs';
import { parseRemote, withoutCredentials } from '../../../resources/images/config-sync/src/remote-url.mjs';
import { parseSettings } from '../../../resources/images/config-sync/src/settings.mjs';

const sha = 'a'.repeat(40);

describe('what git prints', () => {
  it('gives a commit, its signature’s lines apart', () => {
    const text = [
      'tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904',
      'author Ada <ada@example.com> 1700000000 +0100',
      'committer Bob <bob@example.com> 1700000060 +0000',
      'gpgsig -----BEGIN SSH SIGNATURE-----',
      ' author Eve <eve@example.com> 1 +0000',
      ' -----END SSH SIGNATURE-----',
      '',
      'Add \u202ea hook\u0007',
      '',
      'committer Eve <eve@example.com> 5 +0000',
    ].join('\n');
    expect(parseCommit(sha, text)).toEqual({
      sha,
      tree: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
      author: 'Ada',
      subject: 'Add a hook',
      date: '2023-11-14T22:14:20.000Z',
      signed: true,
    });
  });

  it('gives something for a commit of any form', () => {
    expect(parseCommit(sha, '')).toMatchObject({ tree: '', author: '', subject: '', signed: false });
    expect(parseCommit(sha, 'committer x <y> 999999999999 +0000\n\n').date).toBe('+033658-09-27T01:46:39.000Z');
    expect(parseCommit(sha, `tree x\n\n${'long '.repeat(500)}`).subject).toHaveLength(200);
    // A message cannot claim a signature.
    expect(parseCommit(sha, 'tree x\n\ngpgsig -----BEGIN SSH SIGNATURE-----').signed).toBe(false);
  });

  it.each([
    ['G\nalice@example.com\n', { state: 'good', signer: 'alice@example.com' }],
    ['G\n\n', { state: 'unknown-signer', signer: null }],
    ['U\n\n', { state: 'unknown-signer', signer: null }],
    ['E\nalice@example.com\n', { state: 'unknown-signer', signer: null }],
    ['N\n\n', { state: 'none', signer: null }],
    ['B\nalice@example.com\n', { state: 'bad', signer: null }],
    ['X\nalice@example.com\n', { state: 'bad', signer: null }],
    ['R\nalice@example.com\n', { state: 'bad', signer: null }],
    ['', { state: 'bad', signer: null }],
  ])('gives a signature: %j', (text, signature) => {
    expect(parseSignature(text)).toEqual(signature);
  });

  it('gives entries and sizes; what is missing has none', () => {
    expect(parseTreeRecord(`100644 blob ${sha}\tclaude/a\tb\nc`)).toEqual({
      mode: '100644',
      oid: sha,
      path: 'claude/a\tb\nc',
    });
    expect(parseTreeRecord('nonsense')).toBeNull();
    expect([...parseSizes(`${sha} 12\n${'b'.repeat(40)} missing\n`)]).toEqual([
      [sha, 12],
      ['b'.repeat(40), null],
    ]);
  });

  it.each([1, 2, 7, 1000])('gives objects, however it arrives: %i bytes at a time', (step) => {
    const text = Buffer.from(`${sha} blob 5\na\nb\nc\nb missing\nc blob 0\n\nd commit 3\nxyz\n`);
    const seen: (readonly [string, string | undefined])[] = [];
    const read = createBatchReader((oid, content) => seen.push([oid, content?.toString()]));
    for (let at = 0; at < text.length; at += step) read(text.subarray(at, at + step));
    expect(seen).toEqual([
      [sha, 'a\nb\nc'],
      ['b', undefined],
      ['c', ''],
      ['d', 'xyz'],
    ]);
  });
});

describe('how git is called', () => {
  const place = {
    fetchFolder: '/data/git/fetch.git',
    readFolder: '/data/git/read.git',
    protocols: ['https', 'ssh'],
    allowedSigners: '/run/secrets/allowed-signers',
    knownHosts: '/run/secrets/known-hosts',
    deployKey: '/run/secrets/deploy-key',
    askpass: '/opt/askpass.sh',
    passwordHost: 'host',
  };

  it('lets no setting of one call weaken what holds for all', () => {
    const args = toGitArgs(place, 'fetch', {
      settings: { 'core.hooksPath': '/x', 'remote.origin.url': 'u' },
      args: ['fetch'],
    });
    expect(args).toContain('core.hooksPath=/dev/null');
    expect(args).not.toContain('core.hooksPath=/x');
    expect(args.slice(-1)).toEqual(['fetch']);
  });

  it('reaches out over the allowed protocols when it fetches, and over none when it reads', () => {
    expect(toGitArgs(place, 'fetch', { args: [] }).filter((arg) => arg.startsWith('protocol.'))).toEqual([
      'protocol.allow=never',
      'protocol.https.allow=always',
      'protocol.ssh.allow=always',
    ]);
    expect(toGitArgs(place, 'read', { args: [] }).filter((arg) => arg.startsWith('protocol.'))).toEqual([
      'protocol.allow=never',
    ]);
    expect(toGitEnvironment(place, 'read', {})).toMatchObject({ GIT_ALLOW_PROTOCOL: '', GIT_DIR: place.readFolder });
  });

  it('passes nothing of the environment but the ways out', () => {
    const env = toGitEnvironment(place, 'fetch', {
      PATH: '/bin',
      HTTPS_PROXY: 'http://proxy',
      GIT_CONFIG_COUNT: '1',
      SSH_AUTH_SOCK: '/x',
      LD_PRELOAD: '/y',
    });
    expect(env).toMatchObject({
      PATH: '/bin',
      HTTPS_PROXY: 'http://proxy',
      GIT_TERMINAL_PROMPT: '0',
      GIT_CONFIG_NOSYSTEM: '1',
    });
    expect(Object.keys(env)).not.toEqual(expect.arrayContaining([expect.stringMatching(/CONFIG_COUNT|SSH_AUTH|LD_/)]));
  });

  it('asks ssh for a known host and never a person', () => {
    const command = toSshCommand({ knownHosts: "/it's", deployKey: null });
    expect(command).toMatch(/^ssh -F \/dev\/null /);
    for (const option of [
      'BatchMode=yes',
      'StrictHostKeyChecking=yes',
      "UserKnownHostsFile=/it'\\''s",
      'IdentityFile=none',
    ])
      expect(command).toContain(`-o '${option}'`);
  });
});

describe('the repository’s address', () => {
  it.each([
    ['https://github.com/team/config.git', 'https', 'https://github.com/team/config.git'],
    ['https://ci@git.example:8443/config', 'https', 'https://git.example:8443/config'],
    ['git@github.com:team/config.git', 'ssh', 'ssh://github.com/team/config.git'],
    ['ssh://git@host:2222/config.git', 'ssh', 'ssh://host:2222/config.git'],
  ])('%s', (given, protocol, shown) => {
    expect(parseRemote(given)).toEqual({ remote: { protocol, url: given, host: new URL(shown).host, shown } });
  });

  it.each([
    'http://host/x',
    'file:///etc',
    '/etc/repo',
    'git://host/x',
    'ext::sh -c id',
    'fd::7',
    '--upload-pack=id',
    'ssh://-oProxyCommand=id/x',
    'https://user:secret@host/x',
    'https://:secret@host/x',
    'https://host/x?token=secret',
    'https://host/a b',
    'https://host/a\nb',
    'nonsense',
  ])('refuses %j, and does not repeat a secret', (given) => {
    const parsed = parseRemote(given);
    expect(parsed).toMatchObject({ problem: { code: 'remote.invalid' } });
    expect(JSON.stringify(parsed)).not.toContain('secret@');
  });

  it('is never shown with a user or a password', () => {
    expect(withoutCredentials("fatal: unable to access 'https://me:s3cret@host/x': no")).toBe(
      "fatal: unable to access 'https://host/x': no",
    );
    const ending = {
      stderr: 'fatal: https://x:s3cret@host/ hung up',
      exit: 128,
      signal: null,
      timedOut: false,
      tooMuch: false,
    };
    expect(JSON.stringify(toProblem('fetch', ending))).not.toContain('s3cret');
  });
});

describe('what a failure of git means', () => {
  it.each([
    ["fatal: unable to access 'https://host/': Could not resolve host: host", 'remote.unreachable'],
    [
      'ssh: connect to host host port 22: Connection refused\nfatal: Could not read from remote repository.',
      'remote.unreachable',
    ],
    ['Host key verification failed.\nfatal: Could not read from remote repository.', 'remote.host-key'],
    ['git@host: Permission denied (publickey).\nfatal: Could not read from remote repository.', 'remote.denied'],
    ["fatal: could not read Username for 'https://host': terminal prompts disabled", 'remote.denied'],
    ["fatal: Authentication failed for 'https://host/x'", 'remote.denied'],
    ["fatal: repository 'https://host/x/' not found", 'remote.not-found'],
    [
      "fatal: '/x' does not appear to be a git repository\nfatal: Could not read from remote repository.",
      'remote.not-found',
    ],
    [
      "fatal: unable to access 'https://host/': server certificate verification failed. CAfile: none CRLfile: none",
      'remote.certificate',
    ],
    ["fatal: transport 'http' not allowed", 'remote.protocol'],
    ['fatal: write error: No space left on device\nfatal: index-pack failed', 'disk.full'],
    ['error: index-pack died of signal 25\nfatal: index-pack failed', 'fetch.too-big'],
    [
      'error: object 12: hasDotgit: contains .git\nfatal: fsck error in packed object\nfatal: index-pack failed',
      'revision.malformed',
    ],
    ['fatal: something else', 'git.failed'],
  ])('%j is %s', (stderr, code) => {
    expect(toProblem('fetch', { stderr, exit: 128, signal: null, timedOut: false, tooMuch: false }).code).toBe(code);
  });

  it('tells a command that was ended from one that failed', () => {
    const ending = { stderr: '', exit: null, signal: 'SIGKILL', timedOut: false, tooMuch: false };
    expect(toProblem('fetch', { ...ending, timedOut: true }).code).toBe('remote.slow');
    expect(toProblem('log', { ...ending, tooMuch: true }).code).toBe('history.too-big');
    expect(toProblem('gc', { ...ending, signal: 'SIGXFSZ' }).code).toBe('fetch.too-big');
  });
});

describe('the settings', () => {
  it('have values of their own where none are given; no repository is no failure', () => {
    expect(parseSettings({})).toEqual({
      remote: null,
      problem: expect.objectContaining({ code: 'remote.none' }),
      branch: 'main',
      intervalMs: 300_000,
      fetchLimit: 64 * 1024 * 1024,
      protocols: ['https', 'ssh'],
      dataFolder: '/data',
      port: 8080,
    });
  });

  it.each([
    [{ SYNC_INTERVAL: '0' }, 'SYNC_INTERVAL'],
    [{ SYNC_INTERVAL: '1e9' }, 'SYNC_INTERVAL'],
    [{ GIT_BRANCH: '--upload-pack=x' }, 'GIT_BRANCH'],
    [{ GIT_BRANCH: 'a..b' }, 'GIT_BRANCH'],
    [{ GIT_BRANCH: 'a:b' }, 'GIT_BRANCH'],
    [{ GIT_PROTOCOLS: 'https,ext' }, 'GIT_PROTOCOLS'],
    [{ FETCH_LIMIT_MB: 'many' }, 'FETCH_LIMIT_MB'],
  ])('are refused by name: %j', (env, name) => {
    expect(() => parseSettings(env)).toThrow(name);
  });
});
