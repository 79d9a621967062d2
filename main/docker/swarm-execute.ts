import { readFile } from 'node:fs/promises';
import type Docker from 'dockerode';
import { AppFailure } from '../core/app-failure.ts';
import type { Raw } from '../core/plan/inherit.ts';
import type { RegistryAuth } from '../core/registries/login.ts';
import { sealLabel, setByLabel, withDigest } from '../core/swarm/names.ts';
import { toImagePlatform } from '../core/swarm/placement.ts';
import { withImage, withPlatforms } from '../core/swarm/spec-image.ts';
import type { SecretSource, SwarmStep } from '../core/swarm/steps.ts';
import type { RegistryLogins, SecretStore, SwarmSeals } from '../services/ports.ts';
import { sentenceOf, statusOf } from './errors.ts';
import { askRegistry } from './facts.ts';
import { filters, sendToSwarm } from './swarm-call.ts';

/* One engine call a step for a Swarm, and what must be looked up right before: ids of what is referred to by name, values. */

type Kind = Exclude<
  SwarmStep['kind'],
  `wait-${string}` | 'run-job' | 'send-image' | 'push-image' | 'check-image' | 'backup-volume' | 'restore-volume'
>;
type Of<K extends Kind> = Extract<SwarmStep, { kind: K }>;

export interface SwarmContext {
  readonly logins: RegistryLogins;
  readonly secrets: SecretStore;
  readonly seals?: SwarmSeals;
  readonly operator?: string;
}

interface Named {
  readonly ID: string;
  readonly Spec: { readonly Name: string };
}

export const swarmCalls: {
  readonly [K in Kind]: readonly [
    doing: (step: Of<K> & { readonly target: string }) => string,
    run: (step: Of<K>, docker: Docker, signal: AbortSignal, context: SwarmContext) => Promise<unknown>,
  ];
} = {
  'create-service': [
    ({ target }) => `Creating service ${target}`,
    async ({ body, image, pushed }, docker, signal, { logins }) =>
      sendToSwarm(docker, {
        method: 'POST',
        path: '/services/create',
        body: await withIds(docker, pushed ? await withPushed(docker, body, image, logins, signal) : body, signal),
        auth: await authOf(logins, image),
        signal,
      }),
  ],
  'update-service': [
    ({ target }) => `Updating service ${target}`,
    async (step, docker, signal, { logins }) => {
      const { pushed, image } = step;
      const resolved = pushed ? await withPushed(docker, step.body, image, logins, signal) : step.body;
      const body = await withIds(docker, resolved, signal);
      const auth = await authOf(logins, step.image);
      await inSequence(docker, step, signal, (version) =>
        sendToSwarm(docker, {
          method: 'POST',
          path: `/services/${step.serviceId}/update?version=${version}`,
          body,
          auth,
          signal,
        }),
      );
    },
  ],
  'rollback-service': [
    ({ target }) => `Rolling back service ${target}`,
    (step, docker, signal) =>
      inSequence(docker, step, signal, (version) => rollbackService(docker, step.serviceId, version, signal)),
  ],
  'remove-service': [
    ({ target }) => `Removing service ${target}`,
    ({ serviceId }, docker, signal) =>
      sendToSwarm(docker, { method: 'DELETE', path: `/services/${serviceId}`, signal }).catch(unlessGone),
  ],
  'create-secret': [
    ({ name }) => `Creating secret ${name}`,
    async (step, docker, signal, context) => {
      const value = step.source === undefined ? undefined : await readValue(step.source, context.secrets);
      const seal = value === undefined ? undefined : await context.seals?.seal(value);
      return sendToSwarm(docker, {
        method: 'POST',
        path: '/secrets/create',
        body: {
          Name: step.name,
          Labels: {
            ...step.labels,
            ...(context.operator === undefined ? {} : { [setByLabel]: context.operator }),
            ...(seal === undefined ? {} : { [sealLabel]: seal }),
          },
          ...(value === undefined ? {} : { Data: value.toString('base64') }),
          ...step.more,
        },
        signal,
      });
    },
  ],
  'create-config': [
    ({ name }) => `Creating config ${name}`,
    ({ name, body }, docker, signal) =>
      sendToSwarm(docker, { method: 'POST', path: '/configs/create', body: { Name: name, ...body }, signal }),
  ],
  'remove-secret': [
    ({ name }) => `Removing secret ${name}`,
    ({ name }, docker, signal) =>
      sendToSwarm(docker, { method: 'DELETE', path: `/secrets/${name}`, signal }).catch(unlessGone),
  ],
  'remove-config': [
    ({ name }) => `Removing config ${name}`,
    ({ name }, docker, signal) =>
      sendToSwarm(docker, { method: 'DELETE', path: `/configs/${name}`, signal }).catch(unlessGone),
  ],
};

/** The engine goes back to the spec from before the last change, in the way of RollbackConfig. */
export async function rollbackService(docker: Docker, id: string, version: number, signal: AbortSignal): Promise<void> {
  const { Spec } = await sendToSwarm<{ readonly Spec: Raw }>(docker, {
    method: 'GET',
    path: `/services/${id}`,
    signal,
  });
  const path = `/services/${id}/update?version=${version}&rollback=previous`;
  await sendToSwarm(docker, { method: 'POST', path, body: Spec, signal });
}

const unlessGone = (error: unknown): void => {
  if (statusOf(error) !== 404) throw error;
};

/**
 * Changes what was seen, or nothing: 20.10 answers 500 for another version, newer engines 409. Swarm itself raises the index
 * while an update goes on; where the spec is the same, the new index is taken.
 */
async function inSequence(
  docker: Docker,
  { serviceId, version, seen }: Pick<Of<'update-service'>, 'serviceId' | 'version' | 'seen'>,
  signal: AbortSignal,
  change: (version: number) => Promise<unknown>,
): Promise<void> {
  let at = version;
  for (let attempt = 0; ; attempt += 1) {
    try {
      await change(at);
      return;
    } catch (error) {
      if (!/update out of sequence/i.test(sentenceOf(error))) throw error;
      const now = await sendToSwarm<{ readonly Version: { readonly Index: number }; readonly Spec: Raw }>(docker, {
        method: 'GET',
        path: `/services/${serviceId}`,
        signal,
      });
      if (attempt === 5 || JSON.stringify(now.Spec) !== JSON.stringify(seen)) throw changedMeanwhile(error);
      at = now.Version.Index;
    }
  }
}

const changedMeanwhile = (cause: unknown): AppFailure =>
  new AppFailure(
    {
      code: 'plan.changed',
      message: 'Somebody else changed this service since the plan was made; it was left alone.',
      hint: 'Look at the new plan, and deploy again.',
      retry: true,
    },
    { cause },
  );

const authOf = async (logins: RegistryLogins, image: string): Promise<RegistryAuth | undefined> =>
  // An image's id is of no registry.
  image.startsWith('sha256:') ? undefined : (await logins.ofImage(image)).login?.auth;

/** What was pushed a moment ago has a digest now. */
async function withPushed(
  docker: Docker,
  body: Raw,
  image: string,
  logins: RegistryLogins,
  signal: AbortSignal,
): Promise<Raw> {
  const answer = await askRegistry({ docker, image, login: await logins.ofImage(image), signal });
  if (answer.kind === 'found' && answer.digest !== undefined) {
    return withPlatforms(withImage(body, withDigest(image, answer.digest)), answer.platforms.map(toImagePlatform));
  }
  throw new AppFailure({
    code: 'registry.failed',
    message: `${image} was pushed, and its registry does not say its digest${answer.kind === 'found' ? '' : `: ${answer.message}`}.`,
    hint: 'Deploy again when it does: what was pushed is not pushed twice.',
    retry: true,
  });
}

async function readValue(source: SecretSource, secrets: SecretStore): Promise<Buffer> {
  if (source.from === 'text') return Buffer.from(source.text);
  if (source.from === 'environment') {
    const value = await secrets.lookup(source);
    if (value !== undefined) return Buffer.from(value);
    throw new AppFailure({
      code: 'file.invalid',
      message: `${source.kind} ${source.name}: ${source.variable} has no value any more.`,
      hint: `npx claude-env secret set ${source.variable}`,
    });
  }
  try {
    return await readFile(source.path);
  } catch (error) {
    throw new AppFailure({ code: 'file.not-found', message: `${source.path} cannot be read.` }, { cause: error });
  }
}

/** Puts in the ids of secrets and configs, which a service must name beside their names; networks are found by name. */
async function withIds(docker: Docker, body: Raw, signal: AbortSignal): Promise<Raw> {
  const task = body.TaskTemplate as Raw;
  const container = task.ContainerSpec as Raw;
  const [secrets, configs] = await Promise.all(
    (['Secret', 'Config'] as const).map((kind) =>
      idsOf(docker, kind, container[`${kind}s`] as readonly Raw[] | undefined, signal),
    ),
  );
  return { ...body, TaskTemplate: { ...task, ContainerSpec: { ...container, ...secrets, ...configs } } };
}

async function idsOf(
  docker: Docker,
  kind: 'Secret' | 'Config',
  uses: readonly Raw[] | undefined,
  signal: AbortSignal,
): Promise<Raw> {
  if (uses === undefined || uses.length === 0) return {};
  const names = uses.map((use) => String(use[`${kind}Name`]));
  const path = `/${kind.toLowerCase()}s?${filters({ name: names })}`;
  const there = await sendToSwarm<readonly Named[]>(docker, { method: 'GET', path, signal });
  // The filter takes beginnings of names, too.
  const ids = new Map(there.map(({ ID, Spec }) => [Spec.Name, ID]));
  const missing = names.find((name) => !ids.has(name));
  if (missing !== undefined) {
    throw new AppFailure({
      code: 'plan.changed',
      message: `The ${kind.toLowerCase()} ${missing} is gone.`,
      retry: true,
    });
  }
  return { [`${kind}s`]: uses.map((use) => ({ ...use, [`${kind}ID`]: ids.get(String(use[`${kind}Name`])) })) };
}
