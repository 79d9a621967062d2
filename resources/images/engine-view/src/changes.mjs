import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

/*
 * Tells listeners that the Swarm is another one. Nodes, services and configs have events; of tasks Swarm tells nobody
 * anything (moby#37403), so while somebody listens everything is looked at again and again, and compared.
 */

/** @typedef {import('./engine.mjs').Engine} Engine */
/** @typedef {import('./look.mjs').Look} Look */

/** Milliseconds. */
const soonest = 2000;
const latest = 10_000;
/** A list of tasks costs a manager time by their number: as long as the app waits while a page shows the Swarm. */
const perTask = 20;
const againAfter = 2000;
/** A deploy makes many events: together they are one reason to look. */
const together = 200;

/**
 * @param {{ engine: Engine, look: Look, log: import('../../common/service/log.mjs').Log }} input
 */
export function createChanges({ engine, look, log }) {
  /** @type {Set<() => void>} */
  const listeners = new Set();
  const ending = new AbortController();
  /** Undefined: nothing to compare with. @type {string | undefined} */
  let seen;
  /** @type {NodeJS.Timeout | undefined} */
  let timer;

  /** @returns {Promise<number>} in how many milliseconds to look again */
  async function compare() {
    const { now, pause } = await look.swarm().then(
      (swarm) => ({
        now: createHash('sha256').update(JSON.stringify(swarm)).digest('hex'),
        pause: Math.min(latest, Math.max(soonest, perTask * swarm.tasks.length)),
      }),
      // That it cannot be seen is a change as well.
      (error) => ({ now: String(error.code), pause: soonest }),
    );
    const before = seen;
    seen = now;
    if (before === undefined || before === now) return pause;
    for (const tell of listeners) tell();
    // Where something moves, more does.
    return soonest;
  }

  function compareAndGoOn() {
    compare().then((pause) => {
      clearTimeout(timer);
      if (listeners.size > 0 && !ending.signal.aborted) timer = setTimeout(compareAndGoOn, pause);
    });
  }

  /** @type {NodeJS.Timeout | undefined} */
  let soon;
  function onEvent() {
    soon ??= setTimeout(() => {
      soon = undefined;
      look.forget();
      if (listeners.size > 0) compareAndGoOn();
    }, together);
  }

  /** Until the end: the engine's events, again after each break. */
  async function follow() {
    const { signal } = ending;
    let told = '';
    while (!signal.aborted) {
      try {
        await engine.follow(onEvent, signal);
        told = '';
      } catch (error) {
        if (!signal.aborted && told !== error.code) log.warn('no events', { code: error.code });
        told = String(error.code);
      }
      // What was missed meanwhile is not known.
      look.forget();
      await wait(againAfter, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  return {
    follow,
    /** @param {() => void} tell called now and at each change, until the answer is called */
    listen: (tell) => {
      listeners.add(tell);
      tell();
      if (listeners.size === 1) {
        // What was seen when somebody last listened says nothing of now.
        seen = undefined;
        compareAndGoOn();
      }
      return () => {
        listeners.delete(tell);
        if (listeners.size === 0) clearTimeout(timer);
      };
    },
    listening: () => listeners.size,
    stop: () => {
      ending.abort();
      clearTimeout(soon);
      clearTimeout(timer);
    },
  };
}

/** @typedef {ReturnType<typeof createChanges>} Changes */
