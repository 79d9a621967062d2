import type { AppError, Diagnostic } from '../../../../preload/contract/errors.ts';
import { oneLine, type Paint } from '../io.ts';

/** `compose.yaml:12:5: message`, the form that editors and CI systems turn into links; the hint follows, indented. */
export function diagnosticText(diagnostic: Diagnostic, paint: Paint): string {
  const { where, message, hint, severity } = diagnostic;
  const place = where === undefined ? '' : `${where.file}:${where.line}:${where.column}: `;
  const word =
    severity === 'warning'
      ? `${paint('yellow', 'warning')}: `
      : where === undefined
        ? `${paint('red', 'error')}: `
        : '';
  const first = `${paint('bold', place)}${word}${message}`;
  return hint === undefined ? first : `${first}\n  ${paint('dim', hint)}`;
}

/** Everything a person needs: what happened, every place in the file, the failing step's last lines, what to do. */
export function errorText(error: AppError, paint: Paint): string {
  const { diagnostics = [] } = error;
  const place =
    error.where === undefined || diagnostics.length > 0
      ? ''
      : `${error.where.file}:${error.where.line}:${error.where.column}: `;
  const lines = [`${paint('red', error.code === 'cancelled' ? 'cancelled' : 'error')}: ${place}${error.message}`];
  if (error.detail !== undefined && error.detail.trim() !== '') {
    lines.push(
      ...error.detail
        .trimEnd()
        .split('\n')
        .map((line) => paint('dim', `  | ${oneLine(line)}`)),
    );
  }
  lines.push(...diagnostics.map((diagnostic) => diagnosticText(diagnostic, paint)));
  // A file's only mistake lends its hint to the whole.
  const said = diagnostics.some(({ hint }) => hint === error.hint);
  if (error.hint !== undefined && !said) lines.push(`${paint('cyan', 'hint')}: ${error.hint}`);
  return lines.join('\n');
}
