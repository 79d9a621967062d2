import type { Endpoint } from './endpoint.ts';
import type { Host } from './host.ts';

/** A place where a product is known to put its socket. */
export interface KnownSocket {
  /** Last part of the engine's id: `socket:colima`. */
  readonly key: string;
  readonly product: string;
  readonly endpoint: Endpoint;
}

const unix = (path: string): Endpoint => ({ kind: 'unix', path });
const npipe = (name: string): Endpoint => ({ kind: 'npipe', path: `//./pipe/${name}` });

/** The engine that the docker CLI uses when nothing else is said (its context `default`). */
export const defaultEndpoint = (host: Host): Endpoint =>
  host.platform === 'win32' ? npipe('docker_engine') : unix('/var/run/docker.sock');

/**
 * In the order in which they are tried. Sources: docs.docker.com/desktop (~/.docker/desktop/docker.sock on Linux,
 * ~/.docker/run/docker.sock on macOS, pipe dockerDesktopLinuxEngine), docs.docker.com/engine/security/rootless,
 * github.com/abiosoft/colima/blob/main/docs/FAQ.md, docs.rancherdesktop.io, docs.orbstack.dev/docker, podman.io.
 */
export function knownSockets(host: Host): readonly KnownSocket[] {
  if (host.platform === 'win32') {
    return [
      { key: 'docker-desktop', product: 'Docker Desktop', endpoint: npipe('dockerDesktopLinuxEngine') },
      { key: 'podman', product: 'Podman', endpoint: npipe('podman-machine-default') },
    ];
  }
  const { home, env, platform } = host;
  const colimaHome = env.COLIMA_HOME ?? `${home}/.colima`;
  const runtime = env.XDG_RUNTIME_DIR ?? (host.uid === undefined ? undefined : `/run/user/${host.uid}`);
  const desktop = `${home}/.docker/${platform === 'darwin' ? 'run' : 'desktop'}/docker.sock`;
  return [
    { key: 'docker-desktop', product: 'Docker Desktop', endpoint: unix(desktop) },
    ...(platform === 'linux' && runtime !== undefined
      ? [{ key: 'rootless', product: 'Docker (rootless)', endpoint: unix(`${runtime}/docker.sock`) }]
      : []),
    { key: 'colima', product: 'Colima', endpoint: unix(`${colimaHome}/default/docker.sock`) },
    { key: 'rancher-desktop', product: 'Rancher Desktop', endpoint: unix(`${home}/.rd/docker.sock`) },
    { key: 'orbstack', product: 'OrbStack', endpoint: unix(`${home}/.orbstack/run/docker.sock`) },
    ...(platform === 'linux' && runtime !== undefined
      ? [{ key: 'podman', product: 'Podman', endpoint: unix(`${runtime}/podman/podman.sock`) }]
      : []),
    platform === 'darwin'
      ? {
          key: 'podman',
          product: 'Podman',
          endpoint: unix(`${home}/.local/share/containers/podman/machine/podman.sock`),
        }
      : { key: 'podman-root', product: 'Podman (root)', endpoint: unix('/run/podman/podman.sock') },
  ];
}
