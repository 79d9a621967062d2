import { useEffect, useState } from 'react';
import type { Output } from '../../preload/contract/api.ts';
import type { AppError } from '../../preload/contract/errors.ts';
import { toAppError } from '../client/call-error.ts';
import { IconButton } from '../components/button.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { DiagnosticList } from '../components/diagnostics.tsx';
import { ErrorNotice, Notice } from '../components/notice.tsx';
import { plural } from '../show/words.ts';
import { useApp, useUi } from '../store/context.ts';
import { FileText } from './file-text.tsx';
import { LocateNotice } from './locate-notice.tsx';

type Files = Output<'stacks.files'>;

/** The files as they are on disk, with every mistake named above and marked in place. Read only. */
export function ComposeFileView({ stack }: { readonly stack: string }) {
  const { client, ui } = useApp();
  // Whoever led here said which line; the user's own choice comes after.
  const led = useUi(({ filePlaces }) => filePlaces[stack]);
  const [state, setState] = useState<Files | { readonly error: AppError }>();
  const [shown, setShown] = useState<string>();
  const target = led;
  const [turn, setTurn] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` is the request to read again
  useEffect(() => {
    let current = true;
    client.call('stacks.files', { stack }).then(
      (files) => current && setState(files),
      (thrown: unknown) => current && setState({ error: toAppError(thrown) }),
    );
    return () => {
      current = false;
    };
  }, [client, stack, turn]);

  if (state === undefined) return <div className="skeleton-page" role="status" aria-label="Reading the file" />;
  if ('error' in state) {
    return (
      <div className="padded">
        <ErrorNotice title="The compose file could not be read" error={state.error} />
      </div>
    );
  }
  const { files, diagnostics } = state;
  const file = files.find(({ path }) => path === (shown ?? led?.file)) ?? files[0];
  if (file === undefined) {
    return (
      <div className="padded">
        <LocateNotice stack={stack} purpose="so it cannot be shown" />
      </div>
    );
  }
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  return (
    <div className="file-view">
      <div className="file-bar">
        {files.length === 1 ? (
          <code className="ellipsis" title={file.path}>
            {file.path}
          </code>
        ) : (
          <select
            className="input mono"
            aria-label="File"
            value={file.path}
            onChange={(event) => setShown(event.target.value)}
          >
            {files.map(({ path }) => (
              <option key={path}>{path}</option>
            ))}
          </select>
        )}
        <CopyButton text={file.path} what="the path" />
        <span className="spacer" />
        <IconButton icon="restart" label="Read the file again" onClick={() => setTurn(turn + 1)} />
      </div>
      {diagnostics.length === 0 ? null : (
        <div className="file-diagnostics">
          <Notice
            severity={errors > 0 ? 'bad' : 'warn'}
            title={
              errors > 0
                ? `${plural(errors, 'mistake')}: this file cannot be applied`
                : plural(diagnostics.length, 'thing to know', 'things to know')
            }
          >
            <DiagnosticList
              diagnostics={diagnostics}
              onOpen={({ where }) => {
                if (where === undefined) return;
                setShown(where.file);
                ui.actions.showFile(stack, where);
              }}
            />
          </Notice>
        </div>
      )}
      <FileText
        key={file.path}
        text={file.text}
        diagnostics={diagnostics.filter(({ where }) => where?.file === file.path)}
        line={target?.file === file.path ? target.line : undefined}
      />
    </div>
  );
}
