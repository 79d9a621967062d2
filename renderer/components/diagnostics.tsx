import type { Diagnostic } from '../../preload/contract/errors.ts';
import { aggregateLook } from '../show/aggregate.ts';
import { fileName, formatWhere, sourceLine } from '../show/error-text.ts';
import { CopyButton } from './copy-button.tsx';
import { Prose } from './prose.tsx';
import { StateShape } from './state-shape.tsx';

const looks = {
  error: { ...aggregateLook.failed, label: 'error' },
  warning: { ...aggregateLook.degraded, label: 'warning' },
} as const;

/** Mistakes in files, all of them, each with its place and the line itself when `sources` has the file. */
export function DiagnosticList({
  diagnostics,
  sources = {},
  onOpen,
}: {
  readonly diagnostics: readonly Diagnostic[];
  /** Text by path. */
  readonly sources?: Readonly<Record<string, string>>;
  readonly onOpen?: (diagnostic: Diagnostic) => void;
}) {
  return (
    <ul className="diagnostics">
      {diagnostics.map((diagnostic, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the list is replaced as a whole, and equal mistakes may repeat
        <li key={index} className="diagnostic">
          <StateShape look={looks[diagnostic.severity]} labelled />
          <div>
            <div className="diagnostic-line">
              <Place diagnostic={diagnostic} onOpen={onOpen} />
              <span>
                <Prose text={diagnostic.message} />
                {diagnostic.hint === undefined ? null : (
                  <span className="hint">
                    {/^[a-z`]/.test(diagnostic.hint) ? ' — ' : ' '}
                    <Prose text={diagnostic.hint} />
                  </span>
                )}
              </span>
            </div>
            {diagnostic.where === undefined ? null : (
              <SourceExcerpt text={sources[diagnostic.where.file]} where={diagnostic.where} />
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}

function Place({
  diagnostic,
  onOpen,
}: {
  readonly diagnostic: Diagnostic;
  readonly onOpen: ((diagnostic: Diagnostic) => void) | undefined;
}) {
  if (diagnostic.where === undefined) return null;
  const { file, line, column } = diagnostic.where;
  const place = formatWhere(diagnostic.where);
  const short = `${fileName(file)}:${line}:${column}`;
  return (
    <span className="diagnostic-place">
      {onOpen === undefined ? (
        <code title={place}>{short}</code>
      ) : (
        <button type="button" className="link mono" title={place} onClick={() => onOpen(diagnostic)}>
          {short}
        </button>
      )}
      <CopyButton text={place} what={place} />
    </span>
  );
}

/** A variable, a quoted text, otherwise a word: what stands at the place of the mistake. */
const markedPart = /^(?:\$\{[^}]*\}|"[^"]*"|'[^']*'|[^\s,\]}]+)/;

function SourceExcerpt({
  text,
  where,
}: {
  readonly text: string | undefined;
  readonly where: NonNullable<Diagnostic['where']>;
}) {
  const source = sourceLine(text, where);
  if (source === undefined) return null;
  const marked = markedPart.exec(source.text.slice(source.caret))?.[0] ?? '';
  return (
    <div className="excerpt">
      <span className="excerpt-number">{where.line}</span>
      <code>
        {source.text.slice(0, source.caret)}
        <mark>{marked === '' ? ' ' : marked}</mark>
        {source.text.slice(source.caret + marked.length)}
      </code>
    </div>
  );
}
