import { useState } from 'react';
import { shellWord } from '../../preload/contract/shell-word.ts';
import { CopyLine } from '../components/copy-button.tsx';
import { TextArea, TextField } from '../components/field.tsx';
import { FormDialog } from '../components/form-dialog.tsx';
import { swarmCommand } from '../show/swarm.ts';
import { useApp } from '../store/context.ts';
import { useAttempt } from '../store/use-attempt.ts';
import { Failed } from './team-parts.tsx';

/** Something is wrong that the others should know of. */
export function OpenIncidentDialog({ onClose }: { readonly onClose: () => void }) {
  const { client } = useApp();
  const [title, setTitle] = useState('');
  const [detail, setDetail] = useState('');
  const { busy, error, attempt } = useAttempt();
  const written = detail.trim();
  const open = () =>
    attempt(
      () =>
        client.call('teamServices.openIncident', {
          title: title.trim(),
          ...(written === '' ? {} : { detail: written }),
        }),
      onClose,
    );
  return (
    <FormDialog
      title="Open an incident"
      submit="Open it"
      busy={busy}
      disabled={title.trim() === ''}
      onSubmit={() => void open()}
      onClose={onClose}
    >
      <Failed title="It was not opened" error={error} />
      <TextField
        label="What is wrong"
        data-first
        maxLength={200}
        value={title}
        help="One line, which everybody in the team sees at once."
        onChange={(event) => setTitle(event.target.value)}
      />
      <TextArea
        label="More (optional)"
        rows={4}
        maxLength={10_000}
        value={detail}
        help="What was seen, since when, what was tried. No passwords or tokens: everybody reads it."
        onChange={(event) => setDetail(event.target.value)}
      />
      <CopyLine
        text={swarmCommand(`team incident open ${title.trim() === '' ? 'TITLE' : shellWord(title.trim())}`, undefined)}
        what="command"
      />
    </FormDialog>
  );
}
