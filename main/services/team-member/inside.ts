import * as z from 'zod';
import type { AppError } from '../../../preload/contract/errors.ts';
import { carried, memberFile, memberServer, offeredRevision } from '../../../preload/contract/team-member.ts';
import { AppFailure } from '../../core/app-failure.ts';
import type { EngineConnection } from '../ports.ts';

/* `claude-env …` inside a dev container: what it is told comes in by standard input, what it says is one line of JSON. */

const applied = { applied: z.string().nullable(), drifted: z.array(z.string()) };
const offered = offeredRevision.nullable();
const told = z.object({
  ...applied,
  written: z.array(z.string()),
  kept: z.array(z.object({ path: z.string(), note: z.string() })),
});
/** What each of them answers with. */
export const answers = {
  register: z.object({
    ...applied,
    address: z.string(),
    servers: z.array(memberServer),
    offered,
    trouble: z.string().optional(),
  }),
  diff: z.object({
    ...applied,
    team: z.string(),
    offered,
    shared: z.boolean(),
    /** Of what the offered revision is, whatever it is called. */
    digest: z.string().nullable(),
    files: z.array(memberFile),
    carries: z.array(carried),
    ignored: z.array(z.string()),
  }),
  change: told,
  state: z.object(applied),
  leave: told,
};

const codes = ['no-team', 'no-memory', 'unreachable', 'refused', 'archive', 'changed', 'input', 'failed'] as const;
const line = z.union([
  z.object({ result: z.unknown() }),
  z.object({ error: z.object({ code: z.enum(codes), message: z.string() }) }),
]);

const codeOf: Record<(typeof codes)[number], Pick<AppError, 'code' | 'hint'>> = {
  'no-team': { code: 'team.not-linked' },
  'no-memory': { code: 'exec.failed', hint: 'Bring the stack up again: its container is older than the team’s part.' },
  unreachable: {
    code: 'team.unreachable',
    hint: 'The dev container reaches the team as this machine does: see VPN and firewall.',
  },
  refused: { code: 'team.revoked', hint: 'Ask an operator of the team for a new invite.' },
  archive: { code: 'team.refused', hint: 'Tell an operator of the team: nothing was changed here.' },
  changed: { code: 'plan.changed', hint: 'Look at what is offered now, and agree to that.' },
  input: { code: 'internal' },
  failed: { code: 'exec.failed' },
};

/** A diff of a whole configuration, and no more. */
const most = 64 * 2 ** 20;
const patience = 120_000;

export interface Inside<T> {
  readonly connection: Pick<EngineConnection, 'exec'>;
  readonly container: string;
  /** Beginning with `claude-env`. */
  readonly command: readonly string[];
  readonly answer: z.ZodType<T>;
  readonly input?: string;
  readonly signal?: AbortSignal;
}

async function* once(text: string): AsyncGenerator<Uint8Array, void> {
  yield new TextEncoder().encode(text);
}

/** Throws what it says went wrong, as an AppFailure; nothing of the input is ever in that. */
export async function runInside<T>({ connection, container, command, answer, input, signal }: Inside<T>): Promise<T> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const limit = AbortSignal.timeout(patience);
  const { exitCode } = await connection.exec(container, {
    command: [...command, '--json'],
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    ...(input === undefined ? {} : { input: once(input) }),
    onOutput: (stream, chunk) => {
      if (stream !== 'stdout' || size > most) return;
      size += chunk.length;
      chunks.push(chunk);
    },
  });
  const said = parse(join(chunks, size));
  if (said === undefined) {
    throw new AppFailure({
      code: 'exec.failed',
      message: `${command.slice(0, 3).join(' ')} in the dev container ended with ${exitCode} and said nothing that is understood.`,
      hint: 'Its image may be older than this program: bring the stack up again.',
    });
  }
  if ('error' in said) {
    const { code, message } = said.error;
    throw new AppFailure({ message: `${message[0]?.toUpperCase() ?? ''}${message.slice(1)}.`, ...codeOf[code] });
  }
  return answer.parse(said.result);
}

export type AppliedState = z.infer<typeof answers.state>;

/** Until the signal fires: nothing comes, and the end of it is the end of whoever listens. */
async function* openUntil(signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** What is applied there, told whenever it is another one. Rejects when that ends otherwise than by the signal. */
export async function watchInside({
  connection,
  container,
  onState,
  signal,
}: Pick<Inside<unknown>, 'connection' | 'container'> & {
  readonly onState: (state: AppliedState) => void;
  readonly signal: AbortSignal;
}): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  const { exitCode } = await connection.exec(container, {
    command: ['claude-env', 'team', 'watch', '--json'],
    signal,
    input: openUntil(signal),
    onOutput: (stream, chunk) => {
      if (stream !== 'stdout') return;
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = (lines.pop() ?? '').slice(0, most);
      for (const text of lines) {
        const said = parse(text);
        const state = said !== undefined && 'result' in said ? answers.state.safeParse(said.result).data : undefined;
        if (state !== undefined) onState(state);
      }
    },
  });
  throw new AppFailure({ code: 'exec.failed', message: `claude-env team watch ended with ${exitCode}.` });
}

function join(chunks: readonly Uint8Array[], size: number): string {
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return new TextDecoder().decode(all);
}

/** The last line; what comes before it is for people. */
function parse(text: string): z.infer<typeof line> | undefined {
  try {
    const found = line.safeParse(JSON.parse(text.trimEnd().split('\n').at(-1) ?? ''));
    return found.success ? found.data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
