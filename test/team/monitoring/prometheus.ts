import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import { inRoot } from '../../../scripts/setup/paths.mjs';

/* Debian's Prometheus (scripts/setup/peers.mjs) on the stack's own configuration. */

const run = promisify(execFile);
/** Undefined where it could not be had; the summary of `npm test` says so. */
export const prometheus = process.env.CLAUDE_ENV_PEER_PROMETHEUS;
export const monitoring = inRoot('resources', 'stacks', 'team', 'monitoring');

/** @returns what promtool, which is beside Prometheus, wrote; fails with it otherwise */
export async function promtool(args: readonly string[], input = ''): Promise<string> {
  const running = run(join(dirname(prometheus ?? ''), 'promtool'), args);
  running.child.stdin?.end(input);
  const { stdout, stderr } = await running.catch((error: { stdout?: string; stderr?: string }) => {
    throw new Error(`promtool ${args.join(' ')}:\n${error.stdout}${error.stderr}`);
  });
  return `${stdout}${stderr}`;
}

interface Rules {
  readonly groups: readonly {
    readonly name: string;
    readonly rules: readonly { readonly alert: string; readonly expr: string; readonly for: string }[];
  }[];
}
export const readRules = async (): Promise<Rules> =>
  parse(await readFile(join(monitoring, 'rules', 'claude-env.yml'), 'utf8')) as Rules;

interface Dashboard {
  readonly title: string;
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}
export const readDashboard = async (): Promise<Dashboard> =>
  JSON.parse(await readFile(join(monitoring, 'grafana', 'claude-env-overview.json'), 'utf8')) as Dashboard;

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface RunningPrometheus {
  readonly query: (expr: string) => Promise<readonly Sample[]>;
  /** Names of those that fire, each with its labels. */
  readonly firing: () => Promise<readonly Readonly<Record<string, string>>[]>;
  readonly stop: () => Promise<void>;
}

/** The stack's rules with waits and windows of seconds instead of minutes; thresholds and labels as they are. */
async function hurriedRules(): Promise<string> {
  const { groups } = await readRules();
  return stringify({
    groups: groups.map((group) => ({
      ...group,
      rules: group.rules.map((rule) => ({ ...rule, for: '1s', expr: rule.expr.replace(/\[\d+m\]/g, '[8s]') })),
    })),
  });
}

/**
 * Starts it on the stack's prometheus.yml, with a scrape a second and the given addresses in place of `tasks.NAME`.
 * @param targets by job, `127.0.0.1:PORT`
 */
export async function startPrometheus(
  targets: Readonly<Record<string, readonly string[]>>,
): Promise<RunningPrometheus> {
  if (prometheus === undefined) throw new Error('There is no Prometheus.');
  const folder = await mkdtemp(join(tmpdir(), 'claude-env-prometheus-'));
  const config = parse(await readFile(join(monitoring, 'prometheus.yml'), 'utf8')) as {
    readonly scrape_configs: readonly { readonly job_name: string }[];
  };
  await mkdir(join(folder, 'rules'));
  await writeFile(join(folder, 'rules', 'claude-env.yml'), await hurriedRules());
  const jobs = config.scrape_configs.filter(({ job_name }) => job_name in targets);
  await writeFile(
    join(folder, 'prometheus.yml'),
    stringify({
      ...config,
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      scrape_configs: jobs.map((job) => ({
        ...job,
        dns_sd_configs: undefined,
        static_configs: [{ targets: targets[job.job_name] }],
      })),
    }),
  );
  await promtool(['check', 'config', join(folder, 'prometheus.yml')]);
  const child = spawn(prometheus, [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    '--web.listen-address=127.0.0.1:0',
  ]);
  const lines: string[] = [];
  // logfmt: `… msg="Listening on" address=127.0.0.1:41231`, then `… msg="Server is ready to receive web requests."`
  let address = '';
  for await (const line of createInterface({ input: child.stderr })) {
    lines.push(line);
    address = /msg="Listening on" address=(\S+)/.exec(line)?.[1] ?? address;
    if (line.includes('Server is ready')) break;
  }
  child.stderr.resume();
  if (address === '' || child.exitCode !== null) throw new Error(`Prometheus did not start:\n${lines.join('\n')}`);

  const ask = async (path: string): Promise<unknown> => {
    const answer = await fetch(`http://${address}/api/v1${path}`);
    const body = (await answer.json()) as { readonly status: string; readonly data: unknown; readonly error?: string };
    if (body.status !== 'success') throw new Error(`${path}: ${body.error}`);
    return body.data;
  };
  return {
    query: async (expr) => {
      const data = (await ask(`/query?query=${encodeURIComponent(expr)}`)) as {
        readonly result: readonly { readonly metric: Sample['metric']; readonly value: readonly [number, string] }[];
      };
      return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
    },
    firing: async () => {
      const { alerts } = (await ask('/alerts')) as {
        readonly alerts: readonly { readonly state: string; readonly labels: Readonly<Record<string, string>> }[];
      };
      return alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels);
    },
    stop: async () => {
      const ended = once(child, 'close');
      child.kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
