import { useState } from 'react';
import type { Output } from '../../preload/contract/api.ts';
import { shellWord } from '../../preload/contract/shell-word.ts';
import type { MemberDiff, MemberFile } from '../../preload/contract/team-member.ts';
import { Awaited } from '../components/awaited.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { ClosingDialog } from '../components/dialog.tsx';
import { FormDialog } from '../components/form-dialog.tsx';
import { Hint, Notice } from '../components/notice.tsx';
import { Prose } from '../components/prose.tsx';
import { swarmCommand } from '../show/swarm.ts';
import { carriedText, changedFiles, diffLines, fileWords, hasChanges } from '../show/team-member.ts';
import { shortSha } from '../show/team-services.ts';
import { plural } from '../show/words.ts';
import { useApp } from '../store/context.ts';
import { useAnswer } from '../store/use-answer.ts';
import { useAttempt } from '../store/use-attempt.ts';
import { Facts, Failed, Outcome, Warnings } from './team-parts.tsx';

interface Props {
  readonly environment: string;
  readonly onClose: () => void;
}
type Kept = Output<'teamMember.apply'>['kept'];

/** The offered configuration against what this dev container has: what of it runs, file by file, then the question. */
export function ConfigDiffDialog({ environment, onClose }: Props) {
  const { client } = useApp();
  const { answer: diff, error } = useAnswer('teamMember.diff', { environment });
  const { busy, error: failed, attempt } = useAttempt();
  const [done, setDone] = useState<Output<'teamMember.apply'>>();
  if (done !== undefined) {
    return (
      <DoneDialog
        title={`${environment} has the team’s configuration`}
        what="Written"
        paths={done.written}
        kept={done.kept}
        onClose={onClose}
      />
    );
  }
  const offered = diff?.offered ?? undefined;
  const apply = () =>
    offered === undefined
      ? undefined
      : void attempt(() => client.call('teamMember.apply', { environment, sha: offered.sha }), setDone);
  return (
    <FormDialog
      title={`The team’s configuration for ${environment}`}
      submit="Apply it"
      first="cancel"
      busy={busy}
      disabled={diff === undefined || !hasChanges(diff)}
      onSubmit={apply}
      onClose={onClose}
    >
      <Failed title="Nothing was applied" error={failed} />
      {diff === undefined ? (
        <Awaited label="Comparing" failed="It could not be compared" error={error} />
      ) : (
        <Compared diff={diff} />
      )}
      <CopyLine text={configCommand('apply', environment)} what="command" />
    </FormDialog>
  );
}

const configCommand = (action: 'apply' | 'undo', environment: string): string =>
  swarmCommand(`team config ${action} --environment ${shellWord(environment)}`, undefined);

function Compared({ diff }: { readonly diff: MemberDiff }) {
  const { offered, applied, files, carries, notes } = diff;
  const changed = changedFiles(diff);
  const same = files.length - changed.length;
  return (
    <>
      <Facts
        facts={[
          ['Offered', offered === null ? 'nothing yet' : <Named key="offered" {...offered} />],
          ['Has now', applied === null ? 'none' : <code key="applied">{shortSha(applied)}</code>],
        ]}
      />
      <Warnings texts={notes} />
      {carries.length === 0 ? null : (
        <Notice severity="warn" title="This of it runs in your environment, or lets Claude do more">
          <ul className="losses">
            {carries.map((one) => (
              <li key={`${one.file} ${one.what} ${one.command}`}>
                {carriedText(one)}: <code>{one.command}</code>
              </li>
            ))}
          </ul>
        </Notice>
      )}
      <div className="config-files">
        {changed.map((file) => (
          <ChangedFile key={file.path} file={file} />
        ))}
        {same === 0 ? null : <p className="help">{plural(same, 'file')} the same as now.</p>}
      </div>
    </>
  );
}

function Named({ sha, subject }: { readonly sha: string; readonly subject?: string | undefined }) {
  return (
    <span title={sha}>
      <code>{shortSha(sha)}</code> {subject}
    </span>
  );
}

function ChangedFile({ file: { path, kind, diff, note } }: { readonly file: MemberFile }) {
  return (
    <details className="config-file" open={kind !== 'keep-yours'}>
      <summary>
        <code>{path}</code> <span className="muted">{fileWords[kind]}</span>
      </summary>
      <Hint text={note} />
      {diff === '' ? null : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region has to be reachable by keyboard
        <section className="config-diff" tabIndex={0} aria-label={`What changes in ${path}`}>
          {diffLines(diff).map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a diff never change places
            <code key={index} className={`diff-${line.kind}`}>
              {line.text}
            </code>
          ))}
        </section>
      )}
    </details>
  );
}

/** Back to what was there before the team's configuration. */
export function ConfigUndoDialog({ environment, onClose }: Props) {
  const { client } = useApp();
  const { busy, error, attempt } = useAttempt();
  const [done, setDone] = useState<Output<'teamMember.undo'>>();
  if (done !== undefined) {
    return (
      <DoneDialog
        title={`${environment} is as it was before`}
        what="Put back"
        paths={done.restored}
        kept={done.kept}
        onClose={onClose}
      />
    );
  }
  return (
    <FormDialog
      title={`Take the team’s configuration out of ${environment}`}
      submit="Undo it"
      kind="danger"
      first="cancel"
      busy={busy}
      onSubmit={() => void attempt(() => client.call('teamMember.undo', { environment }), setDone)}
      onClose={onClose}
    >
      <Failed title="It was not undone" error={error} />
      <p>
        Files that it brought go, and those that it changed are as they were. What you changed yourself since stays, and
        is named. The team’s MCP servers stay.
      </p>
      <CopyLine text={configCommand('undo', environment)} what="command" />
    </FormDialog>
  );
}

function DoneDialog({
  title,
  what,
  paths,
  kept,
  onClose,
}: {
  readonly title: string;
  readonly what: string;
  readonly paths: readonly string[];
  readonly kept: Kept;
  readonly onClose: () => void;
}) {
  return (
    <ClosingDialog title={title} onClose={onClose}>
      <Outcome>
        {paths.length === 0 ? null : (
          <section aria-label={what}>
            <div className="field-label">{what}</div>
            <ul className="team-means">
              {paths.map((path) => (
                <li key={path}>
                  <code>{path}</code>
                </li>
              ))}
            </ul>
          </section>
        )}
        {kept.length === 0 ? null : (
          <Notice severity="note" title="Left as you have it">
            <ul className="losses">
              {kept.map(({ path, note }) => (
                <li key={path}>
                  <code>{path}</code>: <Prose text={note} />
                </li>
              ))}
            </ul>
          </Notice>
        )}
        {paths.length + kept.length === 0 ? <p>There was nothing to do.</p> : null}
      </Outcome>
    </ClosingDialog>
  );
}
