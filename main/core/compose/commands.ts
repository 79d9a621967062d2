import { createReporter } from './report.ts';
import { parseSource } from './source.ts';
import { child, type Node } from './tree.ts';

/**
 * The commands that the text of one compose file itself gives its secrets and configs (x-claude-env.ts), each once: what
 * somebody agrees to who trusts that file. What other files add to it is not among them.
 */
export async function commandsIn(file: string, text: string): Promise<readonly (readonly string[])[]> {
  const found = new Map<string, readonly string[]>();
  for (const root of await parseSource({ file, text, baseDir: '/' }, createReporter())) {
    for (const section of ['secrets', 'configs']) {
      for (const command of commandsOf(child(root, section))) found.set(JSON.stringify(command), command);
    }
  }
  return [...found.values()];
}

function commandsOf(section: Node | undefined): readonly (readonly string[])[] {
  if (section?.kind !== 'map') return [];
  return [...section.entries.values()].flatMap(({ value }) => {
    const extension = child(value, 'x-claude-env');
    const command = extension && child(extension, 'command');
    if (command?.kind !== 'list' || command.items.length === 0) return [];
    const words = command.items.map((item) => (item.kind === 'scalar' ? item.value : undefined));
    return words.every((word): word is string => typeof word === 'string' && word !== '') ? [words] : [];
  });
}
