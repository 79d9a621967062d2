import type { AttachControl, ExecOptions } from '../../services/ports.ts';
import type { Io } from './io.ts';

/** This process's terminal joined to a command's in a container. */
export interface JoinedTerminal {
  /** Both ends are a terminal, and the command gets one. */
  readonly tty: boolean;
  readonly input: AsyncIterable<Uint8Array>;
  readonly onOutput: ExecOptions['onOutput'];
  readonly onStart: (control: Pick<AttachControl, 'resize'>) => void;
}

/**
 * Raw mode while `run` lasts, so that every key, Ctrl-C too, is the command's; the window's size is passed on. With
 * --json output comes as `{stream, text}` lines, and no terminal is taken.
 */
export async function joinTerminal<T>(
  io: Io,
  wanted: boolean,
  run: (terminal: JoinedTerminal) => Promise<T>,
): Promise<T> {
  const { stdin, stdout, stderr } = process;
  const tty = wanted && stdin.isTTY === true && stdout.isTTY === true && !io.json;
  let resize: (() => void) | undefined;
  if (tty) stdin.setRawMode(true);
  try {
    return await run({
      tty,
      input: stdin as AsyncIterable<Uint8Array>,
      onOutput: (stream, chunk) => {
        if (io.json) io.data({ stream, text: Buffer.from(chunk).toString('utf8') });
        else return written(stream === 'stdout' ? stdout : stderr, chunk);
        return undefined;
      },
      onStart: (control) => {
        if (!tty) return;
        resize = () => {
          // The command may have ended between the window's change and this call.
          control.resize(stdout.columns, stdout.rows).catch(() => undefined);
        };
        resize();
        stdout.on('resize', resize);
      },
    });
  } finally {
    if (resize !== undefined) stdout.off('resize', resize);
    if (tty) stdin.setRawMode(false);
    stdin.pause();
  }
}

/** Whose reader is behind, and until when. */
const full = new Map<NodeJS.WriteStream, Promise<void>>();

/** Kept when there is room again; undefined while there is. */
function written(to: NodeJS.WriteStream, chunk: Uint8Array): Promise<void> | undefined {
  if (to.write(chunk)) return undefined;
  const known = full.get(to);
  if (known !== undefined) return known;
  const room = new Promise<void>((resolve) => {
    to.once('drain', () => {
      full.delete(to);
      resolve();
    });
  });
  full.set(to, room);
  return room;
}
