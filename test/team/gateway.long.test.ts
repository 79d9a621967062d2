import { expect, it } from 'vitest';
import { createSessionIds } from '../../resources/images/gateway/src/session-ids.mjs';
import { testEngine } from '../support/engine.ts';
import { forTests } from '../support/for-tests.ts';
import { serviceKey, startFakeController, tokenOf } from '../support/gateway-stand.ts';
import { mcpConnector } from '../support/mcp.ts';
import { createMcpStand } from '../support/mcp-containers.ts';
import { callThrough, errorsOf } from '../support/mcp-load.ts';

/*
 * Must-show 2 of issue 6: 1,000 calls of MCP over three replicas, one of which is killed in between. The real server for
 * sequential thinking under the real supervisor in containers; its replicas by the DNS, as in a Swarm.
 */

const stand = forTests(
  () => createMcpStand(testEngine()),
  (one) => one.close(),
);

it('0 sessions of living replicas are lost over 1,000 calls, and those of the killed one end with a clear error', async () => {
  const controller = await startFakeController(stand().host);
  controller.people.set(tokenOf('ana'), { id: 'p-ana', name: 'Ana', role: 'guest', perMinute: 1_000_000 });
  const victim = await stand().addReplica();
  const living = await Promise.all([stand().addReplica(), stand().addReplica()]);
  const gateway = await stand().startGateway({
    ...controller.env,
    GATEWAY_SERVERS: 'sequential=mcp-sequential:3002',
  });
  const connect = await mcpConnector();
  const ids = createSessionIds(serviceKey);

  const open = async () => {
    const { client, call, transport } = await connect(`${gateway}/mcp/sequential`, { token: tokenOf('ana') });
    let thoughts = 0;
    return {
      replica: ids.open('sequential', transport.sessionId ?? '')?.replica ?? '',
      call: async () => {
        const answer = await call('sequentialthinking', {
          thought: 'and then',
          thoughtNumber: thoughts + 1,
          totalThoughts: 1000,
          nextThoughtNeeded: true,
        });
        thoughts += 1;
        // The server counts the thoughts of a session in its memory.
        expect(JSON.parse(answer)).toMatchObject({ thoughtHistoryLength: thoughts });
      },
      close: () => client.close(),
    };
  };

  try {
    const load = await callThrough({
      open,
      clients: 24,
      calls: 1000,
      acts: [{ after: 400, act: victim.kill }],
    });
    const errors = errorsOf(load);
    const lost = load.sessions.filter((replica) => replica === victim.address);
    console.log(
      `${load.calls.length} calls, ${load.sessions.length} sessions, ${errors.length} errors:`,
      [...new Set(errors.map(({ error }) => error.replace(/"id":\d+/, '"id":…')))].join('\n'),
    );
    expect(load.calls).toHaveLength(1000);
    expect(new Set(load.sessions)).toEqual(new Set([victim, ...living].map(({ address }) => address)));
    // One error for each session that the killed one had, and none for any other.
    expect(lost.length).toBeGreaterThan(0);
    expect(errors.map(({ replica }) => replica)).toEqual(lost);
    for (const { error } of errors) expect(error).toMatch(/is gone, and the session with it|ended while it worked/);

    // Another replica comes, and gets the next sessions as soon as the DNS has been asked again.
    const another = await stand().addReplica();
    const opened = async () => {
      const session = await open();
      await session.close();
      return session.replica;
    };
    await expect.poll(opened).toBe(another.address);
  } finally {
    await controller.close();
  }
});
