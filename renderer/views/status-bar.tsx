import type { ComponentProps } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { splitId } from '../../preload/contract/ids.ts';
import type { Engine } from '../../preload/contract/model.ts';
import { IconButton, Kbd } from '../components/button.tsx';
import { Popover } from '../components/popover.tsx';
import { StateShape } from '../components/state-shape.tsx';
import { engineLook } from '../show/aggregate.ts';
import { keyLabel } from '../show/keymap.ts';
import { isMac } from '../show/platform.ts';
import { operationTitle } from '../show/words.ts';
import { useApp, useLive, useOperations, useUi } from '../store/context.ts';
import { selectPreferredEngine } from '../store/live.ts';
import { selectRunning, summarize } from '../store/operations.ts';
import { EngineDetails } from './engine-details.tsx';

export function StatusBar() {
  const { ui } = useApp();
  return (
    <footer className="status-bar">
      <EngineIndicator />
      <RunningOperations />
      <span className="spacer" />
      <button type="button" className="status-item" onClick={() => ui.actions.show('palette')}>
        Find <Kbd>{keyLabel('mod+k', isMac)}</Kbd>
      </button>
      <IconButton icon="keyboard" label="Keyboard shortcuts (?)" onClick={() => ui.actions.show('keys')} />
    </footer>
  );
}

/** The engine of the stack that is looked at, otherwise the preferred one. */
function useShownEngine(): Engine | undefined {
  const place = useUi((ui) => ui.place);
  return useLive((live) => {
    const id = place.view === 'stack' ? live.stacks[place.stack]?.engine : undefined;
    return (id === undefined ? undefined : live.engines[id]) ?? selectPreferredEngine(live);
  });
}

function EngineIndicator() {
  const engine = useShownEngine();
  const ready = useLive((live) => live.ready);
  const state = engine?.state.kind ?? (ready ? 'unreachable' : 'connecting');
  return (
    <Popover
      trigger={
        {
          className: 'status-item engine-indicator',
          'data-testid': 'engine-indicator',
          'data-state': state,
          title: engine?.source,
          children: (
            <>
              <StateShape look={engineLook[state]} />
              <span className="ellipsis">{engineLine(engine, ready)}</span>
            </>
          ),
        } as ComponentProps<'button'>
      }
      panel={{ className: 'popover', role: 'dialog', 'aria-label': 'Engines' }}
      content={() => <EngineDetails />}
    />
  );
}

function engineLine(engine: Engine | undefined, ready: boolean): string {
  if (engine === undefined) return ready ? 'No engine found' : 'Looking for an engine';
  switch (engine.state.kind) {
    case 'connected':
      return `${engine.title}: ${engine.state.product} ${engine.state.version}`;
    case 'connecting':
      return `${engine.title}: connecting`;
    case 'unreachable':
      return `${engine.title}: unreachable`;
  }
}

/** What runs anywhere, with its progress; a click goes to its stack. */
function RunningOperations() {
  const { ui } = useApp();
  const running = useOperations(useShallow(selectRunning));
  const titles = useLive(
    useShallow((live) => running.map(({ stack }) => live.stacks[stack]?.title ?? splitId(stack).project)),
  );
  return running.slice(0, 2).map((operation, index) => {
    const { done, total, fraction } = summarize(operation);
    return (
      <button
        key={operation.id}
        type="button"
        className="status-item"
        onClick={() => ui.actions.goStack(operation.stack)}
      >
        <span className="ellipsis">{operationTitle(operation, titles[index] ?? '')}</span>
        <progress className="progress small" value={fraction} max={1} aria-label="Progress" />
        <span className="number">
          {done}/{total}
        </span>
      </button>
    );
  });
}
