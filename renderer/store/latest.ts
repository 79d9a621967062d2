/**
 * Asks again whenever it is told to, one call at a time: what happens during a call asks once more after it, and only
 * the last answer is used. So a stack that changes twenty times in a second is not compared twenty times.
 */
export interface Latest {
  readonly ask: () => void;
  /** Nothing is said any more. */
  readonly close: () => void;
}

export function createLatest<T>(
  load: () => Promise<T>,
  said: { readonly onAnswer: (answer: T) => void; readonly onFailure: (thrown: unknown) => void },
): Latest {
  let asking = false;
  let again = false;
  let closed = false;
  const ask = (): void => {
    if (closed) return;
    again = asking;
    if (asking) return;
    asking = true;
    load()
      .then(
        (answer) => closed || again || said.onAnswer(answer),
        (thrown: unknown) => closed || again || said.onFailure(thrown),
      )
      .finally(() => {
        asking = false;
        if (again) ask();
      });
  };
  return {
    ask,
    close: () => {
      closed = true;
    },
  };
}
