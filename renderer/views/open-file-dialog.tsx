import { useState } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { SelectField, TextField } from '../components/field.tsx';
import { FormDialog } from '../components/form-dialog.tsx';
import { ErrorNotice } from '../components/notice.tsx';
import { useApp, useLive } from '../store/context.ts';
import { selectEngines } from '../store/live.ts';
import { useAttempt } from '../store/use-attempt.ts';
import { PathsField, toPaths } from './paths-field.tsx';

/** Adds a compose project by its file. It is listed from then on, running or not; nothing is started. */
export function OpenFileDialog() {
  const { ui, client } = useApp();
  const engines = useLive(useShallow(selectEngines));
  const [paths, setPaths] = useState('');
  const [project, setProject] = useState('');
  const [engine, setEngine] = useState('');
  const { busy, error, attempt } = useAttempt();
  const close = () => ui.actions.show(undefined);
  const files = toPaths(paths);

  const open = () =>
    attempt(
      () =>
        client.call('stacks.open', {
          files,
          ...(project.trim() === '' ? {} : { project: project.trim() }),
          ...(engine === '' ? {} : { engine }),
        }),
      // A file with mistakes opens where they are shown.
      ({ stack, diagnostics }) =>
        ui.actions.goStack(stack, diagnostics.some(({ severity }) => severity === 'error') ? 'file' : 'services'),
    );
  return (
    <FormDialog
      title="Open a compose file"
      submit="Open"
      busy={busy}
      disabled={files.length === 0}
      onSubmit={open}
      onClose={close}
    >
      <PathsField value={paths} onChange={setPaths} title="Open compose files" />
      <TextField
        label="Project name"
        mono
        value={project}
        placeholder="from the file, or its folder"
        onChange={(event) => setProject(event.target.value)}
      />
      {engines.length > 1 ? (
        <SelectField
          label="Engine"
          options={[['', 'The default one'], ...engines.map(({ id, title }) => [id, title] as const)]}
          value={engine}
          onChange={setEngine}
        />
      ) : null}
      {error === undefined ? null : <ErrorNotice title="It could not be opened" error={error} />}
    </FormDialog>
  );
}
