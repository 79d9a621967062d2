import type { Project, Service } from '../compose/project.ts';
import { secretsFolder, toDeliveries } from './deliveries.ts';
import type { Draft } from './draft.ts';
import { composeVersion, label, secretFilesLabel, secretVolumeLabel } from './labels.ts';
import type { DeliveredFile, Observed, ObservedContainer, ObservedVolume } from './plan.ts';
import type { Problem } from './problem.ts';

/*
 * Secrets that the file takes from the keychain (`x-claude-env: {keychain: NAME}`) never touch a disk: they lie in a
 * volume on tmpfs, one a service, mounted at /run/secrets. Seen on 20.10: the engine mounts such a volume for the first
 * container that uses it and unmounts it, empty from then on, after the last one, also between a restart policy's two
 * runs and in `docker restart`. So it is filled before every start of ours (docker/secret-volume.ts), and whoever finds
 * a container that was started by others says what is missing.
 *
 * Neither volume nor label counts in the configuration hash: docker compose goes on with such a container as it is, and
 * makes one anew by its own rules, with the value from the environment.
 */

export interface SecretVolume {
  readonly name: string;
  /** Where the files lie, absolute in the container. */
  readonly files: readonly string[];
}

const nameOf = (project: string, service: string): string => `${project}_${service}_claude-env-secrets`;

const placesOf = (files: readonly DeliveredFile[]): readonly string[] =>
  files.flatMap(({ inMemory }) => (inMemory === undefined ? [] : [inMemory]));

/** undefined: nothing of the service's is kept in memory. */
export function secretVolumeOf(project: Project, service: Service): SecretVolume | undefined {
  if ((service.secrets ?? []).length + (service.configs ?? []).length === 0) return undefined;
  const files = placesOf(toDeliveries(project, service));
  return files.length === 0 ? undefined : { name: nameOf(project.name, service.name), files };
}

/** By what a container shows: what is in memory for it, and must be there while it runs. */
export function secretFilesOf(labels: Readonly<Record<string, string>>): readonly string[] {
  const said = labels[secretFilesLabel];
  if (said === undefined) return [];
  try {
    const paths: unknown = JSON.parse(said);
    return Array.isArray(paths) ? paths.filter((path) => typeof path === 'string' && path.startsWith('/')) : [];
  } catch {
    // Labels are written by anybody.
    return [];
  }
}

const toLabel = ({ files }: SecretVolume): string => JSON.stringify(files);

/** On the service's containers. */
export function toSecretLabels(project: Project, service: Service): Readonly<Record<string, string>> {
  const volume = secretVolumeOf(project, service);
  return volume === undefined ? {} : { [secretFilesLabel]: toLabel(volume) };
}

export const isSecretVolume = ({ labels }: Pick<ObservedVolume, 'labels'>): boolean =>
  labels[secretVolumeLabel] !== undefined;

/** Some 60 values of the largest size that a keychain takes here. Nothing that is not used takes memory. */
const options = { type: 'tmpfs', device: 'tmpfs', o: 'size=4m,mode=0755,nosuid,nodev,noexec' };

interface VolumesInput {
  readonly project: Project;
  readonly services: readonly Service[];
  readonly observed: Observed;
  readonly draft: Draft;
  readonly problems: Problem[];
}

/** Makes what is missing; `steps`: by the volume's name, the step that makes it. */
export function planSecretVolumes(input: VolumesInput, steps: Map<string, string>): void {
  const { project, observed, draft, problems } = input;
  for (const service of input.services) {
    const volume = secretVolumeOf(project, service);
    if (volume === undefined) continue;
    const at = ['services', service.name, 'secrets'];
    if (observed.engine.os === 'windows') {
      problems.push({
        severity: 'error',
        rule: 'secrets-in-memory',
        message: `service ${service.name}: Windows containers have no tmpfs, so secrets cannot be kept in memory`,
        hint: 'take x-claude-env out of the secret',
        at,
      });
    }
    const taken = (service.volumes ?? []).findIndex(({ target }) => target === secretsFolder);
    if (taken >= 0) {
      problems.push({
        severity: 'error',
        rule: 'secrets-in-memory',
        message: `service ${service.name} mounts something at ${secretsFolder}, where its secrets from the keychain are kept in memory`,
        hint: 'mount it elsewhere',
        at: ['services', service.name, 'volumes', taken],
      });
    }
    const there = observed.volumes[volume.name];
    if (there === undefined) {
      steps.set(
        volume.name,
        draft.add({
          kind: 'create-volume',
          target: volume.name,
          name: volume.name,
          body: {
            Name: volume.name,
            Driver: 'local',
            DriverOpts: options,
            Labels: {
              [label.project]: project.name,
              [label.version]: composeVersion,
              [label.volume]: `${service.name}_claude-env-secrets`,
              [secretVolumeLabel]: service.name,
            },
          },
          cause: `in memory: secrets of ${service.name}`,
        }),
      );
    } else if (!isSecretVolume(there)) {
      problems.push({
        severity: 'error',
        rule: 'secrets-in-memory',
        message: `volume ${volume.name}, for secrets of ${service.name} in memory, is there already and was made by something else`,
        hint: `remove it (docker volume rm ${volume.name})`,
        at,
      });
    }
  }
}

/** Mounts its secrets' volume; what docker compose made does not. */
const mountsSecrets = (container: ObservedContainer, { name }: SecretVolume): boolean =>
  container.mounts.some((mount) => mount.name === name && mount.target === secretsFolder);

/** Where a container's secrets are brought to; a container that is yet to be made mounts it. */
export function toMemory(
  project: Project,
  service: Service,
  container: ObservedContainer | undefined,
): { readonly volume: string; readonly target: string } | undefined {
  const volume = secretVolumeOf(project, service);
  if (volume === undefined || (container !== undefined && !mountsSecrets(container, volume))) return undefined;
  return { volume: volume.name, target: secretsFolder };
}

/** Why a container cannot stay as it is, as far as secrets in memory go. */
export function secretCause(container: ObservedContainer, project: Project, service: Service): string | undefined {
  const volume = secretVolumeOf(project, service);
  const had = container.labels[secretFilesLabel];
  if (volume === undefined) return had === undefined ? undefined : 'its secrets are no longer kept in memory';
  if (!mountsSecrets(container, volume)) return 'its secrets are to be kept in memory';
  return had === toLabel(volume) ? undefined : 'other secrets are kept in memory';
}

/** `its secret token is gone from memory`; undefined: nothing is missing, or nobody looked. */
export function missingCause({ missingSecrets = [] }: Pick<ObservedContainer, 'missingSecrets'>): string | undefined {
  if (missingSecrets.length === 0) return undefined;
  const names = missingSecrets.map((path) => path.split('/').at(-1) ?? path);
  const what = names.length === 1 ? `secret ${names[0]} is` : `secrets ${names.join(', ')} are`;
  return `its ${what} gone from memory`;
}

/** Volumes of secrets whose containers all go, or that have none. `after`: the steps that remove their containers. */
export function removeSecretVolumes(
  { observed, project, draft }: { readonly observed: Observed; readonly project: string; readonly draft: Draft },
  removed: ReadonlyMap<string, { readonly container: ObservedContainer; readonly step: string }>,
): void {
  for (const volume of Object.values(observed.volumes)) {
    if (!isSecretVolume(volume) || volume.labels[label.project] !== project) continue;
    const users = observed.containers.filter(({ mounts }) => mounts.some(({ name }) => name === volume.name));
    if (users.some(({ id }) => !removed.has(id))) continue;
    draft.add({
      kind: 'remove-volume',
      target: volume.name,
      name: volume.name,
      cause: 'it held secrets in memory',
      after: users.flatMap(({ id }) => removed.get(id)?.step ?? []),
    });
  }
}
