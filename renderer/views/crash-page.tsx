import { Component, type ReactNode } from 'react';
import { Button } from '../components/button.tsx';
import { ErrorNotice } from '../components/notice.tsx';

interface State {
  readonly error?: Error;
}

/** Instead of an empty window, where a defect of ours ends what is drawn. A class, because only those can catch (react.dev). */
export class CrashPage extends Component<{ readonly children: ReactNode }, State> {
  override state: State = {};

  static getDerivedStateFromError(thrown: unknown): State {
    return { error: thrown instanceof Error ? thrown : new Error(String(thrown)) };
  }

  override render() {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    const what = {
      code: 'internal',
      message: 'A defect in claude-env ended this page.',
      hint: 'What runs goes on, and so does what was being done. Reload the page; if it happens again, report it with the details.',
      detail: error.stack ?? error.message,
    } as const;
    return (
      <main className="alone">
        <div className="alone-inner">
          <ErrorNotice
            error={what}
            actions={
              <Button kind="primary" icon="restart" autoFocus onClick={() => window.location.reload()}>
                Reload
              </Button>
            }
          />
        </div>
      </main>
    );
  }
}
