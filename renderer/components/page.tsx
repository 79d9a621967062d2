import type { ReactNode } from 'react';

/** A page without a stack: title, one sentence, then what can be done. */
export function Page({
  title,
  lead,
  actions,
  children,
}: {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  readonly children?: ReactNode;
}) {
  return (
    <div className="page">
      <div className="page-inner">
        <header className="page-head">
          <div>
            <h1>{title}</h1>
            {lead === undefined ? null : <p className="lead">{lead}</p>}
          </div>
          {actions === undefined ? null : <div className="page-actions">{actions}</div>}
        </header>
        {children}
      </div>
    </div>
  );
}

/** Something is not there: say why and what to do, where the content would be. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="empty">
      <div className="empty-title">{title}</div>
      {children}
    </div>
  );
}
