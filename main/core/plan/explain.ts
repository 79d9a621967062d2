import type { Service } from '../compose/project.ts';
import type { Finding } from './drift.ts';
import { type Comparison, compareContainer, toImageConfig } from './drift-container.ts';
import type { ObservedContainer } from './plan.ts';
import { referencedServices } from './references.ts';

const most = 4;
const short = 24;

/**
 * What changed in the file since the container was made: the same comparison as for drift. The hash has already said
 * *that* something changed; where nothing shows, the cause stays general rather than guessing.
 */
export function explainChange(
  container: ObservedContainer,
  service: Service,
  input: Omit<Comparison, 'imageConfig'>,
): string {
  const imageConfig = toImageConfig(input.observed);
  const found = compareContainer(container, service, { ...input, imageConfig }).filter(saysSomething);
  if (found.length > 0) {
    const more = found.length > most ? `, and ${found.length - most} more` : '';
    return `configuration changed: ${found.slice(0, most).map(words).join(', ')}${more}`;
  }
  const shared = referencedServices(service);
  return shared.length === 0
    ? 'configuration changed'
    : `configuration changed, or the container of ${shared.join(', ')} is another one`;
}

/** The hash is why this is asked at all, and a temporary name is no change of the file. */
const saysSomething = ({ key, file = '', engine = '' }: Finding): boolean =>
  key !== 'config-hash' && !(key === 'container_name' && engine.endsWith(`_${file}`));

function words({ key, change, file = '', engine = '' }: Finding): string {
  if (change === 'only-in-file') return `${key} added`;
  if (change === 'only-on-engine') return `${key} removed`;
  const fits = file !== '' && engine !== '' && file.length <= short && engine.length <= short;
  return fits ? `${key} ${engine} → ${file}` : key;
}
