/*
 * Takes the pictures; `npm run screenshots` (../screenshots.mjs) starts it on Node 24, with everything set up and built.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize, resolve, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { shrinkPng } from './small-png.mjs';

const here = (path) => new URL(path, import.meta.url);
// By address: the scenarios are TypeScript, which Node 24 reads as it is.
const { scenarios } = await import(here('../../test/support/scenarios.ts').href);
const { now } = await import(here('../../test/support/scenarios-data.ts').href);
const { chromiumArgs, chromiumPath } = await import(here('../../test/support/chromium.ts').href);
/** Runs in the page before its own script. */
const worldScript = await readFile(here('world.js'), 'utf8');

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'docs/screenshots' },
    page: { type: 'string', default: 'out/renderer' },
    only: { type: 'string' },
    theme: { type: 'string' },
    size: { type: 'string' },
  },
});
const pageFolder = resolve(values.page);
const outFolder = resolve(values.out);
const themes = ['dark', 'light'].filter((theme) => values.theme === undefined || values.theme === theme);
const sizes = [
  { width: 1280, height: 800 },
  { width: 900, height: 600 },
].filter(({ width, height }) => values.size === undefined || values.size === `${width}x${height}`);
const chosen = scenarios.filter(({ name }) => values.only === undefined || values.only.split(',').includes(name));

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** Serves the built page on loopback, and nothing else. */
function serve() {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const file = normalize(join(pageFolder, pathname === '/' ? 'index.html' : pathname));
    const type = types[extname(file)];
    if (type === undefined || !file.startsWith(pageFolder + sep) || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': type }).end(await readFile(file));
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)));
}

async function perform(page, act) {
  if ('click' in act) await page.getByRole(act.click[0], { name: act.click[1], exact: true }).first().click();
  else if ('row' in act) await page.getByTestId(`service-${act.row}`).click();
  else if ('stack' in act) await page.getByTestId(`stack-${act.stack}`).click();
  else if ('press' in act) await page.keyboard.press(act.press);
  else await page.getByLabel(act.fill[0]).fill(act.fill[1]);
}

const axe = await readFile(resolve('node_modules/axe-core/axe.min.js'), 'utf8');
/** Serious and critical findings, as lines. The page's CSP stays on: the script is evaluated by the debugger. */
async function audit(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate('axe.run(document, { resultTypes: ["violations"] })');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) =>
      nodes
        .slice(0, 3)
        .map(
          ({ target, failureSummary }) =>
            `${id}: ${help} at ${target.join(' ')}\n      ${failureSummary?.split('\n').slice(1, 2).join(' ').trim()}`,
        ),
    );
}

/**
 * The pictures shall look alike wherever Inter is installed (Debian: fonts-inter, fonts-jetbrains-mono): Chromium's
 * `system-ui` is whatever fontconfig puts last, so the browser gets a configuration with that one rule. Elsewhere the
 * system's own font is taken.
 */
async function fontEnvironment() {
  let known = '';
  try {
    known = execFileSync('fc-list', [':', 'family'], { encoding: 'utf8' });
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  if (!/^Inter(,|$)/m.test(known)) return {};
  const folder = await mkdtemp(join(tmpdir(), 'claude-env-fonts-'));
  const file = join(folder, 'fonts.conf');
  await writeFile(
    file,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir>/usr/share/fonts</dir><dir>/usr/local/share/fonts</dir><cachedir>${folder}</cachedir>
<match target="pattern"><edit name="family" mode="append" binding="weak"><string>Inter</string></edit></match>
</fontconfig>`,
  );
  return { FONTCONFIG_FILE: file };
}

async function shoot(browser, origin, scenario, theme, size) {
  const context = await browser.newContext({
    viewport: size,
    colorScheme: theme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'UTC',
  });
  const problems = [];
  try {
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => problems.push(`exception: ${error.message}`));
    await page.clock.setFixedTime(now);
    await page.addInitScript({
      content: `globalThis.claudeEnvWorld = ${JSON.stringify(scenario.world)};\n${worldScript}`,
    });
    await page.goto(origin);
    await page.locator('.status-bar, .alone').first().waitFor();
    for (const act of scenario.acts) await perform(page, act);
    await page.getByText(scenario.shows).first().waitFor({ state: 'visible', timeout: 5000 });
    await page.evaluate('document.fonts.ready.then(() => undefined)');
    await page.mouse.move(0, 0);
    const path = join(outFolder, `${scenario.name}-${theme}-${size.width}.png`);
    await writeFile(path, shrinkPng(await page.screenshot({ animations: 'disabled', caret: 'hide' })));
    problems.push(...(await audit(page)));
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  } finally {
    await context.close();
  }
  return problems;
}

if (!existsSync(join(pageFolder, 'index.html'))) {
  console.error(`The page is not built: ${pageFolder} has no index.html. Run npm run build first.`);
  process.exit(1);
}
await mkdir(outFolder, { recursive: true });
const server = await serve();
const origin = `http://127.0.0.1:${server.address().port}/`;
const fonts = await fontEnvironment();
const browser = await chromium.launch({
  args: [...chromiumArgs, '--font-render-hinting=none', '--force-color-profile=srgb'],
  env: { ...process.env, ...fonts },
  ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
});
let failures = 0;
let taken = 0;
try {
  for (const scenario of chosen) {
    for (const size of sizes) {
      for (const theme of themes) {
        const problems = await shoot(browser, origin, scenario, theme, size);
        taken += 1;
        if (problems.length === 0) continue;
        failures += 1;
        console.error(`${scenario.name} (${theme}, ${size.width}x${size.height})`);
        for (const problem of new Set(problems)) console.error(`    ${problem}`);
      }
    }
  }
} finally {
  await browser.close();
  server.close();
  if (fonts.FONTCONFIG_FILE !== undefined) await rm(resolve(fonts.FONTCONFIG_FILE, '..'), { recursive: true });
}
console.log(`${taken} pictures in ${outFolder}, ${failures} with problems`);
process.exit(failures === 0 ? 0 : 1);
