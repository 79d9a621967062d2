import { memo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { IconButton } from '../components/button.tsx';
import { Icon, type IconName } from '../components/icon.tsx';
import { Menu } from '../components/menu.tsx';
import { StateShape } from '../components/state-shape.tsx';
import { aggregateLook, engineLook } from '../show/aggregate.ts';
import { useApp, useLive, useUi } from '../store/context.ts';
import { selectStackOrder } from '../store/live.ts';

/** The list of stacks is the home; grouped by engine as soon as there is more than one. */
export function Sidebar({ collapsed }: { readonly collapsed: boolean }) {
  const { ui } = useApp();
  const order = useLive(useShallow(selectStackOrder));
  const engines = useLive(useShallow((live) => order.map((id) => live.stacks[id]?.engine ?? '')));
  const grouped = useLive((live) => Object.keys(live.engines).length) > 1;
  const ready = useLive((live) => live.ready);
  return (
    <nav className="sidebar" aria-label="Stacks">
      <div className="sidebar-head">
        {collapsed ? null : <span className="sidebar-title">Stacks</span>}
        <Menu
          label="Add a stack"
          icon="plus"
          align="start"
          entries={[
            { label: 'Open a compose file…', run: () => ui.actions.show('open-file') },
            {
              label: 'New local environment…',
              run: () => ui.actions.go({ view: 'environment', name: undefined }),
            },
          ]}
        />
      </div>
      <div className="sidebar-list">
        {order.map((id, index) => (
          <div key={id}>
            {grouped && engines[index] !== engines[index - 1] ? (
              <EngineHeading id={engines[index] ?? ''} collapsed={collapsed} />
            ) : null}
            <StackRow id={id} collapsed={collapsed} number={index + 1} />
          </div>
        ))}
        {ready && order.length === 0 && !collapsed ? <p className="sidebar-empty">No stacks yet</p> : null}
      </div>
      <div className="sidebar-foot">
        <NavRow icon="team" label="Team" view="team" collapsed={collapsed} />
        <NavRow icon="key" label="Credentials" view="credentials" collapsed={collapsed} />
        <NavRow icon="doctor" label="Doctor" view="doctor" collapsed={collapsed} />
        <NavRow icon="settings" label="Settings" view="settings" collapsed={collapsed} />
        <IconButton
          icon="sidebar"
          label={collapsed ? 'Unfold the sidebar' : 'Fold the sidebar'}
          className="sidebar-toggle"
          onClick={() => ui.actions.toggleSidebar(!collapsed)}
        />
      </div>
    </nav>
  );
}

function EngineHeading({ id, collapsed }: { readonly id: string; readonly collapsed: boolean }) {
  const engine = useLive((live) => live.engines[id]);
  if (engine === undefined) return null;
  if (collapsed) return <div className="sidebar-line" />;
  const look = engineLook[engine.state.kind];
  return (
    <div className="sidebar-engine" title={engine.source}>
      <span className="ellipsis">{engine.title}</span>
      {engine.state.kind === 'connected' ? null : <StateShape look={look} labelled />}
    </div>
  );
}

/** Selects its own stack, so that a patch of another one does not render it. */
const StackRow = memo(function StackRow({
  id,
  collapsed,
  number,
}: {
  readonly id: string;
  readonly collapsed: boolean;
  readonly number: number;
}) {
  const { ui } = useApp();
  const stack = useLive((live) => live.stacks[id]);
  const selected = useUi(({ place }) => place.view === 'stack' && place.stack === id);
  if (stack === undefined) return null;
  const look = aggregateLook[stack.aggregate];
  const hint = `${stack.title}: ${look.label}${stack.reason === undefined ? '' : `. ${stack.reason}`}${number < 10 ? ` (${number})` : ''}`;
  return (
    <button
      type="button"
      className="side-row"
      data-testid={`stack-${stack.project}`}
      data-aggregate={stack.aggregate}
      aria-current={selected ? 'page' : undefined}
      title={hint}
      onClick={() => ui.actions.goStack(id)}
    >
      <StateShape look={look} labelled />
      {collapsed ? (
        <span className="side-initials" aria-hidden="true">
          {stack.title.slice(0, 2)}
        </span>
      ) : null}
      <span className={collapsed ? 'visually-hidden' : 'ellipsis'}>{stack.title}</span>
    </button>
  );
});

function NavRow({
  icon,
  label,
  view,
  collapsed,
}: {
  readonly icon: IconName;
  readonly label: string;
  readonly view: 'team' | 'credentials' | 'doctor' | 'settings';
  readonly collapsed: boolean;
}) {
  const { ui } = useApp();
  const selected = useUi(({ place }) => place.view === view);
  return (
    <button
      type="button"
      className="side-row"
      aria-current={selected ? 'page' : undefined}
      title={collapsed ? label : undefined}
      onClick={() => ui.actions.go({ view })}
    >
      <Icon name={icon} />
      <span className={collapsed ? 'visually-hidden' : 'ellipsis'}>{label}</span>
    </button>
  );
}
