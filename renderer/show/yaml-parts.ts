export interface YamlPart {
  readonly kind: 'text' | 'key' | 'comment' | 'variable';
  readonly text: string;
}

const comment = /(^|\s)#.*$/;
const key = /^(\s*(?:- +)*)("[^"]*"|'[^']*'|[^\s#:'"[{&*!|>%@-][^#:]*?)(?=:(?:\s|$))/;
const variable = /\$\{[^}]*\}|\$[A-Za-z_]\w*/g;

/** Enough of YAML, a line at a time, to make a file readable: keys, comments, variables. It decides nothing. */
export function toYamlParts(line: string): readonly YamlPart[] {
  const quoted = /["']/.test(line);
  const start = quoted ? -1 : (comment.exec(line)?.index ?? -1);
  const whole = /^\s*#/.test(line) ? 0 : start;
  const body = whole === -1 ? line : line.slice(0, whole);
  const parts: YamlPart[] = [];
  const found = key.exec(body);
  const lead = found?.[1] ?? '';
  const name = found?.[2] ?? '';
  if (lead !== '') parts.push({ kind: 'text', text: lead });
  if (name !== '') parts.push({ kind: 'key', text: name });
  let at = lead.length + name.length;
  for (const match of body.matchAll(variable)) {
    if (match.index < at) continue;
    if (match.index > at) parts.push({ kind: 'text', text: body.slice(at, match.index) });
    parts.push({ kind: 'variable', text: match[0] });
    at = match.index + match[0].length;
  }
  if (at < body.length) parts.push({ kind: 'text', text: body.slice(at) });
  if (whole !== -1) parts.push({ kind: 'comment', text: line.slice(whole) });
  return parts;
}
