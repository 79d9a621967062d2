import { endToEnd } from './headers.mjs';
import { errorEvents, requestIds } from './json-rpc.mjs';

/*
 * One request on its way to a replica, and the answer on its way back, as undici's dispatch tells of it: nothing is kept but
 * what a slow client has not taken yet. A class, since this is the path that each call takes: one object a request, no closures.
 */

/**
 * How it ended. `refused`: no connection, so nothing was sent. `late`: no byte of an answer in time. `broken`: the connection ended;
 * nobody knows what was done. `busy`: 503 to a request that may try elsewhere. All but `answered` and `left` leave the
 * client without an answer: the caller gives one.
 * @typedef {'answered' | 'left' | 'refused' | 'late' | 'broken' | 'busy'} Outcome
 */

/**
 * @typedef {object} Options
 * @property {import('./upstream.mjs').Replica} replica
 * @property {import('node:http').ServerResponse} response
 * @property {{ method: string, path: string, headers: string[], body: Buffer | undefined }} message
 * @property {number} timeoutMs until the first byte of the answer's body, where the answer may be waited for
 * @property {boolean} listens whether it is a stream without an end: its head goes out at once, and only that is waited for
 * @property {boolean} mayTryElsewhere whether a 503 is an outcome instead of an answer
 * @property {(headers: string[], status: number) => void} [onHead] may change the headers that the client gets
 */

export class Exchange {
  /** @param {Options} options */
  constructor(options) {
    this.options = options;
    this.response = options.response;
    /** @type {import('undici').Dispatcher.DispatchController | undefined} */
    this.controller = undefined;
    /** @type {Outcome | undefined} */
    this.ended = undefined;
    this.status = 0;
    /** @type {string[]} */
    this.headers = [];
    this.isEventStream = false;
    /** Whether nobody took the connection, as opposed to somebody refusing it. */
    this.isSilent = false;
    /** @type {NodeJS.Timeout | undefined} */
    this.timer = undefined;
    /** @type {(outcome: Outcome) => void} */
    this.resolve = () => undefined;
    this.onClose = () => {
      if (!this.response.writableFinished) this.stop('left');
    };
    this.onDrain = () => this.controller?.resume();
    this.socket = options.response.socket;
    this.isHeld = false;
    this.onTurn = () => {
      this.isHeld = false;
      this.socket?.uncork();
    };
  }

  /** @returns {Promise<Outcome>} never rejects */
  run() {
    const { replica, message, timeoutMs } = this.options;
    replica.open += 1;
    this.timer = setTimeout(() => this.stop('late'), timeoutMs);
    this.response.once('close', this.onClose);
    return new Promise((resolve) => {
      this.resolve = resolve;
      if (this.response.destroyed) return this.stop('left');
      const { method, path, headers, body } = message;
      replica.pool.dispatch(
        { method: /** @type {import('undici').Dispatcher.HttpMethod} */ (method), path, headers, body: body ?? null },
        this,
      );
    });
  }

  /** Ends it before its time. @param {Outcome} outcome */
  stop(outcome) {
    if (!this.end(outcome)) return;
    this.controller?.abort(new Error(`the client ${outcome === 'left' ? 'has left' : 'no longer waits'}`));
  }

  /** @param {Outcome} outcome @returns {boolean} whether this was the end */
  end(outcome) {
    if (this.ended !== undefined) return false;
    this.ended = outcome;
    clearTimeout(this.timer);
    this.response.off('close', this.onClose);
    this.options.replica.open -= 1;
    this.resolve(outcome);
    return true;
  }

  sendHead() {
    if (this.response.headersSent) return;
    this.response.writeHead(this.status, this.headers);
  }

  /** @param {import('undici').Dispatcher.DispatchController} controller */
  onRequestStart(controller) {
    this.controller = controller;
    if (this.ended !== undefined) controller.abort(new Error('the client has left'));
  }

  /**
   * @param {import('undici').Dispatcher.DispatchController} controller
   * @param {number} status
   * @param {Record<string, string | string[] | undefined>} headers
   */
  onResponseStart(controller, status, headers) {
    if (status < 200 || this.ended !== undefined) return;
    this.options.replica.failedAt = Number.NEGATIVE_INFINITY;
    if (status === 503 && this.options.mayTryElsewhere) return this.stop('busy');
    this.status = status;
    const raw = /** @type {(Buffer | string)[]} */ (controller.rawHeaders ?? []);
    this.headers = endToEnd(raw.map(String), /** @type {string | undefined} */ (headers.connection));
    this.isEventStream = String(headers['content-type'] ?? '').startsWith('text/event-stream');
    this.options.onHead?.(this.headers, status);
    if (this.options.listens) {
      clearTimeout(this.timer);
      this.sendHead();
      this.response.flushHeaders();
    }
  }

  /** @param {import('undici').Dispatcher.DispatchController} controller @param {Buffer} chunk */
  onResponseData(controller, chunk) {
    if (this.ended !== undefined) return;
    clearTimeout(this.timer);
    if (!this.isHeld) {
      // Until this turn of the event loop ends: servers send the end of an answer right behind its last event, and one packet for
      // both costs half as much as two. The socket, since a response that is corked sends its end before its last part (Node 24).
      this.isHeld = true;
      this.socket?.cork();
      setImmediate(this.onTurn);
    }
    this.sendHead();
    if (!this.response.write(chunk)) {
      controller.pause();
      this.response.once('drain', this.onDrain);
    }
  }

  onResponseEnd() {
    if (!this.end('answered')) return;
    this.sendHead();
    this.response.end();
  }

  /** @param {unknown} _controller @param {NodeJS.ErrnoException} error */
  onResponseError(_controller, error) {
    this.isSilent = error.code !== 'ECONNREFUSED';
    this.end(this.controller === undefined ? 'refused' : 'broken');
  }

  /**
   * The end of an answer that has begun and cannot be finished. Whoever reads an event stream is told what became of each request;
   * of anything else the connection is cut, which is how HTTP says so.
   * @param {string} message
   */
  breakOff(message) {
    if (this.isEventStream) {
      const ids = requestIds(this.options.message.body);
      this.response.end(ids.length > 0 ? errorEvents(ids, message) : undefined);
    } else {
      this.response.destroy();
    }
  }
}
