import type { TeamContext } from './context.ts';
import { type TeamView, viewTeam } from './view.ts';

export interface MoveNotice {
  /** undefined: it is (again) where the Swarm knows it. */
  readonly moved: TeamView['moved'];
  readonly team: string;
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
  let isAway = false;
  const look = async () => {
    const { moved, team = 'The Swarm' } = await viewTeam(context, engine === undefined ? {} : { engine });
    // On no network: where it comes up is told, and a cable that is pulled and put back is nothing to tell.
    if (moved?.now.length === 0) return;
    const text = moved?.says;
    if (text === said || signal.aborted) return;
    said = text;
    isAway = moved !== undefined;
    onNotice({ moved, team, says: text ?? `${team} knows this machine where it is.` });
  };
  const soon = () => {
    callOff();
    callOff = context.clock.after(settle, () => void look().catch((error: unknown) => fail(error)));
  };
  const { connection } = await context.engineOf(engine);
  const stops = [
    context.network.watch(soon),
    // Who leaves and joins again by other means is where the Swarm knows it: entering one makes networks, and says no more.
    connection.watch((told) => isAway && told.kind === 'event' && told.event.type === 'network' && soon()),
  ];
  try {
    await new Promise<void>((resolve, reject) => {
      fail = reject;
      signal.addEventListener('abort', () => resolve(), { once: true });
      if (signal.aborted) resolve();
      look().catch(reject);
    });
  } finally {
    callOff();
    for (const stop of stops) stop();
  }
}
