import { AppFailure } from '../../main/core/app-failure.ts';
import type { Engines } from '../../main/services/ports.ts';
import type { Engine } from '../../preload/contract/model.ts';
import type { FakeEngine } from './fake-engine.ts';

/** Several engines side by side, as a machine with its own Docker and a team's manager has them. */
export function combineEngines(fakes: readonly FakeEngine[], first: string): Engines {
  let preferred = first;
  const listeners = new Set<(engine: Engine) => void>();
  const mark = (engine: Engine): Engine => ({ ...engine, preferred: engine.id === preferred });
  const of = (id: string): FakeEngine | undefined => fakes.find((fake) => fake.id === id);
  const list = () => fakes.flatMap((fake) => fake.engines.list()).map(mark);
  return {
    list,
    onChange: (listener) => {
      listeners.add(listener);
      const stops = fakes.map((fake) => fake.engines.onChange((engine) => listener(mark(engine))));
      return () => {
        listeners.delete(listener);
        for (const stop of stops) stop();
      };
    },
    get: (id) => {
      const fake = of(id);
      if (fake === undefined) {
        throw new AppFailure({ code: 'engine.unreachable', message: `There is no engine “${id}” here.` });
      }
      return fake.connection;
    },
    reach: () => first,
    preferred: () => preferred,
    prefer: async (id) => {
      preferred = id ?? first;
      for (const engine of list()) for (const listener of [...listeners]) listener(engine);
    },
    retry: () => undefined,
    close: async () => undefined,
  };
}
