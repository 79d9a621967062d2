import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { encodeInvite } from '../../main/core/swarm/invite.ts';
import { certificates } from '../../main/platform/certificates.ts';
import { createWorkbench } from '../cli/support.ts';
import { createConfigRepository } from '../support/config-repository.ts';
import { forTests } from '../support/for-tests.ts';
import { startGateway } from '../support/gateway-stand.ts';
import { startImageService } from '../support/image-service.ts';
import { describeLocalStack, writeSettings } from '../support/local-stack.ts';
import { startSecretService } from '../support/secret-service.ts';
import { startTeamDatabases } from '../support/team-databases.ts';
import { operatorToken, serviceKey, startController } from './controller-support.ts';

/*
 * The dev container as users have it, with the real Claude Code in it, and the team's real services beside it, under a
 * certificate of the team's own authority. The MCP servers behind the gateway are those of the local stack.
 */

const day = 86_400_000;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** For the tests of the `describe` that calls this: all of it, started before them. */
export function memberStand() {
  const bench = forTests(
    async () => {
      const made = await createWorkbench();
      await writeSettings(made);
      return made;
    },
    (made) => made.remove(),
  );
  const keyring = forTests(startSecretService, (one) => one.stop());
  const local = forTests(
    () => describeLocalStack(bench()),
    (stack) => bench().run([...stack.args, 'down', '--volumes', '--yes']),
  );
  const repository = forTests(createConfigRepository, (made) => made.remove());
  const data = forTests(
    () => mkdtemp(join(tmpdir(), 'claude-env-data-')),
    (folder) => rm(folder, { recursive: true, force: true }),
  );
  const sync = forTests(
    () =>
      startImageService('config-sync', {
        env: { GIT_REPO: repository().url, GIT_PROTOCOLS: 'file', DATA_DIR: data(), PORT: '0', SYNC_INTERVAL: '3600' },
        secrets: { 'service-key': serviceKey, 'allowed-signers': repository().allowedSigners },
      }),
    (one) => one.stop(),
  );
  const databases = forTests(
    () => startTeamDatabases(bench().engine),
    () => bench().engine.cleanUp(),
  );
  const controller = forTests(
    () =>
      startController(databases(), {
        GATEWAY_SERVERS: 'context7=mcp-context7:3001,sequential=mcp-sequential:3002',
        CONFIG_SYNC_URL: `http://127.0.0.1:${sync().ports.http}`,
      }),
    (one) => one.stop(),
  );
  const authority = forTests(
    () =>
      certificates.makeAuthority({
        name: 'team',
        hosts: ['team.example'],
        from: Date.now() - day,
        until: Date.now() + day,
      }),
    async () => undefined,
  );
  /** Where containers find the machine that the services run on. */
  const host = forTests(
    async () => {
      const { IPAM } = (await bench().engine.docker.getNetwork('bridge').inspect()) as {
        IPAM: { Config: { Gateway: string }[] };
      };
      return IPAM.Config[0]?.Gateway ?? '';
    },
    async () => undefined,
  );
  const gateway = forTests(
    async () => {
      const span = { from: Date.now() - day, to: Date.now() + day };
      const own = await certificates.issue(authority(), { hosts: [host()], from: span.from, until: span.to });
      const { http, ws, internal } = controller().ports;
      const ca = await bench().file('ca.pem', authority().certificate);
      return startGateway(
        {
          GATEWAY_SERVERS: 'context7=127.0.0.1:3001,sequential=127.0.0.1:3002',
          GATEWAY_CONTROLLER_API: `127.0.0.1:${http}`,
          GATEWAY_CONTROLLER_LIVE: `127.0.0.1:${ws}`,
          GATEWAY_CONTROLLER_INTERNAL: `127.0.0.1:${internal}`,
          GATEWAY_CA_FILE: ca,
        },
        { 'service-key': serviceKey, 'tls-cert': own.certificate, 'tls-key': own.key },
      );
    },
    (one) => one.stop(),
  );

  const here = (...args: readonly string[]) => bench().run([...local().args, ...args], keyring().environment);
  const inside = async (...command: string[]) => (await here('exec', 'claude-env', ...command)).stdout;
  const push = async (files: Readonly<Record<string, string>>, signer: 'alice' | null) => {
    const sha = await repository().commit(files, signer);
    await repository().push();
    return sha;
  };
  const offer = async (files: Readonly<Record<string, string>>) => {
    const sha = await push(files, 'alice');
    const answer = await fetch(`http://127.0.0.1:${sync().ports.http}/sync`, {
      method: 'POST',
      headers: { authorization: `Bearer ${serviceKey}` },
    });
    expect(await answer.json()).toMatchObject({ current: { sha } });
    // The controller asks at most every two seconds.
    const offered = async () => (await controller().call('GET', '/api/v1/config', { token: operatorToken })).body;
    await expect.poll(offered).toMatchObject({ current: { sha } });
    return sha;
  };
  const invite = async () => {
    const made = await controller().call('POST', '/api/v1/invites', {
      token: operatorToken,
      body: { name: 'Mia', role: 'member' },
    });
    const services = {
      addresses: [`${host()}:${gateway().ports.https}`],
      ca: certificates.fingerprint(authority().certificate),
      code: made.body.code,
    };
    const expires = Math.floor(Date.now() / 1000) + 3600;
    return encodeInvite({ id: randomBytes(4).toString('hex'), team: 'Rocket', expires, services }, sha256);
  };
  /** All of Claude's configuration but what Claude writes of its own accord, with its modes. */
  const configuration = () =>
    inside(
      'sh',
      '-c',
      'cd "$CLAUDE_CONFIG_DIR" && find . -type f -not -path "./claude-env/*" -not -path "./telemetry/*" -not -path "./backups/*" -not -name ".claude.json*" -printf "%m %p\\n" -exec sha256sum {} + | sort',
    );
  return { bench, keyring, local, repository, sync, controller, here, inside, push, offer, invite, configuration };
}
