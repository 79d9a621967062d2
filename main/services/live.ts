import type { Frame } from '../../preload/contract/api.ts';
import { applyPatch, emptyLiveState } from '../../preload/contract/live-state.ts';
import type { Engine, EngineId, LiveState } from '../../preload/contract/model.ts';
import type { Patch } from '../../preload/contract/patch.ts';
import type { SeenContainer } from '../core/seen.ts';
import { deferred } from './deferred.ts';
import { chooseEngine, settled } from './engine-choice.ts';
import { createEngineReader, type EngineReader, type KnownForEngine } from './engine-reader.ts';
import { createListeners } from './listeners.ts';
import { createMcp } from './mcp.ts';
import type { Clock, Engines, Files, Log } from './ports.ts';

export interface LiveOptions {
  readonly engines: Engines;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
  /** What is known of an engine's stacks besides its containers. */
  readonly known: (engine: EngineId) => Promise<KnownForEngine>;
  /** `all`: every engine is looked at. `used`: the chosen one and those that somebody names, for a single command. */
  readonly scope: 'all' | 'used';
}

const mcpPatience = 3_000;
const catchUpPatience = 2_000;

/** The one live state. Any number of subscribers share one reader an engine; nothing is read before somebody asks. */
export function createLive(options: LiveOptions) {
  const { engines, clock, log } = options;
  let state: LiveState = emptyLiveState;
  let started = false;
  const readers = new Map<EngineId, EngineReader>();
  const patches = createListeners<readonly Patch[]>(log);

  const emit = (changes: readonly Patch[]): void => {
    if (changes.length === 0) return;
    state = changes.reduce(applyPatch, state);
    patches.emit(changes);
  };
  const mcp = createMcp({ clock, log, onChange: (engine) => readers.get(engine)?.render() });

  const read = (id: EngineId): EngineReader => {
    const known = readers.get(id);
    if (known !== undefined) return known;
    const reader = createEngineReader({
      connection: engines.get(id),
      engine: () => engines.list().find((engine) => engine.id === id),
      files: options.files,
      clock,
      log,
      mcp,
      known: () => options.known(id),
      state: () => state,
      emit,
    });
    readers.set(id, reader);
    return reader;
  };

  const refresh = (): void => {
    for (const reader of readers.values()) reader.refresh();
  };

  const onEngine = (engine: Engine): void => {
    const before = state.engines[engine.id];
    // Environments run on the preferred engine: they move along when that becomes another one.
    if (before !== undefined && before.preferred !== engine.preferred) refresh();
    emit([{ op: 'put-engine', value: engine }]);
    if (options.scope === 'all') read(engine.id);
    readers.get(engine.id)?.engineChanged();
  };
  let stopWatching: () => void = () => undefined;
  const start = (): void => {
    if (started) return;
    started = true;
    stopWatching = engines.onChange(onEngine);
    for (const engine of engines.list()) onEngine(engine);
    // Without an engine there is nothing to look at; who needs one is told by what they call.
    if (options.scope === 'used') chooseEngine(engines).then(read, () => undefined);
  };

  /** Every engine in scope, or this one, has been looked at once or cannot be reached. */
  const looked = async (id?: EngineId): Promise<void> => {
    start();
    if (id !== undefined) await read(id).ready();
    else if (options.scope === 'used') await read(await chooseEngine(engines)).ready();
    else {
      await Promise.all(engines.list().map((engine) => settled(engines, engine.id)));
      await Promise.all([...readers.values()].map((reader) => reader.ready()));
    }
  };

  return {
    state: (): LiveState => state,
    looked,
    /** As `looked`, and MCP servers have been heard: they are asked only after that, and get 3 s. */
    ready: async (id?: EngineId): Promise<void> => {
      await looked(id);
      await mcp.heard(mcpPatience);
    },
    subscribe: (listener: (frame: Frame<'live'>) => void): (() => void) => {
      start();
      let seq = 0;
      listener({ kind: 'snapshot', seq, state });
      return patches.add((changes) => {
        seq += 1;
        listener({ kind: 'patches', seq, patches: [...changes] });
      });
    },
    /** Somebody acts on this engine. A single command looks at it when it wants to know what came of that. */
    use: (id: EngineId): void => {
      if (options.scope === 'used') return;
      start();
      read(id);
    },
    /** An operation has ended: what it did is in the state before anybody is told so, within 2 s. */
    catchUp: async (id: EngineId): Promise<void> => {
      const late = deferred();
      const callOff = clock.after(catchUpPatience, late.resolve);
      await Promise.race([readers.get(id)?.catchUp(), late.promise]);
      callOff();
    },
    /** After every change, whatever it was. */
    onChange: (listener: () => void): (() => void) => patches.add(() => listener()),
    /** What is known besides the containers has changed: files opened or forgotten, an environment saved. */
    refresh,
    /** The containers as last seen; empty for an engine that nobody has looked at. */
    containers: (id: EngineId): readonly SeenContainer[] => readers.get(id)?.containers() ?? [],
    close: (): void => {
      stopWatching();
      mcp.close();
      for (const reader of readers.values()) reader.close();
    },
  };
}
export type Live = ReturnType<typeof createLive>;
