import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

/* Reads the tokens themselves, so that a colour that is changed is a colour that is checked. */
const css = readFileSync(new URL('../../renderer/styles/tokens.css', import.meta.url), 'utf8');
const tokens = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g)].map(([, name, light, dark]) => [
    name ?? '',
    { light: light ?? '', dark: dark ?? '' },
  ]),
);

/** https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}
function token(name: string, theme: 'light' | 'dark'): string {
  const found = tokens.get(name);
  if (found === undefined) throw new Error(`tokens.css has no --${name}`);
  return found[theme];
}

const surfaces = ['bg', 'bg-side', 'bg-raised', 'bg-inset', 'bg-hover', 'bg-selected', 'bg-bad', 'bg-warn', 'bg-note'];
const inks = ['text', 'text-2', 'text-3', 'accent', 'ok', 'busy', 'warn', 'bad', 'idle'];
const ansi = ['red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'grey'].map((color) => `ansi-${color}`);
const services = Array.from({ length: 8 }, (_, index) => `log-${index + 1}`);

describe.each(['light', 'dark'] as const)('%s', (theme) => {
  const ratio = (ink: string, surface: string) => contrast(token(ink, theme), token(surface, theme));

  test('the formula gives what WCAG says', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  });

  test.each(inks)('%s is readable on every surface (AA)', (ink) => {
    for (const surface of surfaces)
      expect([surface, ratio(ink, surface)]).toEqual([surface, expect.toSatisfy(atLeast(4.5))]);
  });

  test.each(['accent-fill', 'accent-fill-hover', 'bad-fill', 'bad-fill-hover'])('button text on %s (AA)', (fill) => {
    expect(ratio('on-accent', fill)).toBeGreaterThanOrEqual(4.5);
  });

  test.each(['text', 'text-2'])('%s on controls (AA)', (ink) => {
    expect(ratio(ink, 'bg-control')).toBeGreaterThanOrEqual(4.5);
    expect(ratio(ink, 'bg-control-hover')).toBeGreaterThanOrEqual(4.5);
  });

  test.each(['line-field', 'focus'])('%s outlines a control visibly (3:1)', (line) => {
    for (const surface of ['bg', 'bg-raised', 'bg-inset']) expect(ratio(line, surface)).toBeGreaterThanOrEqual(3);
  });

  test.each(['log-text', ...ansi])('log text %s (AAA)', (ink) => {
    expect(ratio(ink, 'bg-inset')).toBeGreaterThanOrEqual(7);
  });

  test.each(['log-time', ...services, 'yaml-key', 'yaml-comment', 'yaml-variable'])(
    '%s beside log text (AA)',
    (ink) => {
      expect(ratio(ink, 'bg-inset')).toBeGreaterThanOrEqual(4.5);
      expect(ratio(ink, 'bg-hover')).toBeGreaterThanOrEqual(4.5);
    },
  );

  test('service colours are told apart', () => {
    const distance = (a: string, b: string) =>
      Math.hypot(
        ...[1, 3, 5].map((at) => Number.parseInt(a.slice(at, at + 2), 16) - Number.parseInt(b.slice(at, at + 2), 16)),
      );
    const colors = services.map((name) => token(name, theme));
    for (const [index, a] of colors.entries()) {
      for (const b of colors.slice(index + 1)) expect(distance(a, b)).toBeGreaterThan(60);
    }
  });
});

const atLeast = (minimum: number) => (value: number) => value >= minimum;

test('tokens were found', () => {
  expect(tokens.size).toBeGreaterThan(40);
});
