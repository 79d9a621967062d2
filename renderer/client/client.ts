import {
  type Frame,
  type Input,
  type MethodName,
  methods,
  type Output,
  type StreamInput,
  type StreamName,
  streams,
} from '../../preload/contract/api.ts';
import type { AppError } from '../../preload/contract/errors.ts';
import type { Bridge, ServerMessage } from '../../preload/contract/wire.ts';
import { CallError, connectionLost, notUnderstood } from './call-error.ts';
import type { ConnectionStore } from './connection.ts';

export interface StreamHandlers<S extends StreamName> {
  readonly onFrame: (frame: Frame<S>) => void;
  /** The stream is over and will not be opened again by the client. */
  readonly onEnd?: (error: AppError | undefined) => void;
  /** Called each time the stream is opened: at first, and after a lost connection came back. */
  readonly onOpen?: () => void;
}

export interface Client {
  readonly connection: ConnectionStore;
  /** Rejects with a CallError. A call made before the first connection waits for it. */
  readonly call: <M extends MethodName>(method: M, input: Input<M>) => Promise<Output<M>>;
  /**
   * Opens a stream; it survives a lost connection, because it is opened again, with a fresh input when `input` is a
   * function. Returns how to close it.
   */
  readonly subscribe: <S extends StreamName>(
    stream: S,
    input: StreamInput<S> | (() => StreamInput<S>),
    handlers: StreamHandlers<S>,
  ) => () => void;
}

interface Pending {
  readonly method: MethodName;
  readonly input: unknown;
  readonly resolve: (output: never) => void;
  readonly reject: (error: CallError) => void;
  sent: boolean;
}
interface Subscription {
  readonly stream: StreamName;
  readonly input: () => unknown;
  readonly onFrame: (frame: never) => void;
  readonly onEnd: ((error: AppError | undefined) => void) | undefined;
  readonly onOpen: (() => void) | undefined;
}

/** The typed client over any bridge. Everything that comes in is parsed before anybody sees it. */
export function createClient(bridge: Bridge, connection: ConnectionStore): Client {
  let lastId = 0;
  const pending = new Map<number, Pending>();
  const subscriptions = new Set<Subscription>();
  const opened = new Map<number, Subscription>();

  const isOpen = () => connection.getState().kind === 'open';

  const send = (id: number, call: Pending) => {
    call.sent = true;
    bridge.post({ t: 'call', id, method: call.method, input: call.input });
  };
  const open = (subscription: Subscription) => {
    lastId += 1;
    opened.set(lastId, subscription);
    bridge.post({ t: 'open', id: lastId, stream: subscription.stream, input: subscription.input() });
    subscription.onOpen?.();
  };
  const end = (id: number, subscription: Subscription, error: AppError | undefined) => {
    opened.delete(id);
    subscriptions.delete(subscription);
    subscription.onEnd?.(error);
  };

  const onResult = (id: number, output: unknown) => {
    const call = pending.get(id);
    if (call === undefined) return;
    pending.delete(id);
    const parsed = methods[call.method].output.safeParse(output);
    if (parsed.success) call.resolve(parsed.data as never);
    else call.reject(new CallError(notUnderstood(call.method)));
  };
  const onFrame = (id: number, frame: unknown) => {
    const subscription = opened.get(id);
    if (subscription === undefined) return;
    const parsed = streams[subscription.stream].frame.safeParse(frame);
    if (parsed.success) {
      subscription.onFrame(parsed.data as never);
    } else {
      bridge.post({ t: 'close', id });
      end(id, subscription, notUnderstood(subscription.stream));
    }
  };

  bridge.listen((message: ServerMessage) => {
    switch (message.t) {
      case 'welcome':
        return;
      case 'result':
        return onResult(message.id, message.output);
      case 'error': {
        const call = pending.get(message.id);
        pending.delete(message.id);
        call?.reject(new CallError(message.error));
        return;
      }
      case 'frame':
        return onFrame(message.id, message.frame);
      case 'end': {
        const subscription = opened.get(message.id);
        if (subscription !== undefined) end(message.id, subscription, message.error);
        return;
      }
    }
  });

  connection.subscribe((now, before) => {
    if (now.kind === before.kind) return;
    if (now.kind === 'open') {
      for (const [id, call] of pending) if (!call.sent) send(id, call);
      for (const subscription of [...subscriptions]) open(subscription);
      return;
    }
    opened.clear();
    for (const [id, call] of pending) {
      pending.delete(id);
      call.reject(new CallError(connectionLost));
    }
  });

  return {
    connection,
    call: (method, input) =>
      new Promise((resolve, reject) => {
        const { kind } = connection.getState();
        if (kind === 'lost' || kind === 'refused') {
          reject(new CallError(connectionLost));
          return;
        }
        lastId += 1;
        const call: Pending = { method, input, resolve: resolve as (output: never) => void, reject, sent: false };
        pending.set(lastId, call);
        if (kind === 'open') send(lastId, call);
      }),
    subscribe: (stream, input, handlers) => {
      const subscription: Subscription = {
        stream,
        input: typeof input === 'function' ? input : () => input,
        onFrame: handlers.onFrame as (frame: never) => void,
        onEnd: handlers.onEnd,
        onOpen: handlers.onOpen,
      };
      subscriptions.add(subscription);
      if (isOpen()) open(subscription);
      return () => {
        subscriptions.delete(subscription);
        for (const [id, candidate] of opened) {
          if (candidate !== subscription) continue;
          opened.delete(id);
          if (isOpen()) bridge.post({ t: 'close', id });
        }
      };
    },
  };
}
