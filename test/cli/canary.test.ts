import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { everythingBelow, findShapes, watchArguments } from '../support/canaries.ts';
import { type EngineSpy, spyOnEngine } from '../support/engine-spy.ts';
import { hasSecretService, type SecretService, startSecretService } from '../support/secret-service.ts';
import { createWorkbench, type Finished, type Running, sleepingProject, type Workbench } from './support.ts';

/*
 * Two values are planted in a real keychain. One comes into the container as a file, the other as a variable (which the
 * engine shows to whoever may ask it, so that one is looked for everywhere but there). Then all is searched that was
 * written, sent or started, also after errors that were forced to speak of them.
 */
const canaries = { FILE_CANARY: 'c4nary/in a "file"<Ü&>~0451', ENV_CANARY: 'c4nary+of the "env"<ß&>~7392' };
const both = Object.values(canaries);

let bench: Workbench;
let keyring: SecretService;
let spy: EngineSpy;
/** Everything that was written to a terminal or sent to a page, by what it is. */
const said = new Map<string, string>();
beforeAll(async () => {
  if (!hasSecretService) return;
  [bench, keyring] = await Promise.all([createWorkbench(), startSecretService()]);
  spy = await spyOnEngine(bench.engine.address);
});
afterAll(async () => {
  if (!hasSecretService) return;
  await bench.remove();
  await spy.close();
  await keyring.stop();
});

const surroundings = () => ({ ...keyring.environment, DOCKER_HOST: spy.address });
const remember = (what: string, { stdout, stderr }: Finished): void => void said.set(what, `${stdout}\n${stderr}`);

async function run(what: string, args: readonly string[]): Promise<Finished> {
  const finished = await bench.run(args, surroundings());
  remember(what, finished);
  return finished;
}

const head = (project: string, more = ''): string =>
  sleepingProject(
    bench,
    project,
    `    secrets: [token]
    environment: {GIVEN: "\${ENV_CANARY}"}
${more}`,
    'secrets: {token: {environment: FILE_CANARY, x-claude-env: {keychain: FILE_CANARY}}}\n',
  );
/** Prints what it can reach, in every form, and fails. */
const blab =
  'cat /run/secrets/token; echo; echo "$$GIVEN"; base64 -w0 < /run/secrets/token; echo; printf %s "user:$$GIVEN" | base64 -w0; exit 3';

/** A socket of the web host, and all that came through it. */
async function openPage(serving: Running) {
  const { url } = JSON.parse(await serving.line(() => true)) as { url: string };
  const { origin, hash } = new URL(url);
  const traffic: string[] = [];
  const page = await fetch(origin);
  traffic.push(await page.text());
  const answer = await fetch(`${origin}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ token: hash.slice('#token='.length) }),
  });
  const { key } = (await answer.json()) as { key: string };
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/ws`, { origin });
  const waiting = new Set<() => void>();
  const messages: { readonly t: string; readonly id?: number; readonly output?: unknown; readonly frame?: unknown }[] =
    [];
  socket.on('message', (data) => {
    traffic.push(String(data));
    messages.push(JSON.parse(String(data)));
    for (const look of [...waiting]) look();
  });
  await once(socket, 'open');
  const send = (message: object): void => {
    traffic.push(JSON.stringify(message));
    socket.send(JSON.stringify(message));
  };
  const first = <T>(find: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = find();
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  let last = 100;
  send({ t: 'hello', protocol: 1, key });
  await first(() => messages.find(({ t }) => t === 'welcome'));
  return {
    traffic: () => traffic.join('\n'),
    open: (stream: string, input: unknown = {}) => {
      last += 1;
      send({ t: 'open', id: last, stream, input });
    },
    call: async (method: string, input: unknown): Promise<unknown> => {
      last += 1;
      const id = last;
      send({ t: 'call', id, method, input });
      const answered = await first(() =>
        messages.find((one) => one.id === id && (one.t === 'result' || one.t === 'error')),
      );
      return answered.output;
    },
    frame: <T>(find: (frame: unknown) => T | undefined): Promise<T> =>
      first(() => {
        for (const one of messages) {
          const found = one.t === 'frame' ? find(one.frame) : undefined;
          if (found !== undefined) return found;
        }
        return undefined;
      }),
    close: () => socket.close(),
  };
}

const endOf = (id: string) => (frame: unknown) => {
  const { kind, operation } = frame as { kind: string; operation: { id: string; state: string } };
  return kind === 'operation' && operation.id === id && /^(done|failed|cancelled)$/.test(operation.state)
    ? operation
    : undefined;
};

describe.runIf(hasSecretService)('values from the keychain', () => {
  it('reach the container, and are seen nowhere else', { timeout: 180_000 }, async () => {
    const project = bench.engine.uniqueName('canary');
    const stack = `env/${project}`;
    const file = await bench.file('app/compose.yaml', head(project));
    const argv = watchArguments();

    for (const [name, value] of Object.entries(canaries)) {
      const setting = bench.start(['secret', 'set', name], surroundings());
      setting.child.stdin?.end(`${value}\n`);
      remember(`set ${name}`, await setting.finished);
      expect((await setting.finished).code).toBe(0);
    }
    await run('list', ['secret', 'list']);
    await run('plan', ['plan', '-f', file]);
    await run('plan --json', ['plan', '-f', file, '--json']);
    await run('config', ['config', '-f', file]);
    expect(await run('up', ['up', '-f', file, '--yes'])).toMatchObject({ code: 0 });
    const inside = await bench.run(
      ['exec', '--file', file, '-T', 'web', 'sh', '-c', 'cat /run/secrets/token; echo; printf %s "$GIVEN"'],
      surroundings(),
    );
    expect(inside.stdout.trim()).toBe(`${canaries.FILE_CANARY}\n${canaries.ENV_CANARY}`);
    const { docker } = bench.engine;
    const name = `${project}-web-1`;
    const inspected = async () =>
      JSON.stringify([
        await docker.getContainer(name).inspect(),
        await docker.getVolume(`${project}_web_claude-env-secrets`).inspect(),
        await docker.listContainers({ all: true }),
      ]);
    expect(findShapes(await inspected(), canaries.FILE_CANARY)).toEqual([]);
    expect(findShapes(await inspected(), canaries.ENV_CANARY)).not.toEqual([]);

    // Restarted by others: gone from memory, said, and brought again.
    await docker.getContainer(name).restart({ t: 0 });
    const [lost] = JSON.parse((await run('status', ['status', '-f', file, '--json'])).stdout).services;
    expect(lost).toMatchObject({
      aggregate: 'degraded',
      missingSecrets: ['/run/secrets/token'],
      reason: expect.stringContaining('Secret token is missing'),
    });
    expect((await run('status text', ['status', '-f', file])).stdout).toContain('Secret token is missing');
    expect(await run('start', ['start', '-f', file, '--yes'])).toMatchObject({ code: 0 });
    const again = await bench.run(['exec', '--file', file, '-T', 'web', 'cat', '/run/secrets/token'], surroundings());
    expect(again.stdout.trim()).toBe(canaries.FILE_CANARY);

    // The same over the web: the page gets everything, and a whole `up`.
    const serving = bench.start(['web', '--no-open', '--json'], surroundings());
    const page = await openPage(serving);
    page.open('live');
    page.open('operations');
    const plan = (await page.call('stacks.plan', { stack, action: 'up', options: { forceRecreate: true } })) as {
      fingerprint: string;
    };
    const { operation } = (await page.call('stacks.run', {
      stack,
      action: 'up',
      options: { forceRecreate: true },
      fingerprint: plan.fingerprint,
    })) as { operation: string };
    expect(await page.frame(endOf(operation))).toMatchObject({ state: 'done' });

    // Errors that were made to speak: a hook, an engine that quotes what it refuses, a build, in both hosts.
    const hooks = `    post_start:\n      - command: [sh, -c, '${blab}']\n`;
    await bench.file('app/compose.yaml', head(project, hooks));
    const hook = await run('failing hook', ['up', '-f', file, '--yes']);
    expect(hook).toMatchObject({ code: 1, stderr: expect.stringContaining('••••••') });
    await run('failing hook --json', ['up', '-f', file, '--yes', '--force-recreate', '--json']);
    const failing = (await page.call('stacks.plan', { stack, action: 'up', options: { forceRecreate: true } })) as {
      fingerprint: string;
    };
    const failed = (await page.call('stacks.run', {
      stack,
      action: 'up',
      options: { forceRecreate: true },
      fingerprint: failing.fingerprint,
    })) as { operation: string };
    expect(await page.frame(endOf(failed.operation))).toMatchObject({ state: 'failed' });

    // The engine quotes a program that it cannot find.
    const unknown = head(project)
      .replace('[sleep, infinity]', `["\${ENV_CANARY}"]`)
      .replace('init: true', 'init: false');
    await bench.file('app/compose.yaml', unknown);
    const refused = await run('refused start', ['up', '-f', file, '--yes']);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/exec: \\?"••••••\\?"/) });
    const dockerfile = `FROM ${bench.engine.base}\nARG GIVEN\nRUN echo "printed: $GIVEN"; printf %s "$GIVEN" | base64; exit 4\n`;
    await bench.file('app/Dockerfile', dockerfile);
    const built = head(project).replace(
      /image: .*/,
      `build: {context: ., args: {GIVEN: "\${ENV_CANARY}"}}\n    image: ${bench.engine.uniqueName('built')}`,
    );
    await bench.file('app/compose.yaml', built);
    const build = await run('failing build', ['up', '-f', file, '--yes', '--build']);
    expect(build).toMatchObject({ code: 1, stderr: expect.stringContaining('printed: ••••••') });
    await run('doctor', ['doctor', '--json']);

    page.close();
    serving.child.kill('SIGINT');
    remember('web', await serving.finished);
    await bench.file('app/compose.yaml', head(project));
    await run('down', ['down', '-f', file, '--yes']);
    const { seen, looks } = argv.stop();
    expect(looks).toBeGreaterThan(100);

    // Everything that was written, sent or started.
    const places = new Map([
      ...said,
      ['web traffic', page.traffic()],
      ['arguments', seen],
      ['requests to the engine', spy.heads()],
      ['files', await everythingBelow(bench.folder)],
    ]);
    expect(places.get('web traffic')).toContain('••••••');
    expect(places.get('requests to the engine')).toContain('/archive?path=');
    const found = [...places].flatMap(([what, text]) =>
      both.flatMap((value) => findShapes(text, value).map((shape) => `${what}: ${shape}`)),
    );
    expect(found).toEqual([]);
  });
});
