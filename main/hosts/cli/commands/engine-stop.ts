import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { AppFailure } from '../../../core/app-failure.ts';
import { stateFolder } from '../../../platform/state-folder.ts';
import { exitCodes } from '../exit-codes.ts';
import { createIo } from '../io.ts';
import { reportFailure } from '../run.ts';

/** Written by scripts/setup when it started an engine because none answered. */
const record = z.object({
  pid: z.number().int().positive(),
  /** Field 22 of /proc/PID/stat: tells this process from a later one with the same number. */
  startTime: z.union([z.string(), z.number()]).transform(String),
  socket: z.string(),
});

const missing = (error: unknown): undefined => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ESRCH') return undefined;
  throw error;
};

/** undefined when there is no such process (a zombie is none), or no /proc to ask. */
async function startTimeOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(missing);
  // proc(5): the name in parentheses may hold anything; field 3 is the state, field 22 the start time.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields === undefined || fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

async function untilGone(pid: number, startTime: string, milliseconds: number): Promise<boolean> {
  // The engine is no child of ours, so nothing tells us when it ends.
  for (const end = Date.now() + milliseconds; Date.now() < end; ) {
    if ((await startTimeOf(pid)) !== startTime) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

async function stop(
  path: string,
): Promise<{ readonly stopped: boolean; readonly text: string; readonly socket?: string }> {
  const text = await readFile(path, 'utf8').catch(missing);
  if (text === undefined) return { stopped: false, text: 'claude-env started no engine; nothing is stopped.' };
  const parsed = record.safeParse(JSON.parse(text));
  if (!parsed.success) {
    throw new AppFailure({
      code: 'unsupported',
      message: `${path} does not say which engine was started; nothing is stopped.`,
      hint: 'Stop the engine as you stop other services, then delete that file.',
    });
  }
  const { pid, startTime, socket } = parsed.data;
  if ((await startTimeOf(pid)) !== startTime) {
    await rm(path, { force: true });
    return { stopped: false, text: 'The engine that claude-env started is not running any more.', socket };
  }
  process.kill(pid, 'SIGTERM');
  // The engine gives its containers 10 s each to end, several at once.
  if (!(await untilGone(pid, startTime, 60_000))) {
    throw new AppFailure({
      code: 'engine.error',
      message: `The engine (process ${pid}) was told to stop a minute ago and still runs.`,
      hint: `Its containers may take long to end; try again, or end it with \`kill -KILL ${pid}\`.`,
    });
  }
  await rm(path, { force: true });
  return { stopped: true, text: `Stopped the engine on ${socket}.`, socket };
}

/** Ends the engine that set-up started, and never another: process number and start time both have to fit. */
export async function engineStop(options: { readonly json: boolean }): Promise<number> {
  const io = createIo(options);
  let code: number = exitCodes.done;
  try {
    const { stopped, text, socket } = await stop(join(stateFolder(), 'engine.json'));
    io.data({ stopped, ...(socket === undefined ? {} : { socket }), message: text });
    io.say(text);
  } catch (error) {
    code = reportFailure(error, io, () => undefined);
  }
  await io.flushed();
  return code;
}
