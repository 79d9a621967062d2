import { useState } from 'react';
import type { EnvProposal } from '../../preload/contract/credentials.ts';
import type { AppError } from '../../preload/contract/errors.ts';
import { toAppError } from '../client/call-error.ts';
import { Button } from '../components/button.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { CheckField, TextField } from '../components/field.tsx';
import { ErrorNotice, Notice } from '../components/notice.tsx';
import { Prose } from '../components/prose.tsx';
import { plural } from '../show/words.ts';
import { useApp } from '../store/context.ts';
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
  const [state, setState] = useState<{ readonly busy: boolean; readonly error?: AppError }>({ busy: false });
  const close = () => ui.actions.show(undefined);

  const work = async (task: () => Promise<void>) => {
    setState({ busy: true });
    try {
      await task();
      setState({ busy: false });
    } catch (thrown) {
      setState({ busy: false, error: toAppError(thrown) });
    }
  };
  const look = () =>
    work(async () => {
      const proposal = await client.call('credentials.proposeImport', { file: path.trim() });
      setNames(new Set(proposedNames(proposal)));
      setScope(proposal.project === undefined ? { kind: 'user' } : { kind: 'project', project: proposal.project });
      setStep({ kind: 'choose', proposal });
    });
  const move = ({ file }: EnvProposal) =>
    work(async () => {
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
    work(async () => {
      const { restored, left } = await client.call('credentials.undoImport', { file });
      const rest = left.map(({ name, why }) => `${name} was not put back: ${why}.`);
      setStep({
        kind: 'done',
        file,
        text: [`The file holds values again: ${restored.join(', ')}.`, ...rest].join(' '),
      });
    });

  const hasScope = toKey('X', scope) !== undefined;
  return (
    <Dialog
      title="Import from a .env file"
      onClose={close}
      footer={
        <>
          <Button onClick={close}>{step.kind === 'done' ? 'Close' : 'Cancel'}</Button>
          {step.kind === 'file' ? (
            <Button kind="primary" busy={state.busy} disabled={path.trim() === ''} onClick={() => void look()}>
              Look at it
            </Button>
          ) : step.kind === 'choose' ? (
            <Button
              kind="primary"
              busy={state.busy}
              disabled={names.size === 0 || !hasScope}
              onClick={() => void move(step.proposal)}
            >
              Move {names.size} to the keychain
            </Button>
          ) : (
            <Button busy={state.busy} onClick={() => void undo(step.file)}>
              Put the lines back
            </Button>
          )}
        </>
      }
    >
      {step.kind === 'file' ? (
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            void look();
          }}
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
        </form>
      ) : step.kind === 'choose' ? (
        <div className="form">
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
          {state.error?.code === 'input.invalid' || replace ? (
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
              <button type="button" className="link" onClick={() => void undo(step.proposal.file)}>
                Put {plural(step.proposal.undo.length, 'line')} back
              </button>
            </p>
          )}
          <CopyLine text={`npx claude-env secret import ${step.proposal.file}`} what="command" />
        </div>
      ) : (
        <>
          <p role="status">{step.text}</p>
          <p className="hint mono">{step.file}</p>
        </>
      )}
      {state.error === undefined ? null : <ErrorNotice title="Nothing was moved" error={state.error} />}
    </Dialog>
  );
}
