/** A sentence of ours or main's: what stands between backticks is code. Everything is text; nothing is interpreted. */
export function Prose({ text }: { readonly text: string }) {
  const parts = text.split('`');
  // An odd backtick at the end opens nothing: the sentence is shown as it came.
  if (parts.length % 2 === 0) return text;
  return parts.map((part, index) =>
    index % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never change places
      <code key={index}>{part}</code>
    ) : (
      part
    ),
  );
}
