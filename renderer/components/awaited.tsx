import type { AppError } from '../../preload/contract/errors.ts';
import { ErrorNotice } from './notice.tsx';

interface Props {
  /** What goes on, for who cannot see that something does. */
  readonly label: string;
  readonly failed?: string;
  readonly error: AppError | undefined;
}

/** In place of what was asked for, as a part of a page: that it is on its way, or why it did not come. */
export function Awaited({ label, failed, error }: Props) {
  if (error === undefined) return <div className="skeleton" role="status" aria-label={label} />;
  return <ErrorNotice error={error} {...(failed === undefined ? {} : { title: failed })} />;
}

/** The same in place of a whole page. */
export function AwaitedPage(props: Props) {
  if (props.error === undefined) return <div className="skeleton-page" role="status" aria-label={props.label} />;
  return (
    <div className="padded">
      <Awaited {...props} />
    </div>
  );
}

/** In place of a table: about as high as the rows that will be there. */
export function AwaitedRows({ label }: Pick<Props, 'label'>) {
  return (
    <div className="skeleton-rows" role="status" aria-label={label}>
      {[52, 38, 64, 44, 58].map((width) => (
        <div key={width} className="skeleton" style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}
