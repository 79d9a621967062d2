import type { Service } from '../../preload/contract/model.ts';

/** As the contract has it. */
const most = 1000;

/** Containers that count for the service; one-offs belong to whoever runs them. */
export const countReplicas = (service: Pick<Service, 'containers'>): number =>
  service.containers.filter(({ oneOff }) => !oneOff).length;

/** The number that was typed, where it is one and another than there is now. */
export function readReplicas(text: string, now: number): number | undefined {
  if (!/^\d{1,4}$/.test(text.trim())) return undefined;
  const count = Number(text);
  return count > most || count === now ? undefined : count;
}
