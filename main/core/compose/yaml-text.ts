import { Document, isScalar, visit } from 'yaml';
import { resolvePlain } from './scalars.ts';

/** Words that YAML 1.1 readers (docker-compose 1.29 among them) take for booleans. */
const OLD_BOOLEAN = /^(?:y|n|yes|no|on|off)$/i;

function needsQuotes(text: string): boolean {
  const { value, timestamp } = resolvePlain(text);
  return text === '<<' || typeof value !== 'string' || timestamp === true || OLD_BOOLEAN.test(text);
}

/**
 * Plain data as YAML that Docker's reader understands as it was meant: text that would be read as a number, a date or
 * a boolean (`0o17`, `1_000`, `yes`) stands in quotes.
 */
export function toYaml(data: unknown): string {
  const document = new Document(data);
  visit(document, {
    Scalar: (_key, node) => {
      if (isScalar(node) && typeof node.value === 'string' && needsQuotes(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ lineWidth: 0 });
}
