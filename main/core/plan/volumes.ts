import type { Volume } from '../compose/project.ts';
import { volumeHash } from './config-hash.ts';
import { toHookSpec } from './container-spec.ts';
import { label, toVolumeLabels } from './labels.ts';
import type { ObjectsInput } from './networks.ts';
import type { ObservedContainer } from './plan.ts';
import { given } from './resources.ts';

/**
 * Makes what is missing. A volume that differs from the file is kept, and said, unless its removal was asked for by name
 * of the option: its data cannot be had back. docker compose asks, and takes `-y` for a yes (seen with 2.40.3).
 */
export function planVolume(
  volume: Volume,
  input: ObjectsInput,
  steps: Map<string, string>,
  removed: Map<string, string>,
): void {
  const { observed, project, draft, problems } = input;
  const there = observed.volumes[volume.name];
  const at = ['volumes', volume.key];
  if (volume.external === true) {
    if (there !== undefined) return;
    problems.push({
      severity: 'error',
      rule: 'external-volume-missing',
      at,
      message: `volume ${volume.name} is external, but it is not on the engine`,
      hint: `create it (docker volume create ${volume.name}), or take "external" out of the file`,
    });
    return;
  }
  const hash = volumeHash(volume, input.sha256);
  if (there === undefined) {
    steps.set(volume.name, addVolume(volume, input, hash, 'not there yet', []));
    return;
  }
  const owner = there.labels[label.project];
  if (owner !== project.name) {
    draft.warn({
      severity: 'warning',
      rule: 'volume-not-ours',
      at,
      message: `volume ${volume.name} is there already${owner === undefined ? ', compose did not make it' : ` and belongs to project ${owner}`}; it is used as it is`,
      hint: 'set external: true to say so in the file',
    });
    return;
  }
  if (there.configHash === undefined || there.configHash === hash) return;
  if (input.recreateVolumes) {
    remakeVolume(volume, input, hash, steps, removed);
    return;
  }
  draft.warn({
    severity: 'warning',
    rule: 'volume-differs',
    at,
    message: `volume ${volume.name} was made with other settings than the file has now; it is kept, with its data`,
    hint: 'to apply them, save its data, then recreate it with --recreate-volumes',
  });
}

function addVolume(
  volume: Volume,
  { project, draft }: ObjectsInput,
  hash: string,
  cause: string,
  after: readonly string[],
): string {
  const body = {
    Name: volume.name,
    ...given({ Driver: volume.driver }),
    ...(volume.driver_opts === undefined ? {} : { DriverOpts: Object.fromEntries(volume.driver_opts) }),
    Labels: toVolumeLabels(project, volume, hash),
  };
  return draft.add({ kind: 'create-volume', target: volume.name, name: volume.name, body, cause, after });
}

/** The engine removes no volume that a container has, running or not: its containers go first, and are made after it. */
function remakeVolume(
  volume: Volume,
  input: ObjectsInput,
  hash: string,
  steps: Map<string, string>,
  removed: Map<string, string>,
): void {
  const { observed, draft, problems, services, timeout } = input;
  const cause = `volume ${volume.name} changed in the file`;
  const users = observed.containers.filter(({ mounts }) => mounts.some(({ name }) => name === volume.name));
  const serviceOf = (container: ObservedContainer) =>
    container.oneOff ? undefined : services.find(({ name }) => name === container.service);
  const others = users.filter((container) => serviceOf(container) === undefined);
  if (others.length > 0) {
    problems.push({
      severity: 'error',
      rule: 'volume-in-use',
      at: ['volumes', volume.key],
      message: `${cause} and has to be made anew, but containers that this is not about use it: ${others.map(({ name }) => name).join(', ')}`,
      hint: 'remove them first, or bring up the whole project',
    });
    return;
  }
  for (const container of users) {
    const hooks = (serviceOf(container)?.pre_stop ?? []).map(toHookSpec);
    const stop = draft.stop(container, cause, { timeout, hooks });
    removed.set(container.id, draft.remove(container, cause, { after: stop === undefined ? [] : [stop] }));
  }
  draft.lose(`volume ${volume.name} with its data: it is made anew as the file says now`);
  const gone = draft.add({
    kind: 'remove-volume',
    target: volume.name,
    name: volume.name,
    cause,
    destructive: true,
    after: users.flatMap(({ id }) => removed.get(id) ?? []),
  });
  steps.set(volume.name, addVolume(volume, input, hash, cause, [gone]));
}
