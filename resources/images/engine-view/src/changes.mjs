import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

/*
 * Tells listeners that the Swarm is another one. Nodes, services and configs have events; of tasks Swarm tells nobody
 * anything, so while somebody listens everything is looked at every two seconds, and compared.
 */

/** @typedef {import('./engine.mjs').Engine} Engine */
/** @typedef {import('./look.mjs').Look} Look */

/** Milliseconds. */
const lookEvery = 2000;
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
  let seen = '';
  /** @type {NodeJS.Timeout | undefined} */
  let timer;

  async function compare() {
    const now = await look.swarm().then(
      (swarm) => createHash('sha256').update(JSON.stringify(swarm)).digest('hex'),
      // That it cannot be seen is a change as well.
      (error) => String(error.code),
    );
    if (now === seen) return;
    seen = now;
    for (const tell of listeners) tell();
  }

  function next() {
    clearTimeout(timer);
    if (listeners.size === 0 || ending.signal.aborted) return;
    timer = setTimeout(() => compare().then(next), lookEvery);
  }

  /** @type {NodeJS.Timeout | undefined} */
  let soon;
  function onEvent() {
    soon ??= setTimeout(() => {
      soon = undefined;
      look.forget();
      if (listeners.size > 0) compare().then(next);
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
    /** @param {() => void} tell called at each change, until the answer is called */
    listen: (tell) => {
      listeners.add(tell);
      if (listeners.size === 1) compare().then(next);
      return () => {
        listeners.delete(tell);
        next();
      };
    },
    listening: () => listeners.size,
    stop: () => {
      ending.abort();
      clearTimeout(soon);
      next();
    },
  };
}

/** @typedef {ReturnType<typeof createChanges>} Changes */
