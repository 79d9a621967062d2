import { CopyLine } from '../components/copy-button.tsx';
import { useAnswer } from '../store/use-answer.ts';

/** The terminal's way to the same editor window. Nothing is shown where the host has no such link. */
export function EditorCommand({ service }: { readonly service: string }) {
  const { answer } = useAnswer('editor.link', { service });
  if (answer === undefined) return null;
  return (
    <section className="block">
      <h3>VS Code from a terminal</h3>
      <CopyLine text={answer.command} what="the command" />
    </section>
  );
}
