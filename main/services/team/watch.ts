import type { TeamContext } from './context.ts';
import { movedText, type TeamView, viewTeam } from './view.ts';

export interface MoveNotice {
  /** undefined: it is (again) where the Swarm knows it. */
  readonly moved: TeamView['moved'];
  readonly says: string;
}

/** Addresses come and go in bursts (an old one goes, IPv6 comes, the new one comes): the last of them counts. */
const settle = 700;

/**
 * Says at once, and whenever that changes, whether the Swarm knows this machine by an address that it no longer has. Woken by
 * the system when addresses change, so that nothing is asked meanwhile.
 */
export async function watchMoves(
  context: TeamContext,
  { engine, onNotice }: { readonly engine?: string; readonly onNotice: (notice: MoveNotice) => void },
  signal: AbortSignal,
): Promise<void> {
  let said: string | undefined | null = null;
  let callOff = () => {};
  let fail: (error: unknown) => void = () => undefined;
  const look = async () => {
    const { moved, team = 'The Swarm' } = await viewTeam(context, engine === undefined ? {} : { engine });
    // On no network: where it comes up is told, and a cable that is pulled and put back is nothing to tell.
    if (moved?.now.length === 0) return;
    const text = moved === undefined ? undefined : movedText(team, moved, context.program);
    if (text === said || signal.aborted) return;
    said = text;
    onNotice({ moved, says: text ?? `${team} knows this machine where it is.` });
  };
  const stop = context.network.watch(() => {
    callOff();
    callOff = context.clock.after(settle, () => void look().catch((error: unknown) => fail(error)));
  });
  try {
    await new Promise<void>((resolve, reject) => {
      fail = reject;
      signal.addEventListener('abort', () => resolve(), { once: true });
      if (signal.aborted) resolve();
      look().catch(reject);
    });
  } finally {
    callOff();
    stop();
  }
}
