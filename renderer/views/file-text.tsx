import { useEffect, useMemo, useRef } from 'react';
import type { Diagnostic } from '../../preload/contract/errors.ts';
import { toYamlParts } from '../show/yaml-parts.ts';

/** Text with line numbers; lines with a mistake are marked. */
export function FileText({
  text,
  diagnostics,
  line,
}: {
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
  /** Brought into sight. */
  readonly line: number | undefined;
}) {
  const region = useRef<HTMLElement>(null);
  const lines = useMemo(() => text.replace(/\r?\n$/, '').split(/\r?\n/), [text]);
  const marks = useMemo(
    () => new Map(diagnostics.map((diagnostic) => [diagnostic.where?.line ?? 0, diagnostic.severity])),
    [diagnostics],
  );
  useEffect(() => {
    if (line !== undefined) region.current?.querySelector(`[data-line="${line}"]`)?.scrollIntoView({ block: 'center' });
  }, [line]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region has to be reachable by keyboard
    <section className="file-text" ref={region} tabIndex={0} aria-label="Compose file">
      {lines.map((content, index) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: a line's number is its identity
          key={index}
          data-line={index + 1}
          className={`file-line ${marks.get(index + 1) ?? ''} ${line === index + 1 ? 'current' : ''}`}
        >
          <span className="file-number">{index + 1}</span>
          <code>
            {toYamlParts(content).map((part, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a line never change
              <span key={at} className={part.kind === 'text' ? undefined : `yaml-${part.kind}`}>
                {part.text}
              </span>
            ))}
          </code>
        </div>
      ))}
    </section>
  );
}
