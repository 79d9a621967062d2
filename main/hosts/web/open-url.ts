import { spawn } from 'node:child_process';
import { findProgram } from '../../platform/programs.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** The system's opener with its arguments; undefined where there is no screen to open anything on. */
export async function openerFor(
  platform: string,
  environment: Variables,
  find: (name: string) => Promise<string | undefined>,
): Promise<readonly [string, ...string[]] | undefined> {
  if (platform === 'darwin') return ['/usr/bin/open'];
  // `start` is a word of cmd.exe, whose quoting would take `&` in an address for the next command.
  if (platform === 'win32') return ['rundll32.exe', 'url.dll,FileProtocolHandler'];
  if (environment.WSL_DISTRO_NAME !== undefined) {
    const wslview = await find('wslview');
    if (wslview !== undefined) return [wslview];
  }
  // Without a display xdg-open starts a text browser in this very terminal.
  if (!environment.DISPLAY && !environment.WAYLAND_DISPLAY) return undefined;
  const opener = await find('xdg-open');
  return opener === undefined ? undefined : [opener];
}

/** Hands an address to the user's browser; false when there is none to hand it to. */
export async function openUrl(url: string): Promise<boolean> {
  const opener = await openerFor(process.platform, process.env, findProgram);
  if (opener === undefined) return false;
  const [program, ...args] = opener;
  return new Promise((resolve) => {
    const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
