import { splitId } from '../../preload/contract/ids.ts';
import type { ServiceId } from '../../preload/contract/model.ts';
import { AppFailure } from '../core/app-failure.ts';
import type { Live } from './live.ts';

const hex = (text: string): string =>
  [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** A folder inside the container that a label may name; anything odd is not put into an address. */
const folderLabel = 'io.claude-env.workspace';
const isPlainFolder = (path: string | undefined): path is string =>
  path !== undefined && /^\/[\w./-]{0,255}$/.test(path) && !path.split('/').includes('..');

/**
 * VS Code's address for attaching to a running container: hex of `{"containerName":"/name"}` in the authority
 * (docs/architecture.md; tried by hand with the Dev Containers extension's own "attach" command).
 */
function toAttachUri(container: string, folder: string): string {
  return `vscode://vscode-remote/attached-container+${hex(JSON.stringify({ containerName: `/${container}` }))}${folder}`;
}

export async function editorLink(live: Live, service: ServiceId): Promise<{ uri: string; command: string }> {
  const { engine, name } = splitId(service);
  await live.looked(engine);
  const running = live
    .state()
    .services[service]?.containers.find((container) => container.state === 'running' && !container.oneOff);
  if (running === undefined) {
    throw new AppFailure({
      code: 'container.exited',
      message: `${name} is not running, so no editor can open inside it.`,
      hint: 'Start it first.',
    });
  }
  const seen = live.containers(engine).find((container) => container.name === running.name);
  const label = seen?.labels[folderLabel];
  const folder = isPlainFolder(label) ? label : '/workspaces';
  const authority = `attached-container+${hex(JSON.stringify({ containerName: `/${running.name}` }))}`;
  return {
    uri: toAttachUri(running.name, folder),
    command: `code --folder-uri vscode-remote://${authority}${folder}`,
  };
}
