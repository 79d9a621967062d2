import { label } from './plan/labels.ts';
import type { EngineEvent, SeenContainer } from './seen.ts';

/**
 * The container as it is right after its `create` event, or undefined when it is of no compose project. The engine repeats
 * labels, name and image among the event's attributes; an inspect would wait until a start that follows has ended (seen
 * on 20.10.24: two seconds while ten start).
 */
export function afterCreate({ id, attributes }: EngineEvent): SeenContainer | undefined {
  if (attributes[label.project] === undefined) return undefined;
  const { name = '', image = '', ...labels } = attributes;
  return { id, name, image, labels, state: 'created', health: 'none', oomKilled: false, restarts: 0, ports: [] };
}
