import type { LoadContext } from './files.ts';
import { interpolateText, type Lookup } from './interpolate.ts';
import { isProjectName, normalizeProjectName } from './names.ts';
import type { LoadOptions } from './options.ts';
import { child, type Node } from './tree.ts';

interface Naming {
  readonly options: LoadOptions;
  readonly documents: readonly Node[];
  readonly lookup: Lookup;
  readonly workingDir: string;
  readonly context: LoadContext;
}

/** `-p`, COMPOSE_PROJECT_NAME, `name:` of the last file that has one, the folder. */
export function projectName({ options, documents, lookup, workingDir, context }: Naming): string {
  let written: { name: string; at: Node } | undefined;
  for (const document of documents) {
    const node = child(document, 'name');
    if (node?.kind !== 'scalar' || typeof node.value !== 'string' || node.value === '') continue;
    written = { name: interpolateText(node.value, lookup), at: node };
  }
  const given = options.projectName || lookup('COMPOSE_PROJECT_NAME');
  if (given !== undefined && isProjectName(given)) return given;
  const name = given ?? normalizeProjectName(written?.name ?? context.paths.basename(workingDir));
  if (given === undefined && name !== '') {
    if (written !== undefined && written.name !== name) {
      const message = `the project is called \`${name}\`: \`${written.name}\` has characters that a project name cannot have`;
      context.reporter.report({ severity: 'warning', rule: 'bad-project-name', message, at: written.at });
    }
    return name;
  }
  context.reporter.report({
    rule: 'bad-project-name',
    message: name === '' ? 'the project has no name' : `\`${name}\` is not a valid project name`,
    hint: 'lower-case letters, digits, `-` and `_`, beginning with a letter or digit',
    ...(written && !given && { at: written.at }),
  });
  return normalizeProjectName(name) || 'project';
}
