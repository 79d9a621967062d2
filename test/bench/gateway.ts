import { execFile } from 'node:child_process';
import { cpus } from 'node:os';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { parseArgs, promisify } from 'node:util';
import { certificates } from '../../main/platform/certificates.ts';
import { testEngine } from '../support/engine.ts';
import { startFakeController, startGateway, tokenOf } from '../support/gateway-stand.ts';
import type { ImageService } from '../support/image-service.ts';
import { type McpConnection, mcpConnector } from '../support/mcp.ts';
import { createMcpStand } from '../support/mcp-containers.ts';
import { connectLean, type LeanClient } from './lean-client.ts';
import { median, printFigures } from './report.ts';

/*
 * `node gateway.ts [--rounds N] [--check]`, inside the network of a test engine: what the gateway adds to calls of MCP (must-show 6 of issue 6),
 * beside direct calls of the same server in each round. The server is the one for sequential thinking under the supervisor, as
 * the stack has it, with a CPU to itself, as a machine that is not the gateway's has. First a client of the SDK that calls one after the
 * other: how long a call takes. Then 60 calls at once over 6 sessions, from a client that costs little: how many are answered.
 */
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '15' }, check: { type: 'boolean', default: false } },
});
const rounds = Number(values.rounds);
// The supervisor keeps 24 sessions at most, over all three ways.
const [inARow, together, perSession, sessionCount] = [200, 2000, 10, 6];
const token = tokenOf('bench');
const thought = { thought: 'and then', thoughtNumber: 1, totalThoughts: 9, nextThoughtNeeded: true };
const tool = 'sequentialthinking';

/** One way to the server. */
interface Way {
  readonly title: string;
  readonly url: string;
  readonly sessions: readonly McpConnection[];
  readonly gateway: ImageService | undefined;
  readonly p95: number[];
  readonly perSecond: number[];
}

/** One call by each way in turn, many times: what disturbs the machine meets all of them. */
async function timeCalls(ways: readonly Way[]): Promise<void> {
  const times = ways.map((): number[] => []);
  for (let turn = 0; turn < inARow * ways.length; turn++) {
    const index = (turn + Math.floor(turn / ways.length)) % ways.length;
    const start = performance.now();
    await ways[index]?.sessions[0]?.call(tool, thought);
    times[index]?.push(performance.now() - start);
  }
  for (const [index, { p95 }] of ways.entries()) {
    p95.push(times[index]?.toSorted((a, b) => a - b)[Math.ceil(inARow * 0.95) - 1] ?? Number.NaN);
  }
}

/** Ids belong to one request of a session: of two with the same one, one gets no answer. */
let lastId = 1_000_000;
const nextBody = (): string => {
  lastId += 1;
  const call = { jsonrpc: '2.0', id: lastId, method: 'tools/call', params: { name: tool, arguments: thought } };
  return JSON.stringify(call);
};

async function countCalls({ url, sessions, perSecond }: Way): Promise<void> {
  const connections = await Promise.all(
    Array.from({ length: perSession }, () => sessions)
      .flat()
      .map(({ transport }) =>
        connectLean(url, {
          accept: 'application/json, text/event-stream',
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'mcp-session-id': transport.sessionId ?? '',
        }),
      ),
  );
  let left = together;
  const work = async ({ post }: LeanClient) => {
    while (left > 0) {
      left -= 1;
      await post(nextBody());
    }
  };
  const start = performance.now();
  await Promise.all(connections.map(work));
  perSecond.push((1000 * together) / (performance.now() - start));
  for (const connection of connections) connection.close();
}

async function cpuOf(gateway: ImageService | undefined): Promise<number> {
  if (gateway === undefined) return 0;
  const text = await (await fetch(`http://127.0.0.1:${gateway.ports.internal}/metrics`)).text();
  return Number(/^process_cpu_seconds_total (\S+)$/m.exec(text)?.[1]);
}

/** Leaves the first CPU to the server. */
async function stayOff(first: number, pid: number): Promise<void> {
  const others = `1-${cpus().length - 1}`;
  if (cpus().length > 1) await promisify(execFile)('taskset', ['--all-tasks', '--cpu-list', '--pid', others, `${pid}`]);
  else console.log(`CPU ${first} is the only one: the server shares it with the gateway, and throughput says little.`);
}

const engine = testEngine();
const stand = await createMcpStand(engine);
const controller = await startFakeController();
controller.people.set(token, { id: 'bench', name: 'Bench', role: 'member', perMinute: 10_000_000 });
const span = { from: Date.now(), until: Date.now() + 86_400_000 };
const authority = await certificates.makeAuthority({ name: 'bench', hosts: [], ...span });
const own = await certificates.issue(authority, { hosts: ['127.0.0.1'], ...span });
setDefaultCACertificates([...getCACertificates(), authority.certificate]);

const { address } = await stand.addReplica({ cpu: 0 });
const env = { ...controller.env, GATEWAY_SERVERS: `own=${address}`, GATEWAY_OPEN_PER_PERSON: '1000' };
const plain = await startGateway(env);
const tls = await startGateway(env, { 'tls-cert': own.certificate, 'tls-key': own.key });
for (const pid of [process.pid, plain.pid, tls.pid]) await stayOff(0, pid);
const { say, good } = printFigures();
try {
  const connect = await mcpConnector();
  const open = async (title: string, url: string, gateway?: ImageService): Promise<Way> => {
    const sessions = await Promise.all(Array.from({ length: sessionCount }, () => connect(url, { token })));
    return { title, url, sessions, gateway, p95: [], perSecond: [] };
  };
  const direct = await open('direct', `http://${address}/mcp`);
  const through = [
    await open('without TLS', `http://127.0.0.1:${plain.ports.http}/mcp/own`, plain),
    await open('over TLS', `https://127.0.0.1:${tls.ports.https}/mcp/own`, tls),
  ];
  const ways = [direct, ...through];
  const measure = async (round: number) => {
    // Nobody always comes after the same other one.
    const order = ways.map((_, place) => ways[(place + round) % ways.length] as Way);
    await timeCalls(order);
    for (const way of order) await countCalls(way);
  };
  // Until V8 has compiled all of it.
  for (let round = 0; round < 4; round++) await measure(round);
  for (const way of ways) way.p95.splice(0);
  for (const way of ways) way.perSecond.splice(0);
  const before = await Promise.all(through.map(({ gateway }) => cpuOf(gateway)));
  for (let round = 0; round < rounds; round++) await measure(round);
  const after = await Promise.all(through.map(({ gateway }) => cpuOf(gateway)));

  console.log(`\nthe gateway beside direct calls of MCP (sequential thinking), ${rounds} rounds`);
  say('a direct call, p95', median(direct.p95), undefined, 'ms');
  say('direct calls, 60 at once', median(direct.perSecond), undefined, '/s');
  for (const [index, { title, p95, perSecond }] of through.entries()) {
    const added = median(p95.map((value, round) => value - (direct.p95[round] ?? Number.NaN)));
    const lost = median(perSecond.map((value, round) => 100 * (1 - value / (direct.perSecond[round] ?? Number.NaN))));
    const spent = (after[index] ?? Number.NaN) - (before[index] ?? Number.NaN);
    say(`added to a call ${title}, p95`, added, 2, 'ms');
    say(`throughput lost ${title}`, lost, 5, '%');
    say(`CPU of the gateway for a call ${title}`, (1e6 * spent) / (rounds * (inARow + together)), undefined, 'µs');
  }
} finally {
  await Promise.all([plain.stop(), tls.stop(), controller.close()]);
  await stand.close();
}
process.exit(good() || !values.check ? 0 : 1);
