import { listOf, toDeploys, toInfo, toNode, toService, toTask, withRunning } from './answers.mjs';

/*
 * What is known of the Swarm, at most two seconds old: however many ask, the engine is asked each question once in that time,
 * and never the same question twice at once. The engine's events make what is known old at once.
 */

/** @typedef {import('./engine.mjs').Engine} Engine */

/** Milliseconds. */
const keptFor = 2000;

/**
 * @param {Engine} engine
 * @param {object} [options]
 * @param {() => number} [options.now] milliseconds
 */
export function createLook(engine, { now = Date.now } = {}) {
  /** @type {Map<string, { answer: Promise<any>, until: number }>} */
  const known = new Map();

  /**
   * What is chosen of the engine's answer is kept; nothing else stays in memory.
   * @template T
   * @param {import('./engine.mjs').Question} question
   * @param {(raw: any) => T} choose
   * @returns {() => Promise<T>}
   */
  const keep = (question, choose) => () => {
    const kept = known.get(question);
    if (kept !== undefined && now() < kept.until) return kept.answer;
    const answer = engine.ask(question).then(choose);
    // While it is under way, whoever asks waits for the same one.
    const entry = { answer, until: Number.POSITIVE_INFINITY };
    known.set(question, entry);
    answer.then(
      () => {
        entry.until = now() + keptFor;
      },
      () => {
        if (known.get(question) === entry) known.delete(question);
      },
    );
    return answer;
  };

  const info = keep('info', toInfo);
  const nodes = keep('nodes', (raw) => listOf(raw).map(toNode));
  const tasks = keep('tasks', (raw) => listOf(raw).map(toTask));
  const deploys = keep('configs', (raw) => toDeploys(listOf(raw)));
  const counted = keep('services', (raw) => listOf(raw).map(toService));
  const services = async () => withRunning(...(await Promise.all([counted(), tasks(), nodes()])));

  return {
    info,
    nodes,
    services,
    tasks,
    deploys,
    /** Everything, in one answer. */
    swarm: async () => {
      const [a, b, c, d, e] = await Promise.all([info(), nodes(), services(), tasks(), deploys()]);
      return { info: a, nodes: b, services: c, tasks: d, deploys: e };
    },
    /** What is known is old: of an answer under way as well, which may have been made before. */
    forget: () => known.clear(),
  };
}

/** @typedef {ReturnType<typeof createLook>} Look */
