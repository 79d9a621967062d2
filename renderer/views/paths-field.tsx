import { Button } from '../components/button.tsx';
import { useApp } from '../store/context.ts';

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
  const pick = async () => {
    const picked = await client.call('desktop.pickFiles', { title });
    if (picked.paths.length > 0) onChange(picked.paths.join('\n'));
  };
  return (
    <div className="field">
      <label htmlFor="open-paths">Files</label>
      <div className="field-row">
        <textarea
          id="open-paths"
          data-first
          className="input mono"
          rows={Math.min(5, Math.max(2, toPaths(value).length))}
          spellCheck={false}
          placeholder="/home/you/shop/compose.yaml"
          value={value}
          onChange={(event) => onChange(event.target.value)}
          aria-describedby="open-paths-help"
        />
        {capabilities.includes('dialogs') ? (
          <Button icon="file" onClick={() => void pick()}>
            Choose…
          </Button>
        ) : null}
      </div>
      <div id="open-paths-help" className="help">
        Full paths, one a line. Several files are merged in this order, as with <code>docker compose -f</code>.
      </div>
    </div>
  );
}

export const toPaths = (value: string): string[] =>
  value
    .split('\n')
    .map((path) => path.trim())
    .filter((path) => path !== '');
