import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** As it is, and as it looks behind the encodings by which programs pass values on. */
function shapesOf(value: string): readonly string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const base64 = [0, 1, 2].map((offset) =>
    // Without the digits that are shared with what stands beside it.
    Buffer.from(`${'x'.repeat(offset)}${value}`)
      .toString('base64')
      .replace(/=*$/, '')
      .slice(offset === 0 ? 0 : offset + 1, -1),
  );
  return [
    value,
    json,
    JSON.stringify(json).slice(1, -1),
    json.replace(/[<>&]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`),
    encodeURIComponent(value),
    new URLSearchParams({ a: value }).toString().slice(2),
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ];
}

/** The shapes of a value that a text has; bytes are searched as well, whatever they were read as. */
export const findShapes = (where: string, value: string): readonly string[] =>
  shapesOf(value).filter((shape) => where.includes(shape) || where.includes(Buffer.from(shape).toString('latin1')));

/** The content of every file below a folder, byte for byte. */
export async function everythingBelow(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const texts = await Promise.all(files.map(async (path) => `${path}\n${await readFile(path, 'latin1')}`));
  return texts.join('\n');
}

export interface ArgumentWatch {
  /** Every command line that was seen on this machine, and how often was looked. */
  readonly stop: () => { readonly seen: string; readonly looks: number };
}

/** Looks at the arguments of every process again and again. Linux. */
export function watchArguments(): ArgumentWatch {
  const seen = new Set<string>();
  let looks = 0;
  let over = false;
  const look = async (): Promise<void> => {
    while (!over) {
      const entries = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
      const lines = await Promise.all(
        // A process that has ended meanwhile has none.
        entries.map((pid) => readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')),
      );
      for (const line of lines) seen.add(line);
      looks += 1;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  };
  void look();
  return {
    stop: () => {
      over = true;
      return { seen: [...seen].join('\n'), looks };
    },
  };
}
