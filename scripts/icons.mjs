// Draws resources/icons/*.png from the shapes below with a headless browser: `node scripts/icons.mjs`.
// Run by hand after changing a shape; the pictures are committed, so that a build needs no browser.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';

const icons = fileURLToPath(new URL('../resources/icons/', import.meta.url));

/** The tray's faces on a 16x16 grid: the shapes that the window shows too, in one ink. */
const faces = {
  fine: '<circle cx="8" cy="8" r="5"/>',
  working: '<circle cx="8" cy="8" r="4.25" fill="none" stroke-width="1.5"/><path d="M8 3.75a4.25 4.25 0 0 0 0 8.5z"/>',
  degraded: '<path d="M8 2.5 14 13H2z" stroke-width="1" stroke-linejoin="round"/>',
  down: '<rect x="3.5" y="3.5" width="9" height="9" rx="1"/>',
  off: '<circle cx="8" cy="8" r="4.25" fill="none" stroke-width="1.5"/>',
};

/** Three stacked layers, the top one lit, on a dark tile: an environment that is up. */
const app = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1024 1024">
  <rect x="64" y="64" width="896" height="896" rx="200" fill="#1b1e23"/>
  <g fill="none" stroke-width="52" stroke-linejoin="round" stroke-linecap="round">
    <path d="M256 660 512 788 768 660" stroke="#5b6470"/>
    <path d="M256 532 512 660 768 532" stroke="#97a2b0"/>
    <path d="M512 252 768 388 512 524 256 388z" stroke="#4cc38a" fill="#4cc38a"/>
  </g>
</svg>`;

const systemChromium = '/usr/bin/chromium';
const browser = await chromium.launch({
  ...(existsSync(systemChromium) ? { executablePath: systemChromium } : {}),
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
const page = await browser.newPage();

async function draw(svg, size, path) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>*{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`);
  await page.screenshot({ path, omitBackground: true });
}

await mkdir(`${icons}tray`, { recursive: true });
await draw(app, 1024, `${icons}icon.png`);
for (const [face, shape] of Object.entries(faces)) {
  for (const [suffix, ink] of [
    ['Template', '#000'],
    ['-light', '#fff'],
  ]) {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="${ink}" stroke="${ink}" stroke-width="0">${shape}</svg>`;
    await draw(svg, 16, `${icons}tray/${face}${suffix}.png`);
    await draw(svg, 32, `${icons}tray/${face}${suffix}@2x.png`);
  }
}
await browser.close();
