import { Document, isScalar, visit } from 'yaml';
import { resolvePlain } from './scalars.ts';

/** Words that YAML 1.1 readers (docker-compose 1.29 among them) take for booleans. */
const OLD_BOOLEAN = /^(?:y|n|yes|no|on|off)$/i;

/** `1:30`: a number to the base of 60 to the same readers. */
const OLD_NUMBER = /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/;

function needsQuotes(text: string): boolean {
  const { value, timestamp } = resolvePlain(text);
  const isOther = text === '<<' || typeof value !== 'string' || timestamp === true;
  // A space at the end of a line is seen in quotes only.
  return isOther || OLD_BOOLEAN.test(text) || OLD_NUMBER.test(text) || text.includes(' \n');
}

/**
 * Plain data as YAML that Docker's reader understands as it was meant: text that would be read as a number, a date or
 * a boolean (`0o17`, `1_000`, `yes`) stands in quotes, which are docker compose's own wherever that is simple.
 */
export function toYaml(data: unknown): string {
  const document = new Document(data);
  visit(document, {
    Scalar: (_key, node) => {
      if (isScalar(node) && typeof node.value === 'string' && needsQuotes(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ lineWidth: 0, singleQuote: true });
}
