import { splitId } from '../../preload/contract/ids.ts';
import { useConnection, useLive } from './context.ts';

/** Something can be done with this stack now: its engine answers, and so does the host. */
export function useReachable(stack: string): boolean {
  const open = useConnection((connection) => connection.kind === 'open');
  const answers = useLive((live) => live.engines[splitId(stack).engine]?.state.kind === 'connected');
  return open && answers;
}
