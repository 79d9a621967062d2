import { readFileSync } from 'node:fs';
import { load } from '../../main/core/compose/load.ts';
import { planFor } from '../../main/core/plan/actions.ts';
import { fingerprint } from '../../main/core/plan/print.ts';
import { image, observed, sha256 } from '../support/builders.ts';

/*
 * Loads and plans one file, once, in a process that has done nothing else, and says what that took: what is measured is
 * the first plan after a start, with nothing compiled and nothing warm. `node load-plan.js FILE`
 */
export interface LoadPlanResult {
  /** Seconds of CPU, user and system, all threads. */
  readonly cpu: number;
  /** Bytes: of the whole process at its highest, and before it began. */
  readonly peak: number;
  readonly idle: number;
  readonly steps: number;
}

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
