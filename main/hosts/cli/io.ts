import { isatty } from 'node:tty';
import { stripVTControlCharacters, styleText } from 'node:util';

/** Where a command writes. With `json`, stdout carries JSON and nothing else; people's text then goes nowhere. */
export interface Io {
  readonly json: boolean;
  /** Standard output is a terminal and people read it. */
  readonly live: boolean;
  /** Somebody can be asked. */
  readonly canAsk: boolean;
  readonly columns: () => number;
  readonly rows: () => number;
  readonly paint: Paint;
  /** Text for people on standard output; nothing with --json. */
  readonly say: (text: string) => void;
  /** A value as one line of JSON; nothing without --json. */
  readonly data: (value: unknown) => void;
  /** Standard output as it is, for `exec`, `logs` and `config`. */
  readonly raw: (chunk: string | Uint8Array) => void;
  readonly warn: (text: string) => void;
  /** Everything written has left the process. */
  readonly flushed: () => Promise<void>;
}

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'cyan' | 'magenta' | 'gray';
export type Paint = (style: Style, text: string) => string;

/** https://no-color.org and https://force-color.org */
function wantsColour(isTty: boolean, environment: Readonly<Record<string, string | undefined>>): boolean {
  if (environment.NO_COLOR !== undefined && environment.NO_COLOR !== '') return false;
  if (environment.FORCE_COLOR !== undefined && environment.FORCE_COLOR !== '') return environment.FORCE_COLOR !== '0';
  return isTty && environment.TERM !== 'dumb';
}

export function createIo(options: { readonly json: boolean }): Io {
  const { json } = options;
  const { stdout, stderr } = process;
  const colour = !json && wantsColour(stdout.isTTY === true, process.env);
  const written = (stream: NodeJS.WriteStream) =>
    new Promise<void>((resolve) => {
      if (stream.destroyed || stream.writableEnded) resolve();
      else stream.write('', () => resolve());
    });
  return {
    json,
    live: !json && stdout.isTTY === true && process.env.TERM !== 'dumb',
    // `process.stdin` would be opened by being named, for a question that most commands never ask.
    canAsk: !json && stdout.isTTY === true && isatty(0),
    columns: () => stdout.columns ?? 80,
    rows: () => stdout.rows ?? 24,
    paint: (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text),
    say: (text) => {
      if (!json) stdout.write(`${text}\n`);
    },
    data: (value) => {
      if (json) stdout.write(`${JSON.stringify(value)}\n`);
    },
    raw: (chunk) => {
      stdout.write(chunk);
    },
    warn: (text) => {
      stderr.write(`${text}\n`);
    },
    flushed: async () => {
      await Promise.all([written(stdout), written(stderr)]);
    },
  };
}

/** One line of somebody else's output, made harmless for a terminal (nothing turns the direction of what follows) and cut to a width. */
export function oneLine(text: string, width = Number.POSITIVE_INFINITY): string {
  const flat = stripVTControlCharacters(text)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
    .replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g, ' ')
    .trim();
  return flat.length > width ? `${flat.slice(0, Math.max(0, width - 1))}…` : flat;
}

/** A log line on a terminal: colours stay, cursor movements and title changes do not. */
export function keepColours(text: string): string {
  const parts = text.split(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
    /(\u001b\[[0-9;:]*m)/,
  );
  return parts
    .map((part, index) =>
      index % 2 === 1
        ? part
        : stripVTControlCharacters(part)
            // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
            .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, ''),
    )
    .join('');
}
