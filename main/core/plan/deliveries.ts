import type { Diagnostic } from '../../../preload/contract/errors.ts';
import type { FileObject, FileReference, Project, Service } from '../compose/project.ts';
import { originOf } from '../compose/x-claude-env.ts';
import { loginsConfig } from './api-socket.ts';
import { buildSecretsOf } from './builds.ts';
import type { DeliveredFile, SecretReference } from './plan.ts';
import { toReference } from './secret-reference.ts';

/*
 * Secrets and configs that are no files on this machine (`environment`, `content`) are copied into the container before
 * every start, as docker compose 2.40.3 does it (seen live): mode 0444 and root unless the file says otherwise. Their
 * values count in no hash: what compose writes as config-hash covers the references alone, so the next `up` recreates
 * nothing when a value changed, and a start brings the new one. (One of the keychain's has an edition: opaque-changes.ts.)
 *
 * Where ours differs: `uid` and `gid` hold whatever the service's `user` is (2.40.3 gives such a file to that user, and
 * fails where `user` is `1000:1000`), and an empty `content` is an empty file (2.40.3 mounts the project's folder).
 */

type Kind = 'secret' | 'config';

interface Use {
  readonly kind: Kind;
  readonly use: FileReference;
  readonly object: FileObject;
}

function usesOf(project: Project, service: Service): readonly Use[] {
  const find = (kind: Kind, objects: Project['secrets'], uses: readonly FileReference[] = []): readonly Use[] =>
    uses.flatMap((use) => {
      const object = objects.get(use.source);
      return object === undefined ? [] : [{ kind, use, object }];
    });
  return [...find('secret', project.secrets, service.secrets), ...find('config', project.configs, service.configs)];
}

const isAbsolute = (path: string): boolean => path.startsWith('/') || path.startsWith('\\\\') || /^.:\\/.test(path);

/** Where secrets are, unless the file says otherwise; those that are kept in memory lie there in any case. */
export const secretsFolder = '/run/secrets';

/** `/run/secrets/NAME` and `/NAME`, unless the use names a place; a relative one is below these. */
export function toTarget(kind: Kind, use: FileReference): string {
  const target = use.target === undefined || use.target === '' ? use.source : use.target;
  if (isAbsolute(target)) return target;
  return kind === 'secret' ? `${secretsFolder}/${target}` : `/${target}`;
}

/** Copied, not mounted: it has no file. */
const isDelivered = ({ object }: Use): boolean =>
  object.key === loginsConfig ||
  (object.external !== true && object.file === undefined && (object.environment ?? object.content) !== undefined);

function toSource(kind: Kind, object: FileObject): DeliveredFile['source'] {
  const { key, environment, content } = object;
  if (key === loginsConfig) return { from: 'registry-logins' };
  if (environment === undefined) return { from: 'text', text: content ?? '' };
  return toReference(kind, object, { environment });
}

const isBelow = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);

/** Where it lies in memory: at its own place below /run/secrets, and for another place there is a link. */
const toMemory = (path: string): string => (isBelow(path, secretsFolder) ? path : `${secretsFolder}/.at${path}`);

/** What is copied into the service's containers before they start. */
export function toDeliveries(project: Project, service: Service): readonly DeliveredFile[] {
  const uses = usesOf(project, service).filter(isDelivered);
  const inMemory = uses.some(({ object }) => originOf(object) !== undefined);
  return uses.map(({ kind, use, object }) => {
    const path = toTarget(kind, use);
    // What others are below the folder lies in what is mounted there.
    const isKept = originOf(object) !== undefined || (inMemory && isBelow(path, secretsFolder));
    return {
      path,
      mode: use.mode ?? 0o444,
      uid: Number(use.uid ?? 0),
      gid: Number(use.gid ?? 0),
      source: toSource(kind, object),
      ...(isKept ? { inMemory: toMemory(path) } : {}),
    };
  });
}

const keyOf = ({ variable, fallback = '', origin }: SecretReference): string =>
  [origin?.from, variable, fallback].join(' ');

/** Values that the services' containers and builds, and nothing else, will have to be given. */
export function toSecretReferences(project: Project, services: Iterable<Service>): readonly SecretReference[] {
  const found = new Map<string, SecretReference>();
  for (const service of services) {
    for (const { source } of toDeliveries(project, service)) {
      if (source.from === 'environment') found.set(keyOf(source), source);
    }
    for (const secret of buildSecretsOf(project, service)) {
      if ('value' in secret) found.set(keyOf(secret.value), secret.value);
    }
  }
  return [...found.values()];
}

/** Into a container that is otherwise read-only: what lies in memory at its own place. */
const isWritable = (path: string, files: readonly DeliveredFile[]): boolean =>
  files.some((file) => file.path === path && file.inMemory === path);

export interface DeliveryChecks {
  readonly project: Project;
  readonly problems: Diagnostic[];
  readonly warn: (warning: Diagnostic) => void;
  /** Environment variables that a secret or config is taken from and that are not set. */
  readonly unset: ReadonlySet<string>;
}

/** What could not be delivered, before anything is changed. */
export function checkDeliveries(service: Service, { project, problems, warn, unset }: DeliveryChecks): void {
  const files = toDeliveries(project, service);
  // A secret may be used under several names.
  const said = new Set<string>();
  for (const one of usesOf(project, service)) {
    const { kind, use, object } = one;
    const what = `service ${service.name}: ${kind} ${use.source}`;
    const where = object.where === undefined ? {} : { where: object.where };
    const problem = (rule: string, message: string, hint: string): void => {
      if (said.has(`${what} ${message}`)) return;
      said.add(`${what} ${message}`);
      problems.push({ severity: 'error', rule, message: `${what} ${message}`, hint, ...where });
    };
    if (object.key === loginsConfig) {
      const message = `service ${service.name}: use_api_socket gives it the engine's socket, which is root on the engine's machine, and your registry logins`;
      warn({ severity: 'warning', rule: 'api-socket', message });
      continue;
    }
    const owner = [use.uid, use.gid].filter((id) => id !== undefined);
    if (object.external === true) {
      problem('external-file-object', 'is external, which only Swarm has', 'give it a file, or environment');
    } else if (!isDelivered(one)) {
      if (owner.length === 0 && use.mode === undefined) continue;
      const message = `${what} is a mounted file: its uid, gid and mode stay those of the file`;
      warn({ severity: 'warning', rule: 'file-owner-ignored', message, ...where });
    } else {
      const { environment } = object;
      const variable = environment === undefined ? undefined : toReference(kind, object, { environment }).variable;
      if (variable !== undefined && unset.has(variable)) {
        const hint = `keep it in the keychain: npx claude-env secret set ${variable}; or set ${environment === variable ? 'it' : environment} where claude-env is started, or in .env`;
        problem('value-missing', `needs ${variable}, which is neither set nor in the keychain`, hint);
      }
      if (service.read_only === true && !isWritable(toTarget(kind, use), files)) {
        const hint = 'use a file (it is mounted), or take read_only out';
        problem('read-only', 'cannot be copied into a container that is read_only', hint);
      }
      if (owner.some((id) => !/^\d+$/.test(id))) {
        problem('bad-owner', `has the owner ${owner.join(':')}`, 'write uid and gid as numbers');
      }
    }
  }
}
