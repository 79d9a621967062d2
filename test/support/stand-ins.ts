import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type Docker from 'dockerode';
import { cacheDir } from '../../scripts/setup/paths.mjs';

/*
 * The databases of the team's stack, for tests: Docker Hub need not be reachable, so that they are made of Debian's
 * packages, once, and kept as a tar in the cache folder.
 */

export type StandIn = 'postgres' | 'redis';

/** The names that the stack uses. Only an engine of the tests' own may know a stand-in by these. */
export const officialName: Readonly<Record<StandIn, string>> = {
  postgres: 'postgres:15-alpine',
  redis: 'redis:7-alpine',
};

const folderOf = (which: StandIn) => fileURLToPath(new URL(`stand-ins/${which}/`, import.meta.url));

async function digestOf(which: StandIn, base: string): Promise<string> {
  const hash = createHash('sha256').update(`${base} ${process.arch}`);
  for (const file of (await readdir(folderOf(which))).toSorted())
    hash.update(await readFile(join(folderOf(which), file)));
  return hash.digest('hex').slice(0, 16);
}

const hasImage = (docker: Docker, name: string): Promise<boolean> =>
  docker
    .getImage(name)
    .inspect()
    .then(
      () => true,
      (error: unknown) => {
        if (error instanceof Error && 'statusCode' in error && error.statusCode === 404) return false;
        throw error;
      },
    );

/** Reads the engine's answer to its end; what went wrong is a line in it. */
async function follow(docker: Docker, stream: NodeJS.ReadableStream): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error, lines: readonly { error?: string; stream?: string }[]) => {
      const failed = lines?.find((line) => line.error !== undefined)?.error;
      const said = () =>
        lines
          .map((line) => line.stream ?? '')
          .join('')
          .slice(-2000);
      if (error) reject(error);
      else if (failed !== undefined) reject(new Error(`${failed}\n${said()}`));
      else resolve();
    });
  });
}

async function build(docker: Docker, which: StandIn, base: string, name: string): Promise<void> {
  const context = { context: folderOf(which), src: ['Dockerfile', 'entrypoint.sh'] };
  await follow(docker, await docker.buildImage(context, { t: name, buildargs: { BASE: base }, forcerm: true }));
}

/**
 * Sees to it that an engine has the stand-in: from the cache folder, or built (a minute) and put there.
 * @param options `base`: the image it is made from; `official`: give it the name that the stack uses, as well
 * @returns the image's name
 */
export async function provideStandIn(
  docker: Docker,
  which: StandIn,
  options: { readonly base: string; readonly official?: boolean },
): Promise<string> {
  const digest = await digestOf(which, options.base);
  const repo = `claude-env/stand-in-${which}`;
  const name = `${repo}:${digest}`;
  if (!(await hasImage(docker, name))) {
    const cache = process.env.CLAUDE_ENV_TEST_CACHE ?? cacheDir();
    const tar = join(cache, `stand-in-${which}-${digest}.tar`);
    if (existsSync(tar)) await follow(docker, await docker.loadImage(createReadStream(tar)));
    else {
      await build(docker, which, options.base, name);
      await mkdir(cache, { recursive: true });
      const unfinished = `${tar}.${process.pid}`;
      await pipeline(await docker.getImage(name).get(), createWriteStream(unfinished));
      await rename(unfinished, tar);
    }
  }
  if (options.official) {
    const [officialRepo = '', tag = ''] = officialName[which].split(':');
    await docker.getImage(name).tag({ repo: officialRepo, tag });
  }
  return name;
}
