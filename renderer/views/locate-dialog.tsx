import { useState } from 'react';
import type { AppError, Diagnostic } from '../../preload/contract/errors.ts';
import { toAppError } from '../client/call-error.ts';
import { Button } from '../components/button.tsx';
import { DiagnosticList } from '../components/diagnostics.tsx';
import { Dialog } from '../components/dialog.tsx';
import { ErrorNotice, Notice } from '../components/notice.tsx';
import { useApp, useLive, useUi } from '../store/context.ts';
import { PathsField, toPaths } from './paths-field.tsx';

interface State {
  readonly busy: boolean;
  readonly error?: AppError;
  /** It was taken, and there is something to know about it. */
  readonly said?: readonly Diagnostic[];
}

/** Where the selected stack's compose file is now. It is remembered; nothing on the engine is touched. */
export function LocateDialog() {
  const { ui, client } = useApp();
  const stack = useUi(({ place }) => (place.view === 'stack' ? place.stack : ''));
  const known = useLive((live) => live.stacks[stack]);
  const [paths, setPaths] = useState((known?.files ?? []).join('\n'));
  const [state, setState] = useState<State>({ busy: false });
  const close = () => ui.actions.show(undefined);
  const files = toPaths(paths);
  const save = async () => {
    setState({ busy: true });
    try {
      const { diagnostics } = await client.call('stacks.locate', { stack, files });
      if (diagnostics.some(({ severity }) => severity === 'error')) ui.actions.goStack(stack, 'file');
      else if (diagnostics.length > 0) setState({ busy: false, said: diagnostics });
      else close();
    } catch (thrown) {
      setState({ busy: false, error: toAppError(thrown) });
    }
  };
  return (
    <Dialog
      title={`Where is the compose file of ${known?.title ?? stack}?`}
      onClose={close}
      footer={
        state.said === undefined ? (
          <>
            <Button onClick={close}>Cancel</Button>
            <Button kind="primary" busy={state.busy} disabled={files.length === 0} onClick={() => void save()}>
              Use this file
            </Button>
          </>
        ) : (
          <Button kind="primary" onClick={close}>
            Close
          </Button>
        )
      }
    >
      <div className="form">
        <PathsField value={paths} onChange={setPaths} title="Where the compose file is now" />
        <p className="help">
          It is remembered for this stack. What runs is left as it is; its containers go on naming the old place until
          they are made anew.
        </p>
        {state.said === undefined ? null : (
          <Notice severity="warn" title="It is used from now on">
            <DiagnosticList diagnostics={state.said} />
          </Notice>
        )}
        {state.error === undefined ? null : <ErrorNotice title="It could not be read" error={state.error} />}
      </div>
    </Dialog>
  );
}
