import type { ContainerId, EngineId, ServiceId, StackId } from './model.ts';

export const toStackId = (engine: EngineId, project: string): StackId => `${engine}/${project}`;
export const toServiceId = (stack: StackId, service: string): ServiceId => `${stack}/${service}`;
export const toContainerId = (engine: EngineId, id: string): ContainerId => `${engine}//${id}`;

/** Splits a stack, service or container id. Missing parts are empty strings; the input has passed the contract's parser. */
export function splitId(id: string): { engine: EngineId; project: string; name: string } {
  const [engine = '', project = '', name = ''] = id.split('/', 3);
  return { engine, project, name };
}
