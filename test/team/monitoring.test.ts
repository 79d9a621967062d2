import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { inRoot } from '../../scripts/setup/paths.mjs';
import { monitoring, prometheus, promtool, readDashboard, readRules } from './monitoring/prometheus.ts';

/* The stack's monitoring by Prometheus' own checks. monitoring.long.test.ts lets a real one read real services. */

const read = (path: string) => readFile(inRoot('resources', 'stacks', 'team', path), 'utf8');

/** Everything that the images' own programs say, in one text. */
async function sources(): Promise<string> {
  const images = inRoot('resources', 'images');
  const own = await Promise.all(
    ['gateway', 'controller', 'config-sync', 'engine-view'].map(async (image) => {
      const files = await readdir(join(images, image), { recursive: true, withFileTypes: true });
      const scripts = files.filter(
        ({ name, parentPath }) => name.endsWith('.mjs') && !parentPath.includes('node_modules'),
      );
      return Promise.all(scripts.map(({ name, parentPath }) => readFile(join(parentPath, name), 'utf8')));
    }),
  );
  return own.flat().join('\n');
}

describe('the dashboard', () => {
  it('has the seeds’ four panels', async () => {
    const { title, panels } = await readDashboard();
    expect([title, ...panels.map((panel) => panel.title)]).toEqual([
      'Claude Environment Overview',
      'Active Environments',
      'Sync Success Rate',
      'MCP Server Response Time',
      'Configuration Drift',
    ]);
  });

  it('and the rules ask for nothing that no service says', async () => {
    const said = await sources();
    const [{ panels }, { groups }] = await Promise.all([readDashboard(), readRules()]);
    const asked = [
      ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
      ...groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)),
    ].flatMap((expr) => expr.match(/\b(?:claude_env|mcp)_\w+/g) ?? []);
    expect(asked.length).toBeGreaterThan(20);
    for (const name of new Set(asked)) expect(said).toContain(`'${name.replace(/_(?:bucket|count|sum)$/, '')}'`);
  });

  it('is tried with the expressions that it has', async () => {
    const tried = await readFile(inRoot('test', 'team', 'monitoring', 'alerts.yml'), 'utf8');
    const { panels } = await readDashboard();
    for (const { targets } of panels) for (const { expr } of targets) expect(tried).toContain(`- expr: ${expr}\n`);
    const { groups } = await readRules();
    for (const { rules } of groups) for (const { alert } of rules) expect(tried).toContain(`- alertname: ${alert}\n`);
  });
});

describe('the stack', () => {
  it('publishes neither, and gives each the files that are there', async () => {
    const stack = parse(await read('compose.monitoring.yaml')) as {
      readonly services: Readonly<Record<string, { readonly ports?: unknown; readonly cap_drop: unknown }>>;
      readonly configs: Readonly<Record<string, { readonly file: string }>>;
    };
    for (const service of Object.values(stack.services)) {
      expect(service.ports).toBeUndefined();
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], deploy: { endpoint_mode: 'dnsrr' } });
    }
    for (const { file } of Object.values(stack.configs)) expect((await read(file)).length).toBeGreaterThan(0);
  });

  it('reads services that compose.yaml has, and their tasks by name', async () => {
    const { services } = parse(await read('compose.yaml')) as { readonly services: Readonly<Record<string, unknown>> };
    const { scrape_configs } = parse(await read('monitoring/prometheus.yml')) as {
      readonly scrape_configs: readonly {
        readonly job_name: string;
        readonly dns_sd_configs?: readonly { readonly names: readonly string[] }[];
      }[];
    };
    const jobs = scrape_configs.filter(({ dns_sd_configs }) => dns_sd_configs !== undefined);
    expect(jobs.map(({ job_name }) => job_name)).toEqual(['gateway', 'controller', 'config-sync', 'engine-view']);
    for (const { job_name, dns_sd_configs } of jobs) {
      expect(Object.keys(services)).toContain(job_name);
      expect(dns_sd_configs?.[0]?.names).toEqual([`tasks.${job_name}`]);
    }
  });
});

describe.skipIf(prometheus === undefined)('by promtool', () => {
  it('the configuration and its rules are in order', async () => {
    expect(await promtool(['check', 'config', join(monitoring, 'prometheus.yml')])).toContain('is valid');
  });

  it('each alert fires when it should, not before, and each panel shows what it says', async () => {
    expect(await promtool(['test', 'rules', inRoot('test', 'team', 'monitoring', 'alerts.yml')])).toContain('SUCCESS');
  });
});
