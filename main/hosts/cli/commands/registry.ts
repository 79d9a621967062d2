import { text as readAll } from 'node:stream/consumers';
import { sourceTitle } from '../../../core/registries/login.ts';
import { registryArgument, registryTitle } from '../../../core/registries/names.ts';
import { type RegistryEntry, requireRegistry } from '../../../services/registries.ts';
import { programName } from '../../shared/program-name.ts';
import { exitCodes } from '../exit-codes.ts';
import { askHidden } from '../hidden-prompt.ts';
import { columns } from '../present/table.ts';
import { ask } from '../prompt.ts';
import { type Command, type Context, usage } from '../run.ts';

export interface LoginWords {
  /** Empty: Docker Hub. */
  readonly registry: string;
  readonly user: string | undefined;
  readonly passwordOnInput: boolean;
}

/** What `--json` prints of one: no value is in it. */
const toData = ({ registry, title, user, source, used, changedAt }: RegistryEntry) => ({
  registry,
  title,
  ...(user === undefined ? {} : { user }),
  source,
  used,
  ...(changedAt === undefined ? {} : { changedAt: new Date(changedAt).toISOString() }),
});

async function readUser({ io, signal }: Context, title: string): Promise<string> {
  const user = io.canAsk ? await ask(`User at ${title}:`, '', signal) : '';
  if (user !== '') return user;
  throw usage('No user was given.', `${programName()} registry login HOST --user NAME`);
}

/** A password is never an argument: those are seen by everybody on the machine, and kept in the shell's history. */
async function readPassword({ io, signal }: Context, passwordOnInput: boolean, title: string): Promise<string> {
  const hint = `printf %s "$PASSWORD" | ${programName()} registry login HOST --user NAME --password-stdin`;
  if (!passwordOnInput && !io.canAsk) throw usage('There is no terminal to ask for the password on.', hint);
  const password = passwordOnInput
    ? (await readAll(process.stdin)).replace(/\r?\n$/, '')
    : await askHidden(`Password or token for ${title} (it is not shown):`, signal);
  if (password === '') throw usage('No password was given.', hint);
  return password;
}

export const loginToRegistry =
  ({ registry: written, user: given, passwordOnInput }: LoginWords): Command =>
  async (context) => {
    const registry = requireRegistry(written);
    const title = registryTitle(registry);
    const user = given ?? (await readUser(context, title));
    const password = await readPassword(context, passwordOnInput, title);
    const { engine } = context.globals;
    const kept = await context.services.registries.login(
      { registry, user, password, ...(engine === undefined ? {} : { engine }) },
      context.signal,
    );
    context.io.data({ login: toData(kept) });
    context.io.say(
      `${title} let ${user} in. The login is in the keychain, and is used for pulls and builds from now on.`,
    );
    return exitCodes.done;
  };

export const logoutOfRegistry =
  (written: string): Command =>
  async ({ io, services }) => {
    const { registry, removed, left } = await services.registries.logout(written);
    const title = registryTitle(registry);
    io.data({ registry, removed, ...(left === undefined ? {} : { left }) });
    io.say(
      removed ? `The login for ${title} was removed from the keychain.` : `The keychain has no login for ${title}.`,
    );
    if (left !== undefined) {
      io.say(
        `docker’s own, from ${sourceTitle(left)}, is used now; docker logout${registryArgument(registry)} removes it.`,
      );
    }
    return removed ? exitCodes.done : exitCodes.failed;
  };

export const listRegistries: Command = async ({ io, services }) => {
  const { registries, problems } = await services.registries.list();
  io.data({ registries: registries.map(toData), problems });
  io.say(
    registries.length === 0
      ? `No logins. \`${programName()} registry login HOST\` keeps one in the keychain.`
      : columns(
          [
            ['REGISTRY', 'USER', 'FROM'],
            ...registries.map(({ title, user = '-', source, used }) => [
              title,
              user,
              used ? sourceTitle(source) : `${sourceTitle(source)} (not used: the keychain has one)`,
            ]),
          ],
          '',
        ).join('\n'),
  );
  if (!io.json) for (const problem of problems) io.warn(problem);
  return exitCodes.done;
};
