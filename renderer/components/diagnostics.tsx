import type { Diagnostic } from '../../preload/contract/errors.ts';
import { aggregateLook } from '../show/aggregate.ts';
import { fileName, formatWhere, sourceLine } from '../show/error-text.ts';
import { CopyButton } from './copy-button.tsx';
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
            <div className="diagnostic-message">{diagnostic.message}</div>
            {diagnostic.hint === undefined ? null : <div className="hint">{diagnostic.hint}</div>}
            {diagnostic.where === undefined ? null : <Place diagnostic={diagnostic} onOpen={onOpen} />}
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
    <div className="diagnostic-place">
      {onOpen === undefined ? (
        <code title={place}>{short}</code>
      ) : (
        <button type="button" className="link mono" title={place} onClick={() => onOpen(diagnostic)}>
          {short}
        </button>
      )}
      <CopyButton text={place} what={place} />
    </div>
  );
}

function SourceExcerpt({
  text,
  where,
}: {
  readonly text: string | undefined;
  readonly where: NonNullable<Diagnostic['where']>;
}) {
  const source = sourceLine(text, where);
  if (source === undefined) return null;
  return (
    <div className="excerpt">
      <span className="excerpt-number">{where.line}</span>
      <code>
        {source.text.slice(0, source.caret)}
        <mark>{source.text.slice(source.caret).match(/^\S+/)?.[0] ?? ' '}</mark>
        {source.text.slice(source.caret + (source.text.slice(source.caret).match(/^\S+/)?.[0].length ?? 0))}
      </code>
    </div>
  );
}
