import type Docker from 'dockerode';
import { defaultPlatformVariable } from '../core/plan/default-platform.ts';
import type { Step } from '../core/plan/plan.ts';
import type { Clock, RegistryLogins, StepContext } from '../services/ports.ts';
import { buildImage } from './build.ts';
import type { Connection } from './connection.ts';
import { inspectContainer } from './containers.ts';
import { connectNetwork, createContainer } from './create-container.ts';
import { deliverFiles } from './deliver-files.ts';
import type { Endpoint } from './endpoint.ts';
import { sentenceOf, statusOf } from './errors.ts';
import { fillValues } from './fill-step.ts';
import { runHook } from './hooks.ts';
import type { Host } from './host.ts';
import { type MemoryHolds, removeKeepers } from './memory-holds.ts';
import { takingName } from './name-conflict.ts';
import { createNetwork, removeNetwork } from './networks.ts';
import { explainTakenPort } from './port-owner.ts';
import { pullImage } from './pull.ts';
import { pushImage } from './push.ts';
import { counted, sendImage, tagImage } from './send-image.ts';
import { checkImage } from './swarm-check.ts';
import { type StackWatch, waitConverged, waitRemoved } from './swarm-converge.ts';
import { swarmCalls } from './swarm-execute.ts';
import { runJob } from './swarm-jobs.ts';
import { type Wait, waitFor } from './waits.ts';

export interface ExecuteContext extends StepContext {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly host: Host;
  readonly endpoint: Endpoint | undefined;
  readonly logins: RegistryLogins;
  readonly holds: MemoryHolds;
  readonly engine: () => { readonly os: string; readonly arch: string };
  /** Bind to this machine's ports: their owners can be named. */
  readonly local: boolean;
  readonly stackWatch: StackWatch;
}

type Kind = Step['kind'];
type Of<K extends Kind> = Extract<Step, { kind: K }>;
type Run<K extends Kind> = (
  step: Of<K>,
  docker: Docker,
  signal: AbortSignal,
  context: ExecuteContext,
) => Promise<unknown>;

/** Something is already as it should be: the answer with one of these statuses is a success. */
const unless = (statuses: readonly number[], words?: RegExp) => (error: unknown) => {
  const status = statusOf(error);
  const fits =
    status !== undefined && statuses.includes(status) && (words === undefined || words.test(sentenceOf(error)));
  if (!fits) throw error;
};

/** Either status or words may say it. */
const unlessSaid = (words: RegExp) => (error: unknown) => {
  if (!words.test(sentenceOf(error))) throw error;
};

/** One entry a kind of step, one engine call each. Waits are not here: they are conversations of their own (waits.ts). */
const calls: {
  readonly [K in Exclude<Kind, `wait-${string}` | 'run-job' | 'check-image' | 'restore-volume'>]: readonly [
    doing: (step: Of<K>) => string,
    run: Run<K>,
  ];
} = {
  'pull-image': [
    ({ image }) => `Pulling ${image}`,
    async ({ image, platform }, docker, signal, { host, logins, report }) =>
      pullImage({
        docker,
        image,
        platform: platform ?? host.env[defaultPlatformVariable],
        answer: await logins.ofImage(image),
        report,
        signal,
      }),
  ],
  'build-image': [
    ({ image }) => `Building ${image}`,
    async (step, docker, signal, { host, logins, report, build: settings, secrets: store, endpoint, engine }) =>
      buildImage({ ...step, docker, host, logins, endpoint, engine: engine(), settings, store, report, signal }),
  ],
  'send-image': [
    ({ target, hostname }) => `Copying ${target} to ${hostname}`,
    async (step, docker, signal, { engineOf, report }) => {
      if (engineOf === undefined) throw new TypeError('No engines to copy an image to.');
      await sendImage({ step, docker, target: await engineOf(step.engine), report, signal });
    },
  ],
  'push-image': [
    ({ as }) => `Pushing ${as}`,
    async ({ image, as }, docker, signal, { logins, report }) => {
      await tagImage(docker, image, as, signal);
      await pushImage({ docker, logins, image: as, report, signal });
    },
  ],
  'backup-volume': [
    ({ volume, node }) => `Backing up ${volume} on ${node}`,
    async (step, _docker, signal, { engineOf, keepVolume, report }) => {
      if (engineOf === undefined || keepVolume === undefined) throw new TypeError('No place for a backup.');
      const { volumes } = await engineOf(step.engine);
      await volumes.read(
        step.volume,
        (archive) => keepVolume(step, counted(archive, 0, `from ${step.node}`, report), signal),
        signal,
      );
    },
  ],
  'create-network': [
    ({ name }) => `Creating network ${name}`,
    (step, docker, signal) => createNetwork(docker, step, signal),
  ],
  'remove-network': [
    ({ name }) => `Removing network ${name}`,
    ({ name }, docker, signal) => removeNetwork(docker, name, signal),
  ],
  'create-volume': [
    ({ name }) => `Creating volume ${name}`,
    ({ name, body }, docker, signal) => docker.createVolume({ ...body, Name: name, abortSignal: signal }),
  ],
  'remove-volume': [
    ({ name }) => `Removing volume ${name}`,
    async ({ name }, docker, signal) => {
      const remove = () => docker.getVolume(name).remove({ abortSignal: signal });
      try {
        await remove();
      } catch (error) {
        unless([404, 409])(error);
        if (statusOf(error) !== 409) return;
        if ((await removeKeepers(docker, name, signal)) === 0) throw error;
        await remove();
      }
    },
  ],
  'create-container': [
    ({ name }) => `Creating container ${name}`,
    (step, docker, signal) => createContainer(docker, step, signal),
  ],
  'deliver-files': [
    ({ container }) => `Copying files into ${container}`,
    ({ container, files, memory }, docker, signal, { host, secrets, holds, clock }) =>
      deliverFiles({ docker, container, files, ...(memory && { memory }), secrets, host, holds, clock, signal }),
  ],
  'start-container': [
    ({ container }) => `Starting container ${container}`,
    async ({ container }, docker, signal, { host, local, holds }) => {
      try {
        await docker.getContainer(container).start({ abortSignal: signal });
      } catch (error) {
        if (statusOf(error) !== 304) {
          await holds.release(container);
          throw (await explainTakenPort({ docker, error, container, host, local, signal })) ?? error;
        }
      }
      await holds.releaseStarted(container);
    },
  ],
  'stop-container': [
    ({ container }) => `Stopping container ${container}`,
    async ({ container, target, timeout, hooks }, docker, signal, { report }) => {
      const running = hooks.length > 0 && (await inspectContainer(docker, container, signal))?.State.Running;
      if (running) for (const hook of hooks) await runHook({ docker, container, name: target, hook, report, signal });
      const options = { ...(timeout !== undefined && { t: timeout }), abortSignal: signal };
      await docker
        .getContainer(container)
        .stop(options)
        .catch(unless([304, 404]));
    },
  ],
  'restart-container': [
    ({ container }) => `Restarting container ${container}`,
    ({ container, timeout }, docker, signal) =>
      docker.getContainer(container).restart({ ...(timeout !== undefined && { t: timeout }), abortSignal: signal }),
  ],
  'kill-container': [
    ({ container, signal }) => `Sending ${signal} to container ${container}`,
    ({ container, signal: name }, docker, signal) =>
      docker
        .getContainer(container)
        .kill({ signal: name, abortSignal: signal })
        // It ended by itself meanwhile.
        .catch(unlessSaid(/is not running|no such container/i)),
  ],
  'pause-container': [
    ({ container }) => `Pausing container ${container}`,
    ({ container }, docker, signal) =>
      docker
        .getContainer(container)
        .pause({ abortSignal: signal })
        .catch(unlessSaid(/is already paused/i)),
  ],
  'unpause-container': [
    ({ container }) => `Resuming container ${container}`,
    ({ container }, docker, signal) =>
      docker
        .getContainer(container)
        .unpause({ abortSignal: signal })
        .catch(unlessSaid(/is not paused/i)),
  ],
  'remove-container': [
    ({ container }) => `Removing container ${container}`,
    async ({ container, removeVolumes }, docker, signal) => {
      const target = docker.getContainer(container);
      try {
        await target.remove({ v: removeVolumes, force: true, abortSignal: signal });
      } catch (error) {
        unless([404, 409], /no such container|already in progress/i)(error);
        // Somebody else is at it: the next step may need its name, so it must really be gone.
        if (statusOf(error) === 409)
          await target.wait({ condition: 'removed', abortSignal: signal }).catch(unless([404]));
      }
    },
  ],
  'rename-container': [
    ({ container, to }) => `Renaming container ${container} to ${to}`,
    ({ container, to }, docker, signal) =>
      takingName({ docker, name: to, signal }, () =>
        docker.getContainer(container).rename({ name: to, abortSignal: signal }),
      ).catch(unlessSaid(/same name as its current name/i)),
  ],
  'connect-network': [
    ({ container, network }) => `Connecting ${container} to network ${network}`,
    ({ container, network, body }, docker, signal) =>
      connectNetwork(docker, network, { ...body, Container: container }, signal).catch(
        unlessSaid(/endpoint with name .* already exists in network|is already attached to network/i),
      ),
  ],
  'disconnect-network': [
    ({ container, network }) => `Disconnecting ${container} from network ${network}`,
    ({ container, network }, docker, signal) =>
      docker
        .getNetwork(network)
        .disconnect({ Container: container, abortSignal: signal })
        .catch(
          unlessSaid(
            /is not connected to (the )?network|no such (container|network)|network .* not found|is marked for removal/i,
          ),
        ),
  ],
  'run-hook': [
    ({ container }) => `Running a hook in ${container}`,
    ({ container, target, hook }, docker, signal, { report }) =>
      runHook({ docker, container, name: target, hook, report, signal }),
  ],
  ...swarmCalls,
};

const waits: Readonly<Record<'wait-healthy' | 'wait-completed' | 'wait-running', Wait>> = {
  'wait-healthy': 'healthy',
  'wait-completed': 'completed',
  'wait-running': 'running',
};

/**
 * What a cancel ends on the engine as well. Everything else the engine carries out once it has been asked, whoever hangs up
 * (seen on 20.10: a stop goes on for its whole grace period): the answer is waited for, so that whoever plans next sees
 * a container that has stopped and not one that is about to.
 */
const endsOnCancel: ReadonlySet<Kind> = new Set([
  'pull-image',
  'build-image',
  'deliver-files',
  'run-hook',
  'send-image',
  'push-image',
  'backup-volume',
]);

/** Executes one step. Rejects with an AppFailure; `cancelled` when the context's signal fired. */
export async function executeStep(step: Step, context: ExecuteContext): Promise<void> {
  const { connection, clock, signal } = context;
  if (step.kind === 'wait-healthy' || step.kind === 'wait-completed' || step.kind === 'wait-running') {
    const { container, timeout } = step;
    const leniency = step.kind === 'wait-healthy' ? { orRunning: step.orRunning, mayRecover: step.mayRecover } : {};
    return waitFor({ wait: waits[step.kind], leniency, container, timeout, connection, clock, signal });
  }
  if (step.kind === 'wait-converged') return waitConverged({ ...context, step, watch: context.stackWatch });
  if (step.kind === 'check-image') return checkImage({ ...context, step, watch: context.stackWatch });
  if (step.kind === 'run-job') return runJob({ ...context, step, watch: context.stackWatch });
  if (step.kind === 'restore-volume') {
    const { restoreVolume, report } = context;
    if (restoreVolume === undefined) throw new TypeError('No backups to restore from.');
    // Several calls, to the volume's engine: where it stops is for itself to say.
    await restoreVolume(step, (message) => report({ message }), signal);
    return;
  }
  if (step.kind === 'wait-removed') return waitRemoved(step, { ...context, watch: context.stackWatch });
  // The table's key is the step's kind; the compiler cannot follow that through an indexed access.
  const [doing, run] = calls[step.kind] as readonly [(step: Step) => string, Run<Kind>];
  const ends = endsOnCancel.has(step.kind) || signal.aborted;
  // A build takes its digest first; it fills by itself.
  const filled = step.kind === 'build-image' ? step : await fillValues(step, context.secrets);
  await connection.call(
    doing(step),
    (docker, abort) => run(filled as never, docker, abort, context),
    ends ? { signal } : {},
  );
}
