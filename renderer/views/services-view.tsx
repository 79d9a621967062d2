import { useShallow } from 'zustand/react/shallow';
import { Button } from '../components/button.tsx';
import { Empty } from '../components/page.tsx';
import { Splitter } from '../components/splitter.tsx';
import { TableHead } from '../components/table-head.tsx';
import { act, pickService } from '../store/actions.ts';
import { useApp, useLive, useUi } from '../store/context.ts';
import { selectServices } from '../store/live.ts';
import { ServiceDetail } from './service-detail.tsx';
import { ServiceRow } from './service-row.tsx';

const columns = [
  ['c-name', 'Service'],
  ['c-state', 'State'],
  ['c-uptime', 'Uptime'],
  ['c-restarts', 'Restarts'],
  ['c-ports', 'Ports'],
  ['c-image', 'Image'],
] as const;

/** The table, and below it everything about the selected service. */
export function ServicesView({ stack }: { readonly stack: string }) {
  const app = useApp();
  const ids = useLive(useShallow((live) => (live.stacks[stack]?.services ?? []).filter((id) => id in live.services)));
  const local = useLive((live) => live.engines[live.stacks[stack]?.engine ?? '']?.local ?? true);
  const stale = useLive((live) => live.engines[live.stacks[stack]?.engine ?? '']?.state.kind === 'unreachable');
  const chosen = useUi((ui) => ui.services[stack]);
  const selected = useLive((live) => pickService(selectServices(live, stack), chosen)?.id);
  const height = useUi((ui) => ui.detailHeight);
  const canApply = useLive((live) => live.stacks[stack]?.filesFound ?? false);

  if (ids.length === 0) {
    return (
      <Empty title="This stack has no services here">
        <p>
          {canApply
            ? 'Nothing of it was created yet.'
            : 'It has no containers, and its compose file cannot be read from here.'}
        </p>
        {canApply ? (
          <Button kind="primary" icon="play" onClick={() => void act(app, stack, 'up')}>
            Show what starting it would do
          </Button>
        ) : null}
      </Empty>
    );
  }
  return (
    <div className={`services-view ${stale ? 'stale' : ''} ${height === undefined ? 'auto' : ''}`}>
      <div className="services-scroll">
        {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: rows are selected and moved through, which is a grid; a table is not */}
        <table className="list-table sticky" role="grid" aria-label="Services">
          <TableHead columns={columns} />
          <tbody>
            {ids.map((id) => (
              <ServiceRow key={id} id={id} stack={stack} selected={id === selected} local={local} />
            ))}
          </tbody>
        </table>
      </div>
      <Splitter height={height} onChange={app.ui.actions.setDetailHeight} label="Height of the service's details" />
      <div className="detail-slot" style={height === undefined ? undefined : { height }}>
        {selected === undefined ? null : <ServiceDetail key={selected} id={selected} local={local} />}
      </div>
    </div>
  );
}
