import { readFileSync } from 'node:fs';
import { load } from '../../main/core/compose/load.ts';
import { planFor } from '../../main/core/plan/actions.ts';
import { fingerprint } from '../../main/core/plan/print.ts';
import { image, observed, sha256 } from '../support/builders.ts';

export interface LoadPlanResult {
  /** Seconds of CPU, user and system, all threads. */
  readonly cpu: number;
  /** Bytes: of the whole process at its highest, and before it began. */
  readonly peak: number;
  readonly idle: number;
  readonly steps: number;
}

/** Loads and plans one file, once, and says what that took; making up the engine that it is planned for does not count. */
const [file = ''] = process.argv.slice(2);
const idle = process.memoryUsage.rss();
let cpu = 0;
async function counted<T>(act: () => T): Promise<Awaited<T>> {
  const begun = process.cpuUsage();
  const result = await act();
  const { user, system } = process.cpuUsage(begun);
  cpu += (user + system) / 1e6;
  return result;
}

async function loadAndPlan(): Promise<LoadPlanResult> {
  const { project, diagnostics } = await counted(() =>
    load({
      files: [file],
      environment: {},
      platform: 'posix',
      readText: async (path) => readFileSync(path, 'utf8'),
      exists: async (path) => path === file,
    }),
  );
  if (project === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const images = Object.fromEntries(
    [...project.services.values()].map((service) => [service.image ?? '', image(service.image ?? '')]),
  );
  const there = observed({ images });
  const plan = await counted(() => {
    const planned = planFor('up', { project, name: project.name, observed: there, options: {}, sha256 });
    fingerprint(planned, sha256);
    return planned;
  });

  return {
    cpu,
    peak: process.resourceUsage().maxRSS * 1024,
    idle,
    steps: plan.steps.length,
  };
}

void loadAndPlan().then((result) => console.log(JSON.stringify(result)));
