import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { forTests } from '../support/for-tests.ts';
import { serviceKey, startFakeController, startGateway, tokenOf } from '../support/gateway-stand.ts';
import type { ImageService } from '../support/image-service.ts';
import { type McpReplica, mcpConnector, startMcpReplica } from '../support/mcp.ts';
import { callThrough, errorsOf } from '../support/mcp-load.ts';

/*
 * The gateway between clients of the MCP SDK and servers of it: each server a process that a test can kill.
 */

const controller = forTests(startFakeController, (one) => one.close());
const replicas = forTests(
  () => Promise.all([startMcpReplica(), startMcpReplica(), startMcpReplica()]),
  (all) => Promise.all(all.map((one) => one.kill())),
);
let connector: Awaited<ReturnType<typeof mcpConnector>>;
beforeAll(async () => {
  connector = await mcpConnector();
});

const ana = tokenOf('ana');
const ben = tokenOf('ben');

const serversOf = (all: readonly McpReplica[]) => `own=${all.map(({ address }) => address).join('|')}`;
const within = async (
  env: Readonly<Record<string, string>>,
  act: (gateway: ImageService, url: string) => Promise<void>,
) => {
  controller().people.set(ana, { id: 'p-ana', name: 'Ana', role: 'member', perMinute: 100_000 });
  controller().people.set(ben, { id: 'p-ben', name: 'Ben', role: 'member' });
  const gateway = await startGateway({ ...controller().env, GATEWAY_SERVERS: serversOf(replicas()), ...env });
  try {
    await act(gateway, `http://127.0.0.1:${gateway.ports.http}/mcp/own`);
  } finally {
    await gateway.stop();
  }
};

/** A call of a tool as a client says it, for what a client of the SDK hides: another person's token, the answer's own status. */
interface Posted {
  readonly token: string;
  readonly session: string | undefined;
  readonly tool: string;
  readonly id: number;
  readonly signal?: AbortSignal;
}
const postCall = (url: string, { token, session, tool, id, signal }: Posted) =>
  fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'mcp-session-id': session ?? '',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: tool } }),
    signal: signal ?? null,
  });

describe('sessions', () => {
  it('are found by every gateway of the stack, and belong to one person', () =>
    within({}, async (_one, url) => {
      const { transport, call, client } = await connector(url, { token: ana });
      const replica = await call('whoami');
      const post = (address: string, token: string) =>
        postCall(address, { token, session: transport.sessionId, tool: 'whoami', id: 5 });
      await within({}, async (_other, elsewhere) => {
        expect(await (await post(elsewhere, ana)).text()).toContain(`"${replica}"`);
        const refused = await post(elsewhere, ben);
        expect(refused.status).toBe(404);
        expect(await refused.json()).toMatchObject({ id: 5, error: { code: -32001 } });
      });
      await transport.terminateSession();
      expect((await post(url, ana)).status).toBe(404);
      await client.close();
    }));

  it('are spread evenly, and the summary says so', () =>
    within({}, async (gateway, url) => {
      const all = await Promise.all(Array.from({ length: 9 }, () => connector(url, { token: ana })));
      const summary = await fetch(`http://127.0.0.1:${gateway.ports.internal}/summary`, {
        headers: { authorization: `Bearer ${serviceKey}` },
      });
      const { servers } = (await summary.json()) as { servers: { replicas: { sessions: number }[] }[] };
      expect(servers[0]?.replicas.map(({ sessions }) => sessions)).toEqual([3, 3, 3]);
      await Promise.all(all.map(({ client }) => client.close()));
    }));
});

describe('what goes through', () => {
  it('arrives as it is said: the first event before the answer is there', () =>
    within({}, async (_gateway, url) => {
      const { client, call } = await connector(url, { token: ana });
      const heard = new Promise<void>((resolve) => {
        client.fallbackNotificationHandler = async () => resolve();
      });
      const answer = call('steps');
      await heard;
      expect(await call('go')).toBe('went');
      expect(await answer).toBe('second');
      await client.close();
    }));

  it('is whole, however large', () =>
    within({}, async (_gateway, url) => {
      const { client, call } = await connector(url, { token: ana });
      const value = 'äx'.repeat(1_000_000);
      expect((await call('echo', { value })) === value).toBe(true);
      await client.close();
    }));

  it('is news as well, which come by the stream that listens', () =>
    within({}, async (_gateway, url) => {
      const { client, call } = await connector(url, { token: ana });
      const heard = new Promise<string>((resolve) => {
        client.fallbackNotificationHandler = async ({ method }) => resolve(method);
      });
      expect(await call('announce')).toBe('announced');
      expect(await heard).toBe('notifications/message');
      await client.close();
    }));

  it('has the service in Host and nothing of the person in it', () =>
    within({}, async (_gateway, url) => {
      const before = replicas().map(({ said }) => said.length);
      const { client } = await connector(url, { token: ana });
      const opened = replicas()
        .flatMap(({ said }, index) => said.slice(before[index]))
        .find(({ event }) => event === 'opens');
      expect(opened?.headers?.host).toMatch(/^127\.0\.0\.1:\d+$/);
      expect(JSON.stringify(opened?.headers)).not.toContain('cet_');
      await client.close();
    }));

  it('ends at the replica when its client leaves', () =>
    within({}, async (_gateway, url) => {
      const { client } = await connector(url, { token: ana });
      const leave = new AbortController();
      const call = client.callTool({ name: 'hang' }, undefined, { signal: leave.signal }).catch(() => 'ended');
      const busy = await Promise.race(replicas().map(async (one) => one.hears('hangs').then(() => one)));
      const left = busy.hears('left');
      leave.abort();
      await client.close();
      expect(await call).toBe('ended');
      expect((await left).event).toBe('left');
    }));

  it('ends with the token of whoever listens, and nobody else’s does', () =>
    within({ GATEWAY_RECHECK: '1' }, async (_gateway, url) => {
      const gone = tokenOf('gone');
      controller().people.set(gone, { id: 'p-gone', name: 'Gone', role: 'member' });
      const hung = () => replicas().flatMap(({ said }) => said.filter(({ event }) => event === 'hangs')).length;
      const before = hung();
      const ended: string[] = [];
      const leave = new AbortController();
      const hang = async (token: string) => {
        const { client, transport } = await connector(url, { token });
        const { signal } = leave;
        const asked = postCall(url, { token, session: transport.sessionId, tool: 'hang', id: 7, signal });
        return { client, end: asked.then(String, () => ended.push(token)) };
      };
      const [theirs, own] = await Promise.all([hang(gone), hang(ana)]);
      await expect.poll(hung).toBe(before + 2);
      controller().people.delete(gone);
      await theirs.end;
      expect(ended).toEqual([gone]);
      leave.abort();
      await own.end;
      await Promise.all([theirs, own].map(({ client }) => client.close()));
    }));

  it('is a clear error where no byte of an answer comes in time', () =>
    within({ GATEWAY_TIMEOUTS: 'own=1' }, async (_gateway, url) => {
      const { client, call } = await connector(url, { token: ana });
      await expect(call('hang')).rejects.toThrow(/own has not begun to answer in 1 s/);
      await client.close();
    }));
});

describe('how much at once', () => {
  it('is limited for each person, and open streams count', () =>
    within({ GATEWAY_OPEN_PER_PERSON: '2' }, async (gateway, url) => {
      const { client, call } = await connector(url, { token: ana });
      const metrics = async () => (await fetch(`http://127.0.0.1:${gateway.ports.internal}/metrics`)).text();
      await expect.poll(metrics).toMatch(/^claude_env_gateway_open_requests\{server="own"\} 1$/m);
      const hanging = call('hang').catch(() => 'ended');
      await Promise.race(replicas().map((one) => one.hears('hangs')));
      await expect(call('whoami')).rejects.toThrow(/2 requests under way at once/);
      await client.close();
      expect(await hanging).toBe('ended');
    }));
});

describe('a replica that is not ready', () => {
  const unready = forTests(
    async () => {
      const server = createServer((request, response) => {
        request.resume().once('end', () => response.writeHead(503).end('{"jsonrpc":"2.0","error":"needs its key"}'));
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      return server;
    },
    async (server) => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  );
  const address = () => `127.0.0.1:${(unready().address() as AddressInfo).port}`;

  it('gets no session while another one is ready', () =>
    within({ GATEWAY_SERVERS: `own=${address()}|${replicas()[0].address}` }, async (_gateway, url) => {
      for (let session = 0; session < 3; session++) {
        const { client, call } = await connector(url, { token: ana });
        expect(await call('whoami')).toBe(String(replicas()[0].pid));
        await client.close();
      }
    }));

  it('says why itself where it is the only one', () =>
    within({ GATEWAY_SERVERS: `own=${address()}` }, async (_gateway, url) => {
      await expect(connector(url, { token: ana })).rejects.toThrow(/needs its key/);
    }));
});

describe('a replica that is killed', () => {
  it('takes its own sessions with it, says so, and no other notices', async () => {
    const victim = await startMcpReplica();
    await within({ GATEWAY_SERVERS: serversOf([...replicas(), victim]) }, async (_gateway, url) => {
      const open = async () => {
        const { client, call } = await connector(url, { token: ana });
        const replica = await call('whoami');
        return { replica, call: async () => expect(await call('whoami')).toBe(replica), close: () => client.close() };
      };
      const load = await callThrough({ open, clients: 12, calls: 120, acts: [{ after: 40, act: victim.kill }] });
      const errors = errorsOf(load);
      const lost = load.sessions.filter((replica) => replica === String(victim.pid));
      expect(load.calls).toHaveLength(120);
      // One error for each session that it had, and none for any other; then those clients went on with new ones.
      expect(lost.length).toBeGreaterThan(0);
      expect(errors.map(({ replica }) => replica)).toEqual(lost);
      expect(load.sessions).toHaveLength(12 + lost.length);
      for (const { error } of errors) expect(error).toMatch(/is gone, and the session with it|ended while it worked/);
    });
  });

  it.each([false, true])(
    'ends the call that it worked on with an error (something was said before: %s)',
    async (first) => {
      const victim = await startMcpReplica();
      await within({ GATEWAY_SERVERS: serversOf([victim]) }, async (_gateway, url) => {
        const { client, call } = await connector(url, { token: ana });
        const ended = expect(call('hang', { first })).rejects.toThrow(
          /ended while it worked on this. Whether it was done is not known/,
        );
        await victim.hears('hangs');
        await victim.kill();
        await ended;
        await expect(call('whoami')).rejects.toThrow(/Initialize a new one/);
        await expect(connector(url, { token: ana })).rejects.toThrow(/No replica of own takes connections \(1 tried\)/);
        await client.close();
      });
    },
  );
});
