/*
 * As much of a Dockerfile as is needed to say where a step is written, which base images it names, and whether only
 * BuildKit can build it. https://docs.docker.com/reference/dockerfile/
 */

export interface Instruction {
  /** Of its first line, from 1. */
  readonly line: number;
  /** Upper case. */
  readonly keyword: string;
  /** Everything after the keyword, continuation lines joined, white space as one blank. */
  readonly text: string;
}

export interface Dockerfile {
  readonly instructions: readonly Instruction[];
  /** `# syntax=…`; the classic builder takes it for a comment. */
  readonly syntax?: string;
  /** Lines that begin a here-document. */
  readonly heredocs: readonly number[];
}

const directive = /^#\s*([a-z]+)\s*=\s*(\S+)\s*$/i;
const heredocMark = /<<(-?)(["']?)([A-Za-z_][\w.]*)\2/g;
const takesHeredocs = new Set(['RUN', 'COPY', 'ADD']);

/** Never fails: what is no Dockerfile gives instructions that the builder will refuse. */
export function parseDockerfile(text: string): Dockerfile {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const { escapes, syntax } = readDirectives(lines);
  const continued = escapes === '`' ? /`[ \t]*$/ : /\\[ \t]*$/;
  const instructions: Instruction[] = [];
  const heredocs: number[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const first = index;
    let joined = '';
    for (let open = true; open && index < lines.length; index += 1) {
      const line = lines[index] ?? '';
      // Comments and empty lines between continuation lines belong to nothing.
      if (/^\s*(#|$)/.test(line)) {
        if (joined === '') break;
        continue;
      }
      open = continued.test(line);
      joined += ` ${line.replace(continued, '')}`;
    }
    const found = /^\s*([A-Za-z]+)\s*(.*)$/s.exec(joined);
    if (found === null) continue;
    index -= 1;
    const [, keyword = '', rest = ''] = found;
    instructions.push({
      line: first + 1,
      keyword: keyword.toUpperCase(),
      text: rest.replaceAll(/\s+/g, ' ').trim(),
    });
    if (!takesHeredocs.has(keyword.toUpperCase())) continue;
    for (const [, tabs, , word] of rest.matchAll(heredocMark)) {
      if (heredocs.at(-1) !== first + 1) heredocs.push(first + 1);
      index = skipTo(lines, index + 1, word ?? '', tabs === '-');
    }
  }
  return { instructions, heredocs, ...(syntax !== undefined && { syntax }) };
}

function readDirectives(lines: readonly string[]): { escapes: string; syntax?: string } {
  let escapes = '\\';
  let syntax: string | undefined;
  for (const line of lines) {
    const [, name = '', value = ''] = directive.exec(line) ?? [];
    if (name === '') break;
    if (name.toLowerCase() === 'escape') escapes = value;
    if (name.toLowerCase() === 'syntax') syntax = value;
  }
  return { escapes, ...(syntax !== undefined && { syntax }) };
}

/** Index of the line that ends a here-document; of the last line where none does. */
function skipTo(lines: readonly string[], from: number, word: string, tabs: boolean): number {
  const end = lines.findIndex((line, at) => at >= from && (tabs ? line.replace(/^\t+/, '') : line) === word);
  return end < 0 ? lines.length : end;
}

const flagsOf = (text: string): readonly string[] => {
  const flags: string[] = [];
  for (const word of text.split(' ')) {
    if (!word.startsWith('--')) break;
    flags.push(word.split('=', 1)[0] ?? word);
  }
  return flags;
};

/** Flags that the classic builder refuses (seen on 20.10, and docs.docker.com/reference/dockerfile). */
const buildKitFlags: Readonly<Record<string, readonly string[]>> = {
  RUN: ['--mount', '--network', '--security', '--device'],
  COPY: ['--link', '--chmod', '--parents', '--exclude'],
  ADD: ['--link', '--chmod', '--checksum', '--keep-git-dir', '--unpack', '--exclude'],
};

/** What of it only BuildKit builds, each with its line: `RUN --mount (line 7)`. */
export function findBuildKitOnly(dockerfile: Dockerfile): readonly string[] {
  const found = new Map<string, number>();
  const say = (what: string, line: number) => {
    if (!found.has(what)) found.set(what, line);
  };
  const { syntax } = dockerfile;
  if (syntax !== undefined && !/^(docker\.io\/)?docker\/dockerfile(-upstream)?([:@]|$)/.test(syntax)) {
    say(`# syntax=${syntax}`, 1);
  }
  for (const { keyword, text, line } of dockerfile.instructions) {
    for (const flag of flagsOf(text)) {
      if (buildKitFlags[keyword]?.includes(flag)) say(`${keyword} ${flag}`, line);
    }
    if (keyword === 'ADD' && /(^| )(git@|\S+\.git(#\S*)? )/.test(text)) say('ADD of a git repository', line);
  }
  for (const line of dockerfile.heredocs) say('a here-document', line);
  return [...found].map(([what, line]) => `${what} (line ${line})`);
}

/** Names declared by ARG. */
export const declaredArgs = ({ instructions }: Dockerfile): ReadonlySet<string> =>
  new Set(
    instructions
      .filter(({ keyword }) => keyword === 'ARG')
      .flatMap(({ text }) => text.split(' ').map((word) => word.split('=', 1)[0] ?? '')),
  );

/** Images named by FROM, arguments filled in as far as they are known. */
export function baseImages({ instructions }: Dockerfile, args: Readonly<Record<string, string>>): readonly string[] {
  const defaults: Record<string, string> = {};
  const images: string[] = [];
  const fill = (word: string) =>
    word.replaceAll(/\$\{?(\w+)[^}]*\}?/g, (_, key: string) => args[key] ?? defaults[key] ?? '');
  for (const { keyword, text } of instructions) {
    const words = text.split(' ');
    if (keyword === 'ARG') {
      for (const word of words) {
        const [name = '', ...value] = word.split('=');
        defaults[name] = value.join('=').replaceAll(/^["']|["']$/g, '');
      }
    }
    if (keyword === 'FROM') images.push(fill(words.find((word) => !word.startsWith('--')) ?? ''));
  }
  return images.filter((image) => image !== '');
}

/** The instruction that BuildKit calls `RUN make`, or the classic builder's n-th step. */
export function findInstruction(
  { instructions }: Dockerfile,
  step: { readonly said: string; readonly number?: number },
): Instruction | undefined {
  const said = step.said.replaceAll(/\s+/g, ' ').trim();
  const same = (instruction: Instruction | undefined) =>
    instruction !== undefined && said.toUpperCase().startsWith(instruction.keyword);
  if (step.number !== undefined) {
    const counted = instructions[step.number - 1];
    return same(counted) ? counted : undefined;
  }
  const whole = ({ keyword, text }: Instruction) => `${keyword} ${text}`;
  const exact = instructions.find((instruction) => whole(instruction) === said);
  if (exact !== undefined) return exact;
  // Variables are filled in where BuildKit names a step: the only one of its kind must be it.
  const alike = instructions.filter(same);
  return alike.length === 1 ? alike[0] : undefined;
}
