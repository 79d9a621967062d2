import { type Context, usage } from '../run.ts';

/** A name that the file does not have is a mistake of the command line, not of the file. */
export async function requireServices({ services, target }: Context, names: readonly string[] = []): Promise<void> {
  if (names.length === 0) return;
  const { project } = await services.stacks.load(target);
  if (project === undefined) return;
  const known = [...project.services.keys(), ...project.inactive.keys()];
  const wrong = names.filter((name) => !known.includes(name));
  if (wrong.length > 0) {
    throw usage(`There is no service ${wrong.join(', ')} in ${project.name}.`, `It has: ${known.join(', ')}.`);
  }
}
