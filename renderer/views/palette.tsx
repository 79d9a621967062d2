import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { Modal } from '../components/dialog.tsx';
import { Icon } from '../components/icon.tsx';
import { useApp } from '../store/context.ts';
import { matchEntries, type PaletteEntry, paletteEntries } from './palette-entries.ts';

/** Stacks and actions by a few letters. The list is what the page could do when it was opened. */
export function Palette() {
  const app = useApp();
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const entries = useMemo(() => paletteEntries(app), [app]);
  const found = matchEntries(entries, query);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const close = () => app.ui.actions.show(undefined);
  const current = Math.min(active, found.length - 1);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the option that became active is brought into sight
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [current, query]);

  const run = (entry: PaletteEntry | undefined) => {
    if (entry === undefined) return;
    close();
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setActive((current + step + found.length) % Math.max(1, found.length));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(found[current]);
    }
  };
  return (
    <Modal labelledBy={`${id}-title`} className="palette" onClose={close}>
      <h2 id={`${id}-title`} className="visually-hidden">
        Find a stack or an action
      </h2>
      <div className="palette-field">
        <Icon name="search" />
        <input
          value={query}
          placeholder="Find a stack or an action"
          aria-label="Find a stack or an action"
          role="combobox"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={found.length === 0 ? undefined : `${id}-${current}`}
          spellCheck={false}
          onChange={(event) => {
            setQuery(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div className="palette-list" id={`${id}-list`} role="listbox" aria-label="Results" ref={list}>
        {found.map((entry, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox above has the focus and handles the keys
          // biome-ignore lint/a11y/useFocusableInteractive: options of a combobox are active, not focused
          <div
            key={entry.key}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === current}
            className="palette-item"
            onPointerMove={() => setActive(index)}
            onClick={() => run(entry)}
          >
            <Icon name={entry.icon} />
            <span className="ellipsis">{entry.label}</span>
            <span className="muted ellipsis">{entry.detail}</span>
          </div>
        ))}
      </div>
      {found.length === 0 ? <div className="palette-empty">Nothing matches.</div> : null}
    </Modal>
  );
}
