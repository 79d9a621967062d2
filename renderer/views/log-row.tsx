import { memo } from 'react';
import { splitId } from '../../preload/contract/ids.ts';
import { toRuns } from '../show/terminal-text.ts';
import { formatClock, formatExact } from '../show/time.ts';
import type { LogRow } from '../store/log-buffer.ts';

/** One line: time, service, text as text nodes in our own colours. `color` 0: the service's name is left out. */
export const LogRowView = memo(function LogRowView({ row, color }: { readonly row: LogRow; readonly color: number }) {
  if (row.kind === 'gap') return <div className="log-row gap">{row.reason}</div>;
  const { line } = row;
  return (
    <div className={`log-row ${line.stream}`}>
      <span className="log-time" title={line.at === undefined ? undefined : formatExact(line.at)}>
        {line.at === undefined ? '' : formatClock(line.at)}
      </span>
      {color === 0 ? null : (
        <span className={`log-service log-${color}`} title={line.container}>
          {splitId(line.service).name}
        </span>
      )}
      <span className="log-text">
        {toRuns(line.text).map((run, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the runs of a line never change
          <span key={index} className={runClass(run.color, run.bold)}>
            {run.text}
          </span>
        ))}
      </span>
    </div>
  );
});

const runClass = (color: string | undefined, bold: boolean): string | undefined =>
  color === undefined && !bold ? undefined : `${color === undefined ? '' : `ansi-${color}`} ${bold ? 'bold' : ''}`;
