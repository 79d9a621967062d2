import type { ReactNode } from 'react';

/** The class that gives the column its width, and its name. */
export type Column = readonly [className: string, title: ReactNode];

/** The column of what can be done with a row: its buttons say so, its head is for screen readers alone. */
export const actionsTitle = <span className="visually-hidden">Actions</span>;

export function TableHead({
  columns,
  rowIndex,
}: {
  readonly columns: readonly Column[];
  /** Where only some of the rows exist, each says which one it is. */
  readonly rowIndex?: number;
}) {
  return (
    <thead>
      <tr aria-rowindex={rowIndex}>
        {columns.map(([className, title]) => (
          <th key={className} scope="col" className={className}>
            {title}
          </th>
        ))}
      </tr>
    </thead>
  );
}
