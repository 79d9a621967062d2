import type { AppError, Diagnostic, SourceLocation } from '../../preload/contract/errors.ts';

/** `compose.yaml:12:7`, as editors and terminals read it. */
export const formatWhere = ({ file, line, column }: SourceLocation): string => `${file}:${line}:${column}`;

export const fileName = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;

export function diagnosticText({ severity, message, hint, where, rule }: Diagnostic): string {
  const at = where === undefined ? '' : `${formatWhere(where)}: `;
  return `${at}${severity}: ${message} [${rule}]${hint === undefined ? '' : `\n  ${hint}`}`;
}

/** What happened and what to do, where there is a line for it: below a field, beside a button. */
export const errorLine = ({ message, hint }: AppError): string => (hint === undefined ? message : `${message} ${hint}`);

/** Everything about a failure as plain text, for a report or a search. */
export function errorText(error: AppError, title?: string): string {
  return [
    title,
    `${error.message} [${error.code}]`,
    error.hint,
    error.where === undefined ? undefined : formatWhere(error.where),
    ...(error.diagnostics ?? []).map(diagnosticText),
    error.detail,
  ]
    .filter((line) => line !== undefined && line !== '')
    .join('\n');
}

/** The source line a diagnostic points at, and how far its caret stands, in characters. */
export function sourceLine(
  text: string | undefined,
  where: SourceLocation,
): { text: string; caret: number } | undefined {
  const line = text?.split(/\r?\n/)[where.line - 1];
  if (line === undefined) return undefined;
  return { text: line.replaceAll('\t', ' '), caret: Math.min(where.column - 1, line.length) };
}
