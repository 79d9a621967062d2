import { AppFailure } from '../core/app-failure.ts';
import { type CheckVerdict, judgeCheck } from '../core/swarm/check-images.ts';
import type { SwarmStep } from '../core/swarm/steps.ts';
import type { WaitForService } from './swarm-converge.ts';
import type { SwarmContext } from './swarm-execute.ts';
import { whileServiceIs } from './swarm-jobs.ts';

type Check = Extract<SwarmStep, { kind: 'check-image' }>;

export type CheckImage = Omit<WaitForService, 'step'> &
  SwarmContext & { readonly step: Check & { readonly target: string } };

/** Milliseconds that a node has to pull what it lacks; longer than any pull that somebody would wait for here. */
const longest = 600_000;

/** Resolves when each node can have the image; rejects with the names of those that cannot. */
export async function checkImage(input: CheckImage): Promise<void> {
  const { step, watch, clock, report, signal } = input;
  const verdict = await whileServiceIs(input, step.body, async (id) => {
    const begun = clock.now();
    let last: CheckVerdict = { missing: [], open: [] };
    await watch.follow(step.stack, signal, ({ tasks }) => {
      last = judgeCheck(
        tasks.filter(({ service }) => service === id),
        step.nodes,
      );
      if (last.open.length > 0) report({ message: `waiting for ${last.open.join(', ')}` });
      return last.open.length === 0 || clock.now() - begun > longest;
    });
    return last;
  });
  const { missing, open } = verdict;
  if (missing.length === 0 && open.length === 0) return;
  const said = [
    ...(missing.length === 0 ? [] : [`${missing.join(', ')} can neither find nor pull ${step.target}.`]),
    ...(open.length === 0 ? [] : [`${open.join(', ')} did not say within ${longest / 60_000} minutes.`]),
  ];
  throw new AppFailure({
    code: 'image.not-found',
    message: `${said.join(' ')} No service was changed.`,
    hint: 'Push it to a registry that every node reaches, or let --registry HOST[:PORT][/PREFIX] do it; or add a docker context for each of these nodes, and the image is copied; or pin the service with deploy.placement.constraints. stack deploy --resolve-image never goes by name without a look.',
  });
}
