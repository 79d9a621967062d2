import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright';
import { chromiumArgs, chromiumPath } from '../support/chromium.ts';
import type { Desk } from './team-support.ts';

export interface Seat {
  readonly desk: Desk;
  readonly page: Page;
  readonly leave: () => Promise<void>;
}

/** A browser in the machine's network, on the web host that runs there. */
export async function openAt(desk: Desk): Promise<Seat> {
  const { netns } = desk.node;
  const web = desk.start('web', '--no-open');
  const { url } = await web.line((line) => typeof line.url === 'string');
  const program = join(desk.folder, 'browser');
  await writeFile(
    program,
    `#!/bin/sh\nexec nsenter --net=/var/run/netns/${netns} -- '${chromiumPath ?? chromium.executablePath()}' "$@"\n`,
  );
  await chmod(program, 0o755);
  const browser: Browser = await chromium.launch({ executablePath: program, args: [...chromiumArgs] });
  const page = await browser.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(String(url));
  await page.getByRole('button', { name: 'Team', exact: true }).click();
  return {
    desk,
    page,
    leave: async () => {
      await browser.close();
      await web.stop();
      await desk.remove();
    },
  };
}
