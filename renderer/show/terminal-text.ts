import { type Color, parseAnsiSequences } from 'ansi-sequence-parser';

/*
 * Log text is hostile: it is shown as text nodes, its colours come from our own palette (so contrast holds), and every
 * other control sequence is taken out.
 */
const terminalColors = ['red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'grey'] as const;
export type TerminalColor = (typeof terminalColors)[number];
export interface TextRun {
  readonly text: string;
  readonly color: TerminalColor | undefined;
  readonly bold: boolean;
}

// ESC ] … BEL or ESC \ (titles, links); ESC [ … any final byte but m (cursor, erase); other two-byte escapes.
const esc = String.fromCharCode(27);
const bell = String.fromCharCode(7);
const notColour = new RegExp(
  `${esc}\\][^${bell}${esc}]*(?:${bell}|${esc}\\\\)|${esc}\\[[0-?]*[ -/]*[@-ln-~]|${esc}[ -/]*[0-Z\\\\^-~]`,
  'g',
);
const colour = new RegExp(`${esc}\\[[0-9;:]*m`, 'g');
// Control characters, and the marks that reorder text so that a line reads as another one.
const controls = /[\p{Cc}\p{Bidi_Control}]/gu;

/** A carriage return starts the line again: what the terminal would show is what follows the last one. */
const lastRewrite = (text: string): string => {
  const trimmed = text.replace(/\r+$/, '');
  return trimmed.slice(trimmed.lastIndexOf('\r') + 1);
};
const clean = (text: string): string => text.replace(controls, '');

const untab = (text: string): string => text.replaceAll('\t', '    ');

export const plainText = (text: string): string =>
  clean(untab(lastRewrite(text).replace(notColour, '').replace(colour, '')));

const named: Readonly<Record<string, TerminalColor>> = {
  black: 'grey',
  red: 'red',
  green: 'green',
  yellow: 'yellow',
  blue: 'blue',
  magenta: 'magenta',
  cyan: 'cyan',
};
const basic = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
const steps = [0, 95, 135, 175, 215, 255];

/** The nearest of our colours by hue; greys keep the text's own colour. */
function fromRgb([r, g, b]: readonly [number, number, number]): TerminalColor | undefined {
  const max = Math.max(r, g, b);
  const min = Math.min(r, g, b);
  if (max - min < 48) return max < 140 ? 'grey' : undefined;
  const delta = max - min;
  const sector = max === r ? ((g - b) / delta + 6) % 6 : max === g ? (b - r) / delta + 2 : (r - g) / delta + 4;
  const hues: readonly TerminalColor[] = ['red', 'yellow', 'green', 'cyan', 'blue', 'magenta'];
  return hues[Math.round(sector) % 6];
}

/** https://en.wikipedia.org/wiki/ANSI_escape_code#8-bit: 16 named, a 6×6×6 cube, 24 greys. */
function fromTable(index: number): TerminalColor | undefined {
  if (index < 16) return named[basic[index % 8] ?? ''];
  if (index >= 232) return fromRgb([8 + (index - 232) * 10, 8 + (index - 232) * 10, 8 + (index - 232) * 10]);
  const cube = index - 16;
  const at = (place: number) => steps[Math.floor(cube / place) % 6] ?? 0;
  return fromRgb([at(36), at(6), at(1)]);
}

function toColor(color: Color | null): TerminalColor | undefined {
  if (color === null) return undefined;
  if (color.type === 'rgb') return fromRgb(color.rgb);
  if (color.type === 'table') return fromTable(color.index);
  if (color.name === 'brightBlack') return 'grey';
  return named[color.name.replace(/^bright/, '').toLowerCase()];
}

/** A line as runs of one colour each, safe to put into text nodes. */
export function toRuns(text: string): readonly TextRun[] {
  const line = untab(lastRewrite(text).replace(notColour, ''));
  return parseAnsiSequences(line).flatMap(({ value, foreground, decorations }) => {
    const run = clean(value);
    return run === '' ? [] : [{ text: run, color: toColor(foreground), bold: decorations.has('bold') }];
  });
}
