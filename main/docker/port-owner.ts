import type Docker from 'dockerode';
import { AppFailure } from '../core/app-failure.ts';
import { inspectContainer } from './containers.ts';
import { sentenceOf, toEngineError } from './errors.ts';
import type { Host } from './host.ts';
import { toProtocol } from './inspect.ts';
import { nameProcess, readListeners } from './listeners.ts';
import { findTakenPorts } from './taken-ports.ts';

export interface ExplainTakenPort {
  readonly docker: Docker;
  readonly error: unknown;
  readonly container: string;
  readonly host: Host;
  readonly local: boolean;
  readonly signal: AbortSignal;
}

type Bindings = Readonly<Record<string, readonly { readonly HostIp?: string; readonly HostPort?: string }[] | null>>;

/** A refused start whose reason is a port: names who holds it. undefined for any other reason. */
export async function explainTakenPort(input: ExplainTakenPort): Promise<AppFailure | undefined> {
  const { docker, error, container, host, local, signal } = input;
  const refused = toEngineError(`Starting container ${container}`, sentenceOf(error));
  if (refused.code !== 'port.taken') return undefined;
  const info = await inspectContainer(docker, container, signal);
  const bindings = (info?.HostConfig.PortBindings ?? {}) as Bindings;
  const wanted = Object.entries(bindings).flatMap(([key, list]) =>
    (list ?? []).map(({ HostIp, HostPort }) => ({
      hostIp: HostIp ?? '',
      port: Number(HostPort),
      protocol: toProtocol(key.split('/')[1]),
    })),
  );
  const containers = (await docker.listContainers({ abortSignal: signal })).filter(({ Id }) => Id !== info?.Id);
  const listeners = local ? await readListeners(host) : [];
  const [taken] = await findTakenPorts({ wanted, containers, listeners, identify: nameProcess });
  if (taken === undefined) return new AppFailure(refused, { cause: error });
  const alternative = taken.alternative === undefined ? '' : ` Port ${taken.alternative} is free.`;
  return new AppFailure(
    {
      code: 'port.taken',
      message: `Starting container ${container}: port ${taken.port} is held by ${taken.owner}.`,
      hint: `Stop that, or publish another port.${alternative}`,
      detail: sentenceOf(error),
    },
    { cause: error },
  );
}
