import { useState } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { TextField } from '../components/field.tsx';
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
    attempt(async () => {
      const { stack, diagnostics } = await client.call('stacks.open', {
        files,
        ...(project.trim() === '' ? {} : { project: project.trim() }),
        ...(engine === '' ? {} : { engine }),
      });
      // A file with mistakes opens where they are shown.
      ui.actions.goStack(stack, diagnostics.some(({ severity }) => severity === 'error') ? 'file' : 'services');
    });
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
        <div className="field">
          <label htmlFor="open-engine">Engine</label>
          <select id="open-engine" className="input" value={engine} onChange={(event) => setEngine(event.target.value)}>
            <option value="">The default one</option>
            {engines.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        </div>
      ) : null}
      {error === undefined ? null : <ErrorNotice title="It could not be opened" error={error} />}
    </FormDialog>
  );
}
