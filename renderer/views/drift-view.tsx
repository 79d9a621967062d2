import type { SourceLocation } from '../../preload/contract/errors.ts';
import type { DriftItem } from '../../preload/contract/model.ts';
import { Button, IconButton } from '../components/button.tsx';
import { ErrorNotice } from '../components/notice.tsx';
import { Empty } from '../components/page.tsx';
import { PlaceLink } from '../components/place-link.tsx';
import { TableHead } from '../components/table-head.tsx';
import { type DriftGroup, driftTitle, toGroups, toKeyWords, toSides } from '../show/drift.ts';
import { act } from '../store/actions.ts';
import { useApp, useLive } from '../store/context.ts';
import { LocateNotice } from './locate-notice.tsx';
import { useDrift } from './use-drift.ts';

const columns = [
  ['c-key', 'Key'],
  ['c-file', 'In the file'],
  ['c-engine', 'On the engine'],
  ['c-place', 'Line'],
] as const;

/** The file against what is there, by service and key; it follows the live state while it is open. */
export function DriftView({ stack }: { readonly stack: string }) {
  const app = useApp();
  const filesFound = useLive((live) => live.stacks[stack]?.filesFound ?? true);
  const { drift, error, again } = useDrift(stack);
  const open = (where: SourceLocation) => app.ui.actions.showFile(stack, where);

  const isMissing = drift?.items.some(({ key, change }) => key === 'config_files' && change === 'missing') ?? false;
  if (!filesFound || isMissing) {
    return (
      <div className="padded">
        <LocateNotice stack={stack} purpose="so there is nothing to compare with" />
      </div>
    );
  }
  if (drift === undefined && error === undefined) {
    return <div className="skeleton-page" role="status" aria-label="Comparing" />;
  }
  const items = drift?.items ?? [];
  return (
    <div className="drift">
      <div className="drift-bar">
        <strong>{drift === undefined ? '' : items.length === 0 ? 'No differences' : driftTitle(items)}</strong>
        <span className="spacer" />
        {items.length === 0 ? null : (
          <Button icon="redeploy" onClick={() => void act(app, stack, 'up')}>
            Show what redeploying would do
          </Button>
        )}
        <IconButton icon="restart" label="Compare again" onClick={again} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region has to be reachable by keyboard */}
      <section className="drift-scroll" tabIndex={0} aria-label="Differences">
        {error === undefined ? null : (
          <ErrorNotice
            title="It could not be compared"
            error={error}
            onOpenDiagnostic={({ where }) => where !== undefined && open(where)}
          />
        )}
        {drift !== undefined && items.length === 0 ? (
          <Empty title="What is there is what the file says">
            <p>
              Every service, network and volume was compared, key by key. It is compared again when something changes.
            </p>
          </Empty>
        ) : null}
        {items.length === 0 ? null : (
          <table className="drift-table">
            <TableHead columns={columns} />
            {toGroups(items).map((group) => (
              <Group key={group.key} group={group} onOpen={open} />
            ))}
          </table>
        )}
      </section>
    </div>
  );
}

function Group({ group, onOpen }: { readonly group: DriftGroup; readonly onOpen: (where: SourceLocation) => void }) {
  return (
    <tbody>
      <tr className="drift-group">
        <th scope="rowgroup" colSpan={columns.length}>
          {group.title}
          {group.kind === undefined ? null : <span className="muted"> {group.kind}</span>}
        </th>
      </tr>
      {group.items.map((item) => (
        <Row key={`${item.key} ${item.change} ${item.containers.join(' ')}`} item={item} onOpen={onOpen} />
      ))}
    </tbody>
  );
}

function Row({ item, onOpen }: { readonly item: DriftItem; readonly onOpen: (where: SourceLocation) => void }) {
  const { file, engine, fileIsNote, engineIsNote } = toSides(item);
  const where = item.containers.length > 0 ? item.containers.join(', ') : undefined;
  return (
    <tr>
      <td className={item.key === '' || item.key.startsWith('config') ? '' : 'mono'} title={where}>
        {toKeyWords(item)}
      </td>
      <td className={fileIsNote ? 'muted' : 'mono'}>{file}</td>
      <td className={engineIsNote ? 'muted' : 'mono'}>{engine}</td>
      <td className="c-place">{item.where === undefined ? null : <PlaceLink where={item.where} onOpen={onOpen} />}</td>
    </tr>
  );
}
