import { stringify } from 'yaml';
import { type Feature, features } from './features.ts';
import type { Project } from './project.ts';
import { type Shape, shapes } from './shapes.ts';

/*
 * Projects that look like people's: a shape, and on its services features dealt from one shuffled pack, so that each comes
 * as often as any other and in other company every time. The same number is the same project, always.
 */

type Section = Readonly<Record<string, unknown>>;

/** What a service has unless a feature says otherwise: something that runs for long and stops at once. */
const defaults = { command: ['sleep', 'infinity'], init: true };
const perService = 3;
/** A shape that comes round again begins elsewhere in the pack. */
const packs = new Map<number, readonly number[]>();

/** Numerical Recipes' generator: the same numbers on every machine. */
function* numbers(seed: number): Generator<number, never> {
  let state = seed >>> 0;
  while (true) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

function shuffled(seed: number): readonly number[] {
  const known = packs.get(seed);
  if (known !== undefined) return known;
  const source = numbers(seed);
  const pack = features.map((_, index) => index);
  for (let index = pack.length - 1; index > 0; index -= 1) {
    const other = Math.floor(source.next().value * (index + 1));
    [pack[index], pack[other]] = [pack[other] ?? 0, pack[index] ?? 0];
  }
  packs.set(seed, pack);
  return pack;
}

/** The features that fall to a project, in the order in which its services are offered them. */
function dealt(index: number): readonly number[] {
  const size = features.length;
  const start = index * perService * 2;
  return Array.from({ length: 40 }, (_, offset) => {
    const place = start + offset;
    return shuffled(Math.floor(place / size) + 1)[place % size] ?? 0;
  });
}

const fits = (service: Section, taken: readonly Feature[], feature: Feature): boolean => {
  const keys = Object.keys(feature.service);
  const has = (key: string) => key in service && !(key in defaults);
  const ownCommand = taken.some((one) => keys.some((key) => key in one.service));
  return (
    !ownCommand &&
    !keys.some(has) &&
    !(feature.clashes ?? []).some((key) => has(key)) &&
    !taken.some((one) => (one.clashes ?? []).some((key) => keys.includes(key)))
  );
};

/** @param index from 0 */
export function generate(index: number, image: string): Project {
  const shape = shapes[index % shapes.length] as Shape;
  const ground = { n: index + 1, image };
  const open = new Set(dealt(index));
  const used: Feature[] = [];
  const services = Object.entries(shape.services).map(([name, base]) => {
    const taken: Feature[] = [];
    let service: Section = { image, ...base };
    for (const number of shape.plain?.includes(name) ? [] : open) {
      const feature = features[number]?.(ground);
      if (taken.length === perService || feature === undefined || !fits(service, taken, feature)) continue;
      open.delete(number);
      taken.push(feature);
      service = { ...service, ...feature.service };
    }
    used.push(...taken);
    return [name, { ...defaults, ...service }] as const;
  });
  const top = (section: 'networks' | 'volumes' | 'configs' | 'secrets'): Section => ({
    ...Object.assign({}, ...used.map((feature) => feature.top?.[section] ?? {})),
    ...((shape.top?.[section] as Section | undefined) ?? {}),
  });
  const sections = (['networks', 'volumes', 'configs', 'secrets'] as const).flatMap((section) => {
    const entries = top(section);
    return Object.keys(entries).length === 0 ? [] : [[section, entries] as const];
  });
  const compose = { services: Object.fromEntries(services), ...Object.fromEntries(sections) };
  return {
    name: `gen${index}-${shape.name}`,
    files: {
      'compose.yaml': stringify(compose),
      ...shape.files,
      ...Object.assign({}, ...used.map(({ files }) => files ?? {})),
    },
    ...(shape.profiles === undefined ? {} : { profiles: shape.profiles }),
  };
}
