import type { Engine, EngineId } from '../../preload/contract/model.ts';
import { AppFailure } from '../core/app-failure.ts';
import type { Clock, EngineConnection, Engines, RegistryLogins } from '../services/ports.ts';
import { type Connection, createConnection } from './connection.ts';
import { type FoundEngine, findEngines } from './contexts.ts';
import { formatEndpoint, isLocal, parseEndpoint } from './endpoint.ts';
import { createEngineConnection } from './engine-connection.ts';
import { type Host, nodeHost } from './host.ts';
import { createMemoryHolds, type MemoryHolds } from './memory-holds.ts';
import { createDockerLogins } from './registry-auth.ts';

export interface EnginesOptions {
  readonly clock: Clock;
  /** This machine unless a test says otherwise. */
  readonly host?: Host;
  /** docker's own unless the app has others besides. */
  readonly logins?: RegistryLogins;
  /** The settings' choice; wins over environment and contexts when such an engine exists. */
  readonly preferred?: EngineId;
  /** `all`: every engine is connected at once. `on-use`: when somebody asks for it, for a command that needs one. */
  readonly connect?: 'all' | 'on-use';
}

interface Entry {
  readonly found: FoundEngine;
  readonly connection: Connection;
  readonly facade: EngineConnection;
  readonly holds: MemoryHolds;
}

/**
 * Every engine that can be found, connected and reconnecting by itself. Engines that somebody wrote down (environment,
 * contexts) stay listed while they do not answer; sockets at known places are listed when they exist. While no engine
 * answers, those places are looked at again with every attempt, so a product that is started later is noticed.
 */
export async function createEngines(options: EnginesOptions): Promise<Engines> {
  const { clock, host = nodeHost(), connect = 'all' } = options;
  const logins = options.logins ?? createDockerLogins(host);
  const entries = new Map<EngineId, Entry>();
  const listeners = new Set<(engine: Engine) => void>();
  const discovered = await findEngines(host, options.preferred);
  let settled: EngineId | undefined = discovered.chosen;
  let announced: EngineId | undefined;

  /** The chosen one; else the first that answered, which then stays; else the first. */
  const preferred = (): EngineId | undefined => {
    if (settled !== undefined) return settled;
    const all = [...entries.values()];
    const waiting = all.findIndex(({ connection }) => connection.state().kind === 'connecting');
    const answering = all.findIndex(({ connection }) => connection.state().kind === 'connected');
    if (answering >= 0 && (waiting < 0 || answering < waiting)) settled = all[answering]?.found.id;
    return all[answering]?.found.id ?? all[0]?.found.id;
  };

  const toEngine = ({ found, connection }: Entry): Engine => ({
    id: found.id,
    title: found.title,
    address: found.address,
    source: found.source,
    preferred: found.id === preferred(),
    local: found.endpoint === undefined || isLocal(found.endpoint),
    state: connection.state(),
  });

  const announce = (id: EngineId | undefined) => {
    const entry = id === undefined ? undefined : entries.get(id);
    if (entry) for (const listener of [...listeners]) listener(toEngine(entry));
  };
  const onStateChange = (id: EngineId) => {
    const before = announced;
    announced = preferred();
    announce(id);
    if (before !== announced) for (const other of new Set([before, announced])) if (other !== id) announce(other);
  };

  const add = (found: FoundEngine) => {
    const connection = createConnection({ engine: found, host, clock });
    const holds = createMemoryHolds({ connection, clock });
    const facade = createEngineConnection({ found, connection, host, clock, logins, holds });
    entries.set(found.id, { found, connection, facade, holds });
    connection.onState((state) => {
      onStateChange(found.id);
      if (state.kind === 'unreachable') void lookAgain();
    });
    if (connect === 'all') connection.start();
  };

  let looking = false;
  let closed = false;
  const anyConnected = () => [...entries.values()].some(({ connection }) => connection.state().kind === 'connected');
  /** Known places once more, while nothing answers; with the same 2 s as a lost engine's last back-off. */
  const lookAgain = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    while (!closed && !anyConnected()) {
      await clock.sleep(2000, stop.signal).catch(() => undefined);
      if (closed || anyConnected()) break;
      const known = new Set([...entries.values()].map(({ found }) => found.address));
      for (const found of (await findEngines(host)).engines) {
        if (!found.configured && !entries.has(found.id) && !known.has(found.address)) {
          add(found);
          announce(found.id);
        }
      }
    }
    looking = false;
  };
  const stop = new AbortController();

  for (const found of discovered.engines) add(found);
  announced = preferred();

  return {
    list: () => [...entries.values()].map(toEngine),
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    get: (id) => {
      const entry = entries.get(id);
      if (entry === undefined) {
        throw new AppFailure({
          code: 'engine.unreachable',
          message: `There is no engine “${id}” here.`,
          hint: 'Choose another engine, or add it as a docker context and start again.',
        });
      }
      entry.connection.start();
      return entry.facade;
    },
    reach: (address) => {
      const known = [...entries.values()].find(({ found }) => found.address === address);
      if (known !== undefined) return known.found.id;
      const { endpoint, problem } = parseEndpoint(address);
      if (endpoint === undefined) throw new AppFailure({ code: 'engine.unreachable', message: problem });
      const id = `team:${address.replaceAll(/[^A-Za-z0-9._-]/g, '_')}`;
      const title = formatEndpoint(endpoint);
      add({ id, title, address: title, source: 'an invite to a team', configured: true, endpoint });
      return id;
    },
    preferred,
    prefer: async (id) => {
      const { chosen } = await findEngines(host, id);
      settled = chosen !== undefined && entries.has(chosen) ? chosen : undefined;
      const before = announced;
      announced = preferred();
      if (before !== announced) for (const other of [before, announced]) announce(other);
    },
    retry: (id) => entries.get(id)?.connection.retry(),
    close: async () => {
      closed = true;
      stop.abort();
      await Promise.all([...entries.values()].map(({ holds }) => holds.close()));
      for (const { connection } of entries.values()) connection.close();
    },
  };
}
