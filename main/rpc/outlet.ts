import type { Frame, StreamName } from '../../preload/contract/api.ts';
import type { ServiceId } from '../../preload/contract/model.ts';

/*
 * What happens to a stream's frames when the page reads slower than main writes. An outlet stands between one
 * subscription and the connection: it passes frames on, or, while the connection is congested, keeps what it must to
 * mend the stream later. Memory stays bounded whatever the page does.
 */
export interface Outlet<F> {
  readonly push: (frame: F) => void;
  /** The connection takes frames again. */
  readonly resume: () => void;
}

export interface OutletOptions<F> {
  readonly congested: () => boolean;
  readonly send: (frame: F) => void;
  /** Takes the subscription anew, which begins with a snapshot. */
  readonly resubscribe: () => void;
}

/** Patches that were missed are replaced by a fresh snapshot; sequence numbers have no hole as the page sees them. */
function patchesOutlet<F extends Frame<'live'> | Frame<'swarm'> | Frame<'teamServices'>>(
  options: OutletOptions<F>,
): Outlet<F> {
  let seq = 0;
  let missed = false;
  return {
    push: (frame) => {
      if (missed && frame.kind === 'patches') return;
      if (options.congested()) {
        missed = true;
        return;
      }
      missed = false;
      options.send({ ...frame, seq });
      seq += 1;
    },
    resume: () => {
      if (missed) options.resubscribe();
    },
  };
}

/** A subscription begins with every operation whole; only what was dismissed meanwhile has to be remembered. */
function operationsOutlet(options: OutletOptions<Frame<'operations'>>): Outlet<Frame<'operations'>> {
  let missed = false;
  const dismissed = new Set<string>();
  return {
    push: (frame) => {
      if (options.congested()) missed = true;
      if (!missed) {
        options.send(frame);
        return;
      }
      if (frame.kind === 'dismissed') dismissed.add(frame.operation);
    },
    resume: () => {
      if (!missed) return;
      missed = false;
      for (const operation of dismissed) options.send({ kind: 'dismissed', operation });
      dismissed.clear();
      options.resubscribe();
    },
  };
}

/** Every frame is whole: while there is no room only the last one counts. */
function lastOutlet<F extends Frame<'drift'> | Frame<'teamMember'> | Frame<'teamStack'>>(
  options: OutletOptions<F>,
): Outlet<F> {
  let kept: F | undefined;
  return {
    push: (frame) => {
      if (options.congested()) kept = frame;
      else {
        kept = undefined;
        options.send(frame);
      }
    },
    resume: () => {
      const frame = kept;
      kept = undefined;
      if (frame !== undefined) options.send(frame);
    },
  };
}

/** As above, of each kind. */
function credentialsOutlet(options: OutletOptions<Frame<'credentials'>>): Outlet<Frame<'credentials'>> {
  const kept = new Map<string, Frame<'credentials'>>();
  return {
    push: (frame) => {
      if (options.congested()) kept.set(frame.kind, frame);
      else {
        kept.delete(frame.kind);
        options.send(frame);
      }
    },
    resume: () => {
      const frames = [...kept.values()];
      kept.clear();
      for (const frame of frames) options.send(frame);
    },
  };
}

/** Log lines are dropped and counted; each service says how many once there is room. */
function logsOutlet(options: OutletOptions<Frame<'logs'>>): Outlet<Frame<'logs'>> {
  const lost = new Map<ServiceId, number>();
  const tell = () => {
    for (const [service, count] of lost) {
      options.send({ kind: 'gap', service, reason: `${count} lines were left out: this view could not keep up` });
    }
    lost.clear();
  };
  return {
    push: (frame) => {
      if (options.congested()) {
        if (frame.kind === 'lines') {
          for (const line of frame.lines) lost.set(line.service, (lost.get(line.service) ?? 0) + 1);
        } else lost.set(frame.service, lost.get(frame.service) ?? 0);
        return;
      }
      tell();
      options.send(frame);
    },
    resume: tell,
  };
}

/** Lines are dropped and counted; gaps are few and small. */
function swarmLogsOutlet(options: OutletOptions<Frame<'swarmLogs'>>): Outlet<Frame<'swarmLogs'>> {
  let lost = 0;
  const tell = () => {
    if (lost > 0) options.send({ kind: 'dropped', lines: lost });
    lost = 0;
  };
  return {
    push: (frame) => {
      if (frame.kind === 'lines' && options.congested()) {
        lost += frame.lines.length;
        return;
      }
      tell();
      options.send(frame);
    },
    resume: tell,
  };
}

/** A handful of small frames, none of which may be lost; joining is never done anew. */
const fewFramesOutlet = <F extends Frame<'joining'> | Frame<'moves'>>({ send }: OutletOptions<F>): Outlet<F> => ({
  push: send,
  resume: () => undefined,
});

export const outlets: { readonly [S in StreamName]: (options: OutletOptions<Frame<S>>) => Outlet<Frame<S>> } = {
  live: patchesOutlet,
  swarm: patchesOutlet,
  operations: operationsOutlet,
  credentials: credentialsOutlet,
  drift: lastOutlet,
  logs: logsOutlet,
  swarmLogs: swarmLogsOutlet,
  joining: fewFramesOutlet,
  moves: fewFramesOutlet,
  teamServices: patchesOutlet,
  teamMember: lastOutlet,
  teamStack: lastOutlet,
};
