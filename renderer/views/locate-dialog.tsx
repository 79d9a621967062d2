import { useState } from 'react';
import type { Diagnostic } from '../../preload/contract/errors.ts';
import { DiagnosticList } from '../components/diagnostics.tsx';
import { ClosingDialog } from '../components/dialog.tsx';
import { FormDialog } from '../components/form-dialog.tsx';
import { ErrorNotice, Notice } from '../components/notice.tsx';
import { useApp, useLive, useUi } from '../store/context.ts';
import { useAttempt } from '../store/use-attempt.ts';
import { PathsField, toPaths } from './paths-field.tsx';

/** Where the selected stack's compose file is now. It is remembered; nothing on the engine is touched. */
export function LocateDialog() {
  const { ui, client } = useApp();
  const stack = useUi(({ place }) => (place.view === 'stack' ? place.stack : ''));
  const known = useLive((live) => live.stacks[stack]);
  const [paths, setPaths] = useState((known?.files ?? []).join('\n'));
  const { busy, error, attempt } = useAttempt();
  /** It was taken, and there is something to know about it. */
  const [said, setSaid] = useState<readonly Diagnostic[]>();
  const close = () => ui.actions.show(undefined);
  const files = toPaths(paths);
  const title = `Where is the compose file of ${known?.title ?? stack}?`;
  const save = () =>
    attempt(
      () => client.call('stacks.locate', { stack, files }),
      ({ diagnostics }) => {
        if (diagnostics.some(({ severity }) => severity === 'error')) ui.actions.goStack(stack, 'file');
        else if (diagnostics.length > 0) setSaid(diagnostics);
        else close();
      },
    );
  if (said !== undefined) {
    return (
      <ClosingDialog title={title} onClose={close}>
        <Notice severity="warn" title="It is used from now on">
          <DiagnosticList diagnostics={said} />
        </Notice>
      </ClosingDialog>
    );
  }
  return (
    <FormDialog
      title={title}
      submit="Use this file"
      busy={busy}
      disabled={files.length === 0}
      onSubmit={save}
      onClose={close}
    >
      <PathsField value={paths} onChange={setPaths} title="Where the compose file is now" />
      <p className="help">
        It is remembered for this stack. What runs is left as it is; its containers go on naming the old place until
        they are made anew.
      </p>
      {error === undefined ? null : <ErrorNotice title="It could not be read" error={error} />}
    </FormDialog>
  );
}
