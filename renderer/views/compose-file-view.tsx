import { useState } from 'react';
import { AwaitedPage } from '../components/awaited.tsx';
import { IconButton } from '../components/button.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { DiagnosticList } from '../components/diagnostics.tsx';
import { Notice } from '../components/notice.tsx';
import { plural } from '../show/words.ts';
import { useApp, useLive, useUi } from '../store/context.ts';
import { useAnswer } from '../store/use-answer.ts';
import { FileText } from './file-text.tsx';
import { LocateNotice } from './locate-notice.tsx';

/** The files as they are on disk, with every mistake named above and marked in place. Read only. */
export function ComposeFileView({ stack }: { readonly stack: string }) {
  // Where they are was said anew: others are read.
  const paths = useLive((live) => live.stacks[stack]?.files.join('\n'));
  return <Files key={paths} stack={stack} />;
}

function Files({ stack }: { readonly stack: string }) {
  const { ui } = useApp();
  // Whoever led here said which line; the user's own choice comes after.
  const led = useUi(({ filePlaces }) => filePlaces[stack]);
  const [shown, setShown] = useState<string>();
  const { answer, error, again } = useAnswer('stacks.files', { stack });

  if (answer === undefined) {
    return <AwaitedPage label="Reading the file" failed="The compose file could not be read" error={error} />;
  }
  const { files, diagnostics } = answer;
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
        <IconButton icon="restart" label="Read the file again" onClick={again} />
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
        line={led?.file === file.path ? led.line : undefined}
      />
    </div>
  );
}
