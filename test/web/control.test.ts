import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { askRunning, startControl } from '../../main/hosts/web/control.ts';
import { openerFor } from '../../main/hosts/web/open-url.ts';
import { readShell } from '../../main/hosts/web/shell.ts';
import { temporaryFolder } from './support.ts';

async function started(folder: string) {
  let links = 0;
  const control = await startControl({
    folder,
    port: 4711,
    link: () => {
      links += 1;
      return `http://127.0.0.1:4711/#token=${links}`;
    },
  });
  onTestFinished(control.close);
  return { ...control, links: () => links };
}

interface Recorded {
  readonly socket: string;
  readonly secret: string;
}
const recorded = async (folder: string) => JSON.parse(await readFile(join(folder, 'web.json'), 'utf8')) as Recorded;

describe('asking a running web host for a link', () => {
  it('gives a fresh one each time', async () => {
    const folder = await temporaryFolder();
    await started(folder);
    expect(await askRunning(folder)).toEqual({ url: 'http://127.0.0.1:4711/#token=1', port: 4711, pid: process.pid });
    expect(await askRunning(folder)).toMatchObject({ url: 'http://127.0.0.1:4711/#token=2' });
  });

  it('finds none in an empty folder, after the end, or when the record is of a process that is gone', async () => {
    const folder = await temporaryFolder();
    expect(await askRunning(folder)).toBeUndefined();
    const control = await started(folder);
    const record = await recorded(folder);
    await control.close();
    expect(await askRunning(folder)).toBeUndefined();
    await writeFile(
      join(folder, 'web.json'),
      JSON.stringify({ ...record, pid: 1, started: 'another boot/1', port: 1 }),
    );
    expect(await askRunning(folder)).toBeUndefined();
    await writeFile(join(folder, 'web.json'), '{ not json');
    expect(await askRunning(folder)).toBeUndefined();
  });

  it('takes the place of a host that crashed and left its socket behind', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'web.sock'), '');
    await started(folder);
    expect(await askRunning(folder)).toMatchObject({ port: 4711 });
  });

  it.skipIf(process.platform === 'win32')('works from a folder whose path is too long for a socket', async () => {
    const folder = join(await temporaryFolder(), 'x'.repeat(100));
    await mkdir(folder);
    await started(folder);
    expect(await askRunning(folder)).toMatchObject({ port: 4711 });
  });

  it.skipIf(process.platform === 'win32')('is for this user alone', async () => {
    const folder = await temporaryFolder();
    await started(folder);
    const { socket } = await recorded(folder);
    expect((await stat(join(folder, 'web.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(socket)).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['without the secret', 'POST', '/link', undefined],
    ['with a wrong one', 'POST', '/link', 'Bearer wrong'],
    ['by GET', 'GET', '/link', 'right'],
    ['at another path', 'POST', '/', 'right'],
  ])('gives nothing %s', async (_what, method, path, authorization) => {
    const folder = await temporaryFolder();
    const control = await started(folder);
    const { socket, secret } = await recorded(folder);
    const given = authorization === 'right' ? `Bearer ${secret}` : authorization;
    const status = await new Promise((resolve, reject) => {
      const asking = request(
        { socketPath: socket, path, method, headers: given === undefined ? {} : { authorization: given } },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        },
      );
      asking.on('error', reject);
      asking.end();
    });
    expect(status).toBe(404);
    expect(control.links()).toBe(0);
  });
});

describe('opening an address', () => {
  const has =
    (...names: string[]) =>
    async (name: string) =>
      names.includes(name) ? `/usr/bin/${name}` : undefined;

  it('uses the opener of the system', async () => {
    expect(await openerFor('darwin', {}, has())).toEqual(['/usr/bin/open']);
    expect(await openerFor('win32', {}, has())).toEqual(['rundll32.exe', 'url.dll,FileProtocolHandler']);
    expect(await openerFor('linux', { DISPLAY: ':0' }, has('xdg-open'))).toEqual(['/usr/bin/xdg-open']);
    expect(await openerFor('linux', { WSL_DISTRO_NAME: 'Debian' }, has('wslview'))).toEqual(['/usr/bin/wslview']);
  });

  it('opens nothing where there is no screen, or no opener', async () => {
    expect(await openerFor('linux', {}, has('xdg-open'))).toBeUndefined();
    expect(await openerFor('linux', { WAYLAND_DISPLAY: 'wayland-0' }, has())).toBeUndefined();
  });
});

describe('the built page', () => {
  it('says how to build it when it is not there', async () => {
    const folder = await temporaryFolder();
    await expect(readShell(join(folder, 'renderer'))).rejects.toMatchObject({ error: { code: 'file.not-found' } });
    await expect(readShell(folder)).rejects.toMatchObject({
      error: { hint: expect.stringContaining('npm run build') },
    });
  });
});
