import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deploysOf } from '../../main/core/swarm/record.ts';
import { type SwarmLab, startSwarmLab } from '../support/swarm-lab.ts';
import { createSwarmStand, type SwarmStand } from '../support/swarm-stand.ts';

/* A stack that one operator deployed, changed and rotated a secret of; another one, who has no file of it, goes back. */

let lab: SwarmLab;
let anna: SwarmStand;
let ben: SwarmStand;

beforeAll(async () => {
  lab = await startSwarmLab({ nodes: 1 });
  await lab.form();
  anna = await createSwarmStand(lab.node(1));
  ben = await createSwarmStand(lab.node(1));
});
afterAll(async () => {
  await ben?.close();
  await anna?.close();
  await lab?.down();
});

const common = 'image: claude-env/base\n    init: true\n    stop_grace_period: 0s\n    command: [sleep, "1000"]';
const quick = 'deploy: {restart_policy: {delay: 0s}, update_config: {monitor: 1s}, rollback_config: {monitor: 1s}}';
const file = (more: string) => `
services:
  web:
    ${common}
    environment: {HOST: "\${HOST}", DB_PASSWORD: "\${DB_PASSWORD}", API_TOKEN: a-literal-token}
    secrets: [token]
    configs: [settings]
    ${quick}
${more}
secrets: {token: {file: ./token.txt}}
configs: {settings: {content: "host \${HOST}"}}
`;
const worker = `  worker:\n    ${common}\n    ${quick}`;
const env = (host: string, password: string) => `HOST=${host}\nDB_PASSWORD=${password}\n`;

interface Seen {
  readonly shop_web: {
    readonly TaskTemplate: {
      readonly ContainerSpec: {
        readonly Env: readonly string[];
        readonly Secrets: readonly { readonly SecretName: string }[];
        readonly Configs: readonly { readonly ConfigName: string }[];
      };
    };
  };
}
const webOf = async (): Promise<Seen['shop_web']['TaskTemplate']['ContainerSpec']> =>
  ((await ben.specs('shop')) as unknown as Seen).shop_web.TaskTemplate.ContainerSpec;

it('takes the whole stack back by the Swarm’s own record, keeps the secrets of now, and is recorded itself', async () => {
  const place = await anna.put('shop', {
    'compose.yaml': file(''),
    '.env': env('a.example', 'first-password'),
    'token.txt': 'first-token',
  });
  const put = (name: string, text: string) => writeFile(join(place.folder, name), text);
  await anna.deploy(place);
  const first = await webOf();
  await Promise.all([put('compose.yaml', file(worker)), put('.env', env('b.example', 'second-password'))]);
  await put('token.txt', 'second-token');
  await anna.deploy(place);
  const [rotated] = await anna.secrets('shop');

  const { swarm, operations } = ben.app.services;
  const target = { project: 'shop' };
  const request = { kind: 'go-back', to: '1', options: { prune: true } } as const;
  const { fingerprint } = await swarm.plan(target, request);
  const { operation } = await swarm.run(target, request, { fingerprint });
  expect((await operations.finished(operation)).state).toBe('done');

  const specs = await ben.specs('shop');
  expect(Object.keys(specs)).toEqual(['shop_web']);
  const now = await webOf();
  expect(now.Env).toEqual(['API_TOKEN=a-literal-token', 'DB_PASSWORD=second-password', 'HOST=a.example']);
  expect(now.Configs.map(({ ConfigName }) => ConfigName)).toEqual(first.Configs.map(({ ConfigName }) => ConfigName));
  expect(now.Secrets.map(({ SecretName }) => SecretName)).toEqual([rotated]);

  // The same as a deploy of what the file was, with the secrets of now.
  await Promise.all([put('compose.yaml', file('')), put('.env', env('a.example', 'second-password'))]);
  expect((await anna.plan(place)).steps.filter(({ kind }) => kind !== 'wait-converged')).toEqual([]);

  const observed = await swarm.look(target);
  const deploys = deploysOf(observed);
  expect(deploys.map(({ number }) => number)).toEqual([3, 2, 1]);
  expect(deploys[0]?.changes).toMatch(/^back to deploy 1 by \S+: update web: .*HOST b\.example → a\.example/);
  const kept = deploys.map(({ data = '' }) => gunzipSync(Buffer.from(data, 'base64')).toString('utf8')).join();
  expect(kept).toContain('b.example');
  for (const secret of ['-password', 'a-literal-token', 'first-token', 'second-token'])
    expect(kept).not.toContain(secret);
});
