import { label } from './labels.ts';
import type { LaterIds, Sha256, Step } from './plan.ts';

/*
 * A container that shares another one's network, processes or volumes carries the other's id, in its body and in the text
 * of its configuration hash (docker compose 2.40.3 resolves the ids before it takes the hash; seen live). Where this very
 * plan makes the other one, its id is known only when that step has run. Until then a mark stands for it: as long as an
 * id, and nothing that a file would say by accident. Whoever runs the step puts the id there and takes the hash.
 */

type CreateStep = Extract<Step, { readonly kind: 'create-container' }>;

/** What stands for the id of the container with this name until it is there. */
export const idMark = (container: string, sha256: Sha256): string => sha256(`the id of container ${container}`);

/** What is said about such a step. */
export const laterText = ({ names }: LaterIds): string =>
  `its configuration hash is known when ${Object.values(names).join(' and ')} is there`;

/** The step with ids in the marks' places and its hash written. `ids`: of the containers, by name. */
export function withIds(step: CreateStep, ids: ReadonlyMap<string, string>, sha256: Sha256): CreateStep {
  if (step.later === undefined) return step;
  const marks = Object.entries(step.later.names);
  const fill = (text: string): string =>
    marks.reduce((filled, [mark, name]) => filled.replaceAll(mark, ids.get(name) ?? name), text);
  const { Labels, ...body } = JSON.parse(fill(JSON.stringify(step.body))) as Readonly<Record<string, object>>;
  const { later, ...rest } = step;
  return { ...rest, body: { ...body, Labels: { ...Labels, [label.configHash]: sha256(fill(later.hashed)) } } };
}
