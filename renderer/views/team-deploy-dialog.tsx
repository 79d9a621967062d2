import { useState } from 'react';
import { toStackId } from '../../preload/contract/ids.ts';
import { CopyLine } from '../components/copy-button.tsx';
import { TextField } from '../components/field.tsx';
import { FormDialog } from '../components/form-dialog.tsx';
import { swarmCommand } from '../show/swarm.ts';
import type { AskedChange } from '../show/swarm-change.ts';
import { useOtherEngine, useUi } from '../store/context.ts';
import { PathsField, toPaths } from './paths-field.tsx';

/** Which files are deployed under which name; nothing is done before their plan was shown. */
export function TeamDeployDialog({
  engine,
  stack,
  onPlan,
  onClose,
}: {
  readonly engine: string;
  /** One that is there, and is deployed again. */
  readonly stack: string | undefined;
  readonly onPlan: (asked: AskedChange) => void;
  readonly onClose: () => void;
}) {
  const other = useOtherEngine();
  const known = useUi(({ stackFiles }) => (stack === undefined ? undefined : stackFiles[toStackId(engine, stack)]));
  const [paths, setPaths] = useState(known?.join('\n') ?? '');
  const [name, setName] = useState(stack ?? '');
  const files = toPaths(paths);
  const wanted = name.trim();
  const wrong = /^$|^[A-Za-z0-9][A-Za-z0-9_.-]{0,254}$/.test(wanted)
    ? undefined
    : 'Letters, digits, dots, dashes and underscores, the first a letter or digit.';
  return (
    <FormDialog
      title="Deploy a stack"
      submit="Show the plan"
      busy={false}
      disabled={files.length === 0 || wrong !== undefined}
      onSubmit={() =>
        onPlan({ ...(wanted === '' ? {} : { stack: wanted }), change: { kind: 'deploy', files, options: {} } })
      }
      onClose={onClose}
    >
      <p>Services of compose files on this Swarm. The plan is shown first, with what stands in the way.</p>
      <PathsField value={paths} onChange={setPaths} title="Open stack files" />
      <TextField
        label="Stack name"
        mono
        value={name}
        error={wrong}
        placeholder="from the file, or its folder"
        onChange={(event) => setName(event.target.value)}
      />
      <CopyLine text={swarmCommand('stack deploy -f FILE -p NAME', other)} what="command" />
    </FormDialog>
  );
}
