import { useEffect, useState } from 'react';
import { CopyLine } from '../components/copy-button.tsx';
import { useApp } from '../store/context.ts';

/** The terminal's way to the same editor window. Nothing is shown where the host has no such link. */
export function EditorCommand({ service }: { readonly service: string }) {
  const { client } = useApp();
  const [command, setCommand] = useState<string>();
  useEffect(() => {
    let current = true;
    client.call('editor.link', { service }).then(
      (link) => current && setCommand(link.command),
      () => current && setCommand(undefined),
    );
    return () => {
      current = false;
    };
  }, [client, service]);
  if (command === undefined) return null;
  return (
    <section className="block">
      <h3>VS Code from a terminal</h3>
      <CopyLine text={command} what="the command" />
    </section>
  );
}
