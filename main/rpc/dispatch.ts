import { type MethodName, methods, type StreamInput, type StreamName, streams } from '../../preload/contract/api.ts';
import { type ClientMessage, clientMessage, protocolVersion, type ServerMessage } from '../../preload/contract/wire.ts';
import { AppFailure } from '../core/app-failure.ts';
import type { Log } from '../services/ports.ts';
import type { Services } from '../services/services.ts';
import { encodeError } from './encode-error.ts';
import {
  createDesktopHandlers,
  createServiceHandlers,
  createStreamHandlers,
  type DesktopPort,
  type StreamHandlers,
} from './handlers.ts';
import { type Outlet, outlets } from './outlet.ts';

export type { DesktopPort } from './handlers.ts';

export interface DispatcherOptions {
  readonly services: Services;
  readonly log: Log;
  /** Only the Electron host has one; without it `desktop.*` answers `unsupported`. */
  readonly desktop?: DesktopPort;
}

export interface ConnectOptions {
  /** Bytes that wait in the transport; above 1 MiB streams stop writing until it is below again. Absent: never full. */
  readonly buffered?: () => number;
}

/** One page. The host has already made sure that it may ask (sender, session key). */
export interface Connection {
  /** Takes a message as an object (IPC) or as JSON text (WebSocket). Never throws, whatever it is given. */
  readonly receive: (message: unknown) => void;
  /** Ends every subscription and answers nothing more. */
  readonly close: () => void;
}

export interface Dispatcher {
  readonly connect: (send: (message: ServerMessage) => void, options?: ConnectOptions) => Connection;
}

const maxMessage = 1024 * 1024;
const maxCalls = 256;
const maxStreams = 64;
const maxBuffered = 1024 * 1024;
const lookAgainAfter = 50;

const isMethod = (name: string): name is MethodName => Object.hasOwn(methods, name);
const isStream = (name: string): name is StreamName => Object.hasOwn(streams, name);

const invalid = (message: string, hint?: string): AppFailure =>
  new AppFailure({ code: 'input.invalid', message, ...(hint === undefined ? {} : { hint }) });

function readEnvelope(message: unknown): unknown {
  // What cannot be written as JSON (cycles, functions) was never sent by our page.
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  if (text === undefined || text.length > maxMessage) throw invalid('The message is too large.');
  return typeof message === 'string' ? (JSON.parse(text) as unknown) : message;
}

const idOf = (envelope: unknown): number | undefined => {
  if (typeof envelope !== 'object' || envelope === null || !('id' in envelope)) return undefined;
  const { id } = envelope;
  return typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 ? id : undefined;
};

interface OpenStream {
  readonly resume: () => void;
  readonly close: () => void;
}

/** Parses, calls, encodes, and owns the subscriptions of every connected page. */
export function createDispatcher({ services, log, desktop }: DispatcherOptions): Dispatcher {
  const handlers: Partial<Record<MethodName, (input: never) => Promise<unknown>>> = {
    ...createServiceHandlers(services),
    ...(desktop === undefined ? {} : createDesktopHandlers(desktop)),
  };
  const streamHandlers = createStreamHandlers(services);

  const call = async (name: string, input: unknown): Promise<unknown> => {
    if (!isMethod(name)) throw invalid(`There is no method ${JSON.stringify(name)}.`, 'Reload the page.');
    const spec = methods[name];
    const handler = handlers[name];
    if (handler === undefined || (spec.scope === 'desktop' && desktop === undefined)) {
      throw new AppFailure({ code: 'unsupported', message: `${name} works in the desktop window only.` });
    }
    const parsed = spec.input.safeParse(input);
    if (!parsed.success) throw invalid(`${name}: ${explain(parsed.error)}`);
    return handler(parsed.data as never);
  };

  return {
    connect: (send, { buffered = () => 0 } = {}) => {
      const open = new Map<number, OpenStream>();
      const calls = new Set<number>();
      let closed = false;
      let look: ReturnType<typeof setTimeout> | undefined;

      const deliver = (message: ServerMessage) => {
        if (!closed) send(message);
      };
      const fail = (id: number, error: unknown, what: string) =>
        deliver({ t: 'error', id, error: encodeError(error, what, log) });

      // A transport has no common way to say that it drained: look again, only while it is full.
      const lookAgain = () => {
        look = undefined;
        if (closed) return;
        if (buffered() > maxBuffered) look = setTimeout(lookAgain, lookAgainAfter);
        else for (const stream of [...open.values()]) stream.resume();
      };
      const congested = (): boolean => {
        if (buffered() <= maxBuffered) return false;
        look ??= setTimeout(lookAgain, lookAgainAfter);
        return true;
      };

      const openStream = (id: number, name: string, input: unknown) => {
        if (!isStream(name)) throw invalid(`There is no stream ${JSON.stringify(name)}.`, 'Reload the page.');
        if (open.has(id)) throw invalid(`Stream number ${id} is already open.`);
        if (open.size >= maxStreams) throw invalid(`More than ${maxStreams} streams are open.`);
        const parsed = streams[name].input.safeParse(input ?? {});
        if (!parsed.success) throw invalid(`${name}: ${explain(parsed.error)}`);
        const stream = runStream({
          name,
          input: parsed.data as StreamInput<typeof name>,
          handlers: streamHandlers,
          congested,
          send: (frame) => deliver({ t: 'frame', id, frame }),
          end: (error) => {
            open.delete(id);
            deliver(
              error === undefined
                ? { t: 'end', id }
                : { t: 'end', id, error: encodeError(error, `stream ${name}`, log) },
            );
          },
        });
        open.set(id, stream);
        stream.resume();
      };

      const act = (message: ClientMessage) => {
        switch (message.t) {
          case 'hello':
            deliver({ t: 'welcome', protocol: protocolVersion });
            return;
          case 'close':
            open.get(message.id)?.close();
            open.delete(message.id);
            return;
          case 'open':
            try {
              openStream(message.id, message.stream, message.input);
            } catch (error) {
              fail(message.id, error, `stream ${message.stream}`);
            }
            return;
          case 'call': {
            const { id, method, input } = message;
            if (calls.has(id)) return fail(id, invalid(`Call number ${id} is still running.`), method);
            if (calls.size >= maxCalls) return fail(id, invalid('Too many calls at once.'), method);
            calls.add(id);
            call(method, input ?? {})
              .then((output) => deliver({ t: 'result', id, output }))
              .catch((error: unknown) => fail(id, error, method))
              .finally(() => calls.delete(id));
          }
        }
      };

      return {
        receive: (message) => {
          if (closed) return;
          let envelope: unknown;
          try {
            envelope = readEnvelope(message);
          } catch {
            log('warn', 'a message that is no message was dropped');
            return;
          }
          const parsed = clientMessage.safeParse(envelope);
          if (parsed.success) return act(parsed.data);
          const id = idOf(envelope);
          if (id !== undefined) fail(id, invalid(`The message is malformed: ${explain(parsed.error)}`), 'envelope');
          else log('warn', 'a malformed message was dropped');
        },
        close: () => {
          closed = true;
          clearTimeout(look);
          for (const stream of open.values()) stream.close();
          open.clear();
        },
      };
    },
  };
}

const explain = (error: {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}) =>
  error.issues
    .slice(0, 5)
    .map(({ path, message }) => (path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`))
    .join('; ');

/** One subscription. `resume` starts it the first time; later it mends what was missed while the connection was full. */
function runStream<S extends StreamName>(options: {
  readonly name: S;
  readonly input: StreamInput<S>;
  readonly handlers: StreamHandlers;
  readonly congested: () => boolean;
  readonly send: (frame: unknown) => void;
  readonly end: (error?: unknown) => void;
}): OpenStream {
  let controller: AbortController | undefined;
  const subscribe = () => {
    controller?.abort();
    const mine = new AbortController();
    controller = mine;
    const run = async () =>
      options.handlers[options.name](
        options.input,
        (frame) => {
          if (!mine.signal.aborted) outlet.push(frame);
        },
        mine.signal,
      );
    run().then(
      () => !mine.signal.aborted && options.end(),
      (error: unknown) => !mine.signal.aborted && options.end(error),
    );
  };
  const outlet: Outlet<Parameters<Parameters<StreamHandlers[S]>[1]>[0]> = outlets[options.name]({
    congested: options.congested,
    send: options.send,
    resubscribe: subscribe,
  });
  return {
    resume: () => (controller === undefined ? subscribe() : outlet.resume()),
    close: () => controller?.abort(),
  };
}
