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

/** Loads and plans one file, once, and says what that took. */
const [file = ''] = process.argv.slice(2);
const idle = process.memoryUsage.rss();
const begun = process.cpuUsage();

const { project, diagnostics } = await load({
  files: [file],
  environment: {},
  platform: 'posix',
  readText: async (path) => readFileSync(path, 'utf8'),
  exists: async (path) => path === file,
});
if (project === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
const images = Object.fromEntries(
  [...project.services.values()].map((service) => [service.image ?? '', image(service.image ?? '')]),
);
const plan = planFor('up', { project, name: project.name, observed: observed({ images }), options: {}, sha256 });
fingerprint(plan, sha256);

const { user, system } = process.cpuUsage(begun);
const result: LoadPlanResult = {
  cpu: (user + system) / 1e6,
  peak: process.resourceUsage().maxRSS * 1024,
  idle,
  steps: plan.steps.length,
};
console.log(JSON.stringify(result));
