import { useState } from 'react';
import type { EnvProposal } from '../../preload/contract/credentials.ts';
import { shellWord } from '../../preload/contract/shell-word.ts';
import { Button } from '../components/button.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { ClosingDialog } from '../components/dialog.tsx';
import { CheckField, TextField } from '../components/field.tsx';
import { FormDialog } from '../components/form-dialog.tsx';
import { ErrorNotice, Notice } from '../components/notice.tsx';
import { Prose } from '../components/prose.tsx';
import { plural } from '../show/words.ts';
import { useApp } from '../store/context.ts';
import { useAttempt } from '../store/use-attempt.ts';
import { CredentialScope, type ScopeChoice, toKey } from './credential-scope.tsx';
import { EnvEntries, proposedNames } from './env-entries.tsx';

type Step =
  | { readonly kind: 'file' }
  | { readonly kind: 'choose'; readonly proposal: EnvProposal }
  | { readonly kind: 'done'; readonly file: string; readonly text: string };

/** Secrets out of a `.env` into the keychain: looked at first, moved only after the choice was seen. No value comes here. */
export function CredentialImportDialog() {
  const { ui, client } = useApp();
  const [path, setPath] = useState('');
  const [step, setStep] = useState<Step>({ kind: 'file' });
  const [names, setNames] = useState<ReadonlySet<string>>(new Set());
  const [scope, setScope] = useState<ScopeChoice>({ kind: 'user' });
  const [replace, setReplace] = useState(false);
  const { busy, error, attempt } = useAttempt();
  const close = () => ui.actions.show(undefined);

  const look = () =>
    attempt(async () => {
      const proposal = await client.call('credentials.proposeImport', { file: path.trim() });
      setNames(new Set(proposedNames(proposal)));
      setScope(proposal.project === undefined ? { kind: 'user' } : { kind: 'project', project: proposal.project });
      setStep({ kind: 'choose', proposal });
    });
  const move = ({ file }: EnvProposal) =>
    attempt(async () => {
      const to =
        scope.kind === 'user' ? ({ scope: 'user' } as const) : { scope: 'project' as const, project: scope.project };
      await client.call('credentials.import', { file, names: [...names], to, replace });
      setStep({
        kind: 'done',
        file,
        text: `In the keychain: ${[...names].join(', ')}. The file has comments in their places.`,
      });
    });
  const undo = (file: string) =>
    attempt(async () => {
      const { restored, left } = await client.call('credentials.undoImport', { file });
      const rest = left.map(({ name, why }) => `${name} was not put back: ${why}.`);
      setStep({
        kind: 'done',
        file,
        text: [`The file holds values again: ${restored.join(', ')}.`, ...rest].join(' '),
      });
    });

  const title = 'Import from a .env file';
  const failed = error === undefined ? null : <ErrorNotice title="Nothing was moved" error={error} />;
  if (step.kind === 'done') {
    return (
      <ClosingDialog
        title={title}
        onClose={close}
        beside={
          <Button busy={busy} onClick={() => undo(step.file)}>
            Put the lines back
          </Button>
        }
      >
        <p role="status">{step.text}</p>
        <p className="hint mono">{step.file}</p>
        {failed}
      </ClosingDialog>
    );
  }
  if (step.kind === 'file') {
    return (
      <FormDialog
        title={title}
        submit="Look at it"
        busy={busy}
        disabled={path.trim() === ''}
        onSubmit={look}
        onClose={close}
      >
        <TextField
          label="Path"
          mono
          data-first
          value={path}
          placeholder="/home/you/shop/.env"
          help="In full. The file is read and nothing is changed yet; its values stay in the app’s own process."
          onChange={(event) => setPath(event.target.value)}
        />
        {failed}
      </FormDialog>
    );
  }
  const hasScope = toKey('X', scope) !== undefined;
  return (
    <FormDialog
      key="choose"
      title={title}
      submit={`Move ${names.size} to the keychain`}
      first="cancel"
      busy={busy}
      disabled={names.size === 0 || !hasScope}
      onSubmit={() => move(step.proposal)}
      onClose={close}
    >
      <p className="hint mono">{step.proposal.file}</p>
      <EnvEntries entries={step.proposal.entries} chosen={names} onChange={setNames} />
      {step.proposal.warnings.map(({ message, hint }) => (
        <Notice key={message} severity="warn" title={<Prose text={message} />}>
          {hint === undefined ? null : (
            <p className="hint">
              <Prose text={hint} />
            </p>
          )}
        </Notice>
      ))}
      <CredentialScope value={scope} onChange={setScope} tried={!hasScope} />
      {error?.code === 'input.invalid' || replace ? (
        <CheckField
          label="Replace what the keychain has"
          help="Its values under these names are lost."
          checked={replace}
          onChange={(event) => setReplace(event.target.checked)}
        />
      ) : null}
      {step.proposal.undo.length === 0 ? null : (
        <p className="help">
          Moved before: {step.proposal.undo.join(', ')}.{' '}
          <button type="button" className="link" onClick={() => undo(step.proposal.file)}>
            Put {plural(step.proposal.undo.length, 'line')} back
          </button>
        </p>
      )}
      <CopyLine text={`npx claude-env secret import ${shellWord(step.proposal.file)}`} what="command" />
      {failed}
    </FormDialog>
  );
}
