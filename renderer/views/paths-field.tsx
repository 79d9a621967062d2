import { Button } from '../components/button.tsx';
import { TextArea } from '../components/field.tsx';
import { ErrorNotice } from '../components/notice.tsx';
import { useApp } from '../store/context.ts';
import { useAttempt } from '../store/use-attempt.ts';

/** Full paths, one a line; a window has the system's own dialog as well. */
export function PathsField({
  value,
  onChange,
  title,
}: {
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Of the system's dialog. */
  readonly title: string;
}) {
  const { client, capabilities } = useApp();
  const { busy, error, attempt } = useAttempt();
  const pick = () =>
    attempt(
      () => client.call('desktop.pickFiles', { title }),
      ({ paths }) => {
        if (paths.length > 0) onChange(paths.join('\n'));
      },
    );
  return (
    <>
      <TextArea
        label="Files"
        data-first
        mono
        rows={Math.min(5, Math.max(2, toPaths(value).length))}
        placeholder="/home/you/shop/compose.yaml"
        value={value}
        help={
          <>
            Full paths, one a line. Several files are merged in this order, as with <code>docker compose -f</code>.
          </>
        }
        after={
          capabilities.includes('dialogs') ? (
            <Button icon="file" busy={busy} onClick={pick}>
              Choose…
            </Button>
          ) : null
        }
        onChange={(event) => onChange(event.target.value)}
      />
      {error === undefined ? null : <ErrorNotice title="The system’s dialog could not be opened" error={error} />}
    </>
  );
}

export const toPaths = (value: string): string[] =>
  value
    .split('\n')
    .map((path) => path.trim())
    .filter((path) => path !== '');
