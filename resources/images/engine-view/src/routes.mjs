import { sendJson } from './server.mjs';

/*
 * Everything that can be asked, and what answers it.
 */

/** Streams of changes at once: a few for each controller. */
const streams = 16;
/** Milliseconds: a line without anything on it, by which each end sees that the other is gone. */
const signOfLife = 15_000;

/**
 * @param {object} input
 * @param {import('./look.mjs').Look} input.look
 * @param {import('./changes.mjs').Changes} input.changes
 * @param {{ handle: (request: any, response: any) => Promise<void> }} input.metrics
 * @param {() => Date} [input.now]
 * @returns {ReadonlyMap<string, import('./server.mjs').Route>}
 */
export function createRoutes({ look, changes, metrics, now = () => new Date() }) {
  /** @param {string} name @param {() => Promise<unknown>} find @returns {[string, import('./server.mjs').Route]} */
  const list = (name, find) => [
    `/${name}`,
    {
      answer: async (_request, response) => {
        const found = await find();
        sendJson(response, 200, { at: now().toISOString(), [name]: found });
      },
    },
  ];
  /** @param {() => Promise<object>} find @returns {import('./server.mjs').Route} */
  const object = (find) => ({
    answer: async (_request, response) => {
      const found = await find();
      sendJson(response, 200, { at: now().toISOString(), ...found });
    },
  });
  /** @type {import('./server.mjs').Route['answer']} */
  const stream = (_request, response) => {
    if (changes.listening() >= streams)
      return sendJson(
        response,
        503,
        { error: { code: 'streams.taken', message: 'Too many listen already.' } },
        { 'retry-after': '5' },
      );
    response.writeHead(200, { 'content-type': 'application/jsonl', 'cache-control': 'no-store' });
    response.flushHeaders();
    const life = setInterval(() => response.write('\n'), signOfLife);
    const end = changes.listen(() => response.write('{"what":"swarm"}\n'));
    response.on('close', () => {
      clearInterval(life);
      end();
    });
  };
  return new Map([
    list('nodes', look.nodes),
    list('services', look.services),
    list('tasks', look.tasks),
    list('deploys', look.deploys),
    ['/info', object(look.info)],
    ['/swarm', object(look.swarm)],
    ['/changes', { answer: stream }],
    // It is well when it answers at all: a new task would find the same engine.
    ['/health', { open: true, answer: (_request, response) => sendJson(response, 200, { status: 'ok' }) }],
    [
      '/ready',
      {
        open: true,
        answer: async (_request, response) => {
          await look.nodes();
          sendJson(response, 200, { status: 'ready' });
        },
      },
    ],
    ['/metrics', { open: true, answer: metrics.handle }],
  ]);
}
