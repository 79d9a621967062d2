import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { hub, toRegistry } from '../core/registries/names.ts';
import type { RegistryLogins, StepReport } from '../services/ports.ts';
import { configDirectory, parseJson } from './context-store.ts';
import type { Host } from './host.ts';

/*
 * buildx finds logins by docker's config.json alone. For a build that needs one of ours it gets a folder of its own as
 * DOCKER_CONFIG: the user's, but that some registries are answered for by a credential helper that is made for this build.
 * The helper prints what the build's environment holds, as build secrets are handed over too; no file has a value.
 * Tried with buildx 0.29.1 and the engine's BuildKit of 20.10.
 */

const helper = 'claude-env';
const variable = (index: number): string => `CLAUDE_ENV_LOGIN_${index}`;

export interface LendLogins {
  readonly host: Host;
  readonly logins: RegistryLogins;
  /** Where the build may name registries; undefined: not known, so all of ours count. */
  readonly text: string | undefined;
  readonly report: (progress: StepReport) => void;
}
export interface LentLogins {
  readonly environment: Readonly<Record<string, string>>;
  readonly takeBack: () => Promise<void>;
}

const nothing: LentLogins = { environment: {}, takeBack: async () => undefined };

/** Docker Hub is meant by every name without a host. */
const isWanted = (registry: string, text: string | undefined): boolean =>
  registry === hub || text === undefined || text.includes(registry);

export async function lendLogins({ host, logins, text, report }: LendLogins): Promise<LentLogins> {
  const own = (await logins.own()).filter((registry) => isWanted(registry, text));
  if (own.length === 0) return nothing;
  if (host.platform === 'win32') {
    report({ message: `buildx on Windows cannot be lent the login for ${own.join(', ')}: use docker login for it` });
    return nothing;
  }
  const config = parseJson(await host.readText(join(configDirectory(host), 'config.json'))) ?? {};
  const { auths, credHelpers, ...rest } = config;
  // In plain text in the user's file; here they go the same way as ours.
  const written = Object.keys(auths ?? {}).flatMap((key) => toRegistry(key) ?? []);
  const wanted = [...new Set([...own, ...written.filter((registry) => isWanted(registry, text))])];
  const answers = await Promise.all(wanted.map(logins.ofRegistry));
  const found = answers.flatMap(({ registry, login, problems }) => {
    for (const problem of problems) report({ message: problem });
    return login === undefined ? [] : [{ registry, auth: login.auth }];
  });
  const folder = await mkdtemp(join(tmpdir(), 'claude-env-buildx-'));
  const takeBack = () => rm(folder, { recursive: true, force: true });
  try {
    // Contexts, builders and plugins are where they were.
    for (const name of await host.list(configDirectory(host))) {
      if (name !== 'config.json') await symlink(join(configDirectory(host), name), join(folder, name));
    }
    const helpers = {
      ...(credHelpers as object),
      ...Object.fromEntries(found.map(({ registry }) => [registry, helper])),
    };
    await writeFile(join(folder, 'config.json'), JSON.stringify({ ...rest, credHelpers: helpers }), { mode: 0o600 });
    await writeFile(join(folder, `docker-credential-${helper}`), toScript(found.map(({ registry }) => registry)), {
      mode: 0o700,
    });
  } catch (error) {
    await takeBack();
    throw error;
  }
  const values = found.map(({ registry, auth }, index) => [
    variable(index),
    JSON.stringify({
      ServerURL: registry,
      Username: auth.identitytoken === undefined ? (auth.username ?? '') : '<token>',
      Secret: auth.identitytoken ?? auth.password ?? '',
    }),
  ]);
  const path = [folder, host.env.PATH].filter(Boolean).join(delimiter);
  return { environment: { ...Object.fromEntries(values), DOCKER_CONFIG: folder, PATH: path }, takeBack };
}

/** Names of registries are hosts (names.ts), so quotes hold them. `printf` is the shell's own: no process has it as argument. */
function toScript(registries: readonly string[]): string {
  return [
    '#!/bin/sh',
    '# Made by claude-env for one build, and removed after it. What it prints is in the build’s environment.',
    '[ "$1" = get ] || exit 1',
    'IFS= read -r registry || [ -n "$registry" ] || exit 1',
    'case $registry in',
    ...registries.map((registry, index) => `'${registry}') printf %s "$${variable(index)}" ;;`),
    "*) echo 'credentials not found in native keychain'; exit 1 ;;",
    'esac',
    '',
  ].join('\n');
}
