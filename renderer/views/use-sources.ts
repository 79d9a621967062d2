import { useEffect, useState } from 'react';
import { useApp } from '../store/context.ts';

const none: Readonly<Record<string, string>> = {};

/** The text of the stack's files by path, so that a mistake can be shown with its line; only when `wanted`. */
export function useSources(stack: string, wanted: boolean): Readonly<Record<string, string>> {
  const { client } = useApp();
  const [sources, setSources] = useState(none);
  useEffect(() => {
    if (!wanted) return;
    let current = true;
    client.call('stacks.files', { stack }).then(
      ({ files }) => current && setSources(Object.fromEntries(files.map(({ path, text }) => [path, text]))),
      // Without the text the mistakes are shown all the same, with their place.
      () => current && setSources(none),
    );
    return () => {
      current = false;
    };
  }, [client, stack, wanted]);
  return sources;
}
