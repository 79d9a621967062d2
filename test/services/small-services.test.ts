import { describe, expect, it } from 'vitest';
import { toBuildSettings } from '../../main/services/settings.ts';
import { toTerminalCommand } from '../../main/services/terminal-command.ts';
import { composeLabels } from '../support/fake-engine.ts';
import { createFakeFiles } from '../support/fake-engine-world.ts';
import { createWorld } from './support.ts';

describe('the link that opens an editor inside', () => {
  const put = (labels: Readonly<Record<string, string>>) =>
    createWorld({
      prepare: (engine) => engine.put({ name: 'claude-env-local', labels: composeLabels('web', 'claude-env', labels) }),
    });

  it('is VS Code’s own: hex of the container’s name, and the folder of its label', async () => {
    const { services, during } = put({ 'io.claude-env.workspace': '/workspaces' });
    const { uri, command } = await during(services.editorLink('fake/web/claude-env'));
    const hex = Buffer.from('{"containerName":"/claude-env-local"}').toString('hex');
    expect(uri).toBe(`vscode://vscode-remote/attached-container+${hex}/workspaces`);
    expect(command).toBe(`code --folder-uri vscode-remote://attached-container+${hex}/workspaces`);
  });

  it.each(['/x; rm -rf ~', '../../etc', '/a/../b', 'https://evil'])(
    'a label such as %s is not believed',
    async (label) => {
      const { services, during } = put({ 'io.claude-env.workspace': label });
      expect((await during(services.editorLink('fake/web/claude-env'))).uri).toMatch(/[0-9a-f]\/workspaces$/);
    },
  );

  it('needs a running container', async () => {
    const { services, during } = createWorld();
    await expect(during(services.editorLink('fake/web/claude-env'))).rejects.toMatchObject({
      error: { code: 'container.exited', hint: expect.any(String) },
    });
  });
});

describe('exec', () => {
  it('reaches the running container of a service', async () => {
    const { services, during, engine } = createWorld({
      prepare: (one) => {
        one.put({ name: 'web-a-1', labels: composeLabels('web', 'a'), state: 'exited' });
        one.put({
          name: 'web-a-2',
          labels: composeLabels('web', 'a', { 'com.docker.compose.container-number': '2' }),
        });
      },
    });
    const running = services.exec('fake/web/a', { command: ['true'], onOutput: () => undefined });
    await during(services.live.ready());
    await during(Promise.resolve());
    expect(engine.execs[0]?.container).toBe([...engine.containers.values()][1]?.id);
    engine.execs[0]?.end(3);
    expect(await during(running)).toEqual({ exitCode: 3 });
    await expect(
      during(services.exec('fake/web/a', { command: ['true'], index: 1, onOutput: () => undefined })),
    ).rejects.toMatchObject({ error: { code: 'container.exited' } });
  });
});

describe('the command in a terminal', () => {
  it.each([
    [['up', [], {}], 'claude-env up'],
    [['up', ['-f', '/a b/c.yaml'], { wait: true, services: ['web'] }], "claude-env up -f '/a b/c.yaml' --wait web"],
    [['down', ['-p', 'x'], { volumes: true, timeout: 0 }], 'claude-env down -p x --volumes --timeout 0'],
    [['scale', ['-p', 'x'], { scale: { web: 3 }, noDeps: true }], 'claude-env scale -p x --no-deps web=3'],
    [['up', [], { scale: { web: 3 }, pull: 'always' }], 'claude-env up --pull always --scale web=3'],
    [['kill', [], { signal: 'SIGHUP', services: ['web'] }], 'claude-env kill --signal SIGHUP web'],
    [['stop', ['-f', "/it's.yaml"], { removeOrphans: false }], String.raw`claude-env stop -f '/it'\''s.yaml'`],
  ] as const)('%j', ([action, target, options], expected) => {
    const wanted = 'services' in options ? { ...options, services: [...options.services] } : options;
    expect(toTerminalCommand('claude-env', action, target, wanted)).toBe(expected);
  });
});

describe('settings for image builds', () => {
  it('proxies in both spellings, the CA as text', async () => {
    const files = createFakeFiles({ '/ca.pem': '-----BEGIN CERTIFICATE-----\nx\n' });
    expect(
      await toBuildSettings(
        { theme: 'dark', build: { httpProxy: 'http://p:1', noProxy: '', extraCaFile: '/ca.pem' } },
        files,
      ),
    ).toEqual({
      args: { HTTP_PROXY: 'http://p:1', http_proxy: 'http://p:1' },
      extraCa: '-----BEGIN CERTIFICATE-----\nx\n',
    });
  });

  it('refuses a CA file that holds none', async () => {
    const files = createFakeFiles({ '/ca.pem': 'hello' });
    await expect(toBuildSettings({ theme: 'dark', build: { extraCaFile: '/ca.pem' } }, files)).rejects.toMatchObject({
      error: { code: 'file.invalid', message: expect.stringContaining('/ca.pem') },
    });
  });
});
