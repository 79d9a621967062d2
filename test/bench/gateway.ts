import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { parseArgs, promisify } from 'node:util';
import { certificates } from '../../main/platform/certificates.ts';
import { inRoot } from '../../scripts/setup/paths.mjs';
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
 * other: how long a call takes. Then 60 calls at once over 5 sessions, from a client that costs little: how many are answered.
 *
 * Client and gateways share the other CPU, so whatever the client has to do more counts as the gateway's loss. TLS is such work, and
 * none of the gateway's making: calls through it over TLS are held against direct calls over TLS, which the server then offers itself
 * (tls-beside.mjs). What they lose beside direct calls without TLS, which is more, is shown as well.
 *
 * A server gets slower while the CPU beside it works, and faster while that one sleeps: with the same requests it took 293 to 352 µs of CPU
 * for a call (seen on two CPUs of a virtual machine). So the other CPUs never sleep here, in no way.
 */
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '15' }, check: { type: 'boolean', default: false } },
});
const rounds = Number(values.rounds);
// The supervisor keeps 24 sessions at most, over all four ways.
const [inARow, together, perSession, sessionCount] = [200, 2000, 12, 5];
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
  /** Microseconds of the client's CPU for a call, of those at once. */
  readonly client: number[];
  /** The same of the server's. */
  readonly server: number[];
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

async function countCalls({ url, sessions, perSecond, client, server }: Way): Promise<void> {
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
  const spent = await replica.cpu();
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  await Promise.all(connections.map(work));
  perSecond.push((1000 * together) / (performance.now() - start));
  const { user, system } = process.cpuUsage(cpu);
  client.push((user + system) / together);
  server.push(((await replica.cpu()) - spent) / together);
  for (const connection of connections) connection.close();
}

/** Milliseconds more than the other way's in the same round. */
const added = (way: Way, other: Way): number[] =>
  way.p95.map((value, round) => value - (other.p95[round] ?? Number.NaN));

/** Percent of the calls that the other way answers in a second of the same round. */
const lost = (way: Way, other: Way): number[] =>
  way.perSecond.map((value, round) => 100 * (1 - value / (other.perSecond[round] ?? Number.NaN)));

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

/** Takes what nobody else wants of all CPUs but the first, and ends with this process. */
const keepAwake = () =>
  cpus()
    .slice(1)
    .map((_, index) => {
      const on = ['taskset', '--cpu-list', `${index + 1}`, 'chrt', '--idle', '0'];
      return spawn('setpriv', ['--pdeathsig', 'KILL', ...on, 'sh', '-c', 'while :; do :; done']);
    });

const engine = testEngine();
const stand = await createMcpStand(engine);
const controller = await startFakeController();
controller.people.set(token, { id: 'bench', name: 'Bench', role: 'member', perMinute: 10_000_000 });
const span = { from: Date.now(), until: Date.now() + 86_400_000 };
const authority = await certificates.makeAuthority({ name: 'bench', hosts: [], ...span });
const replicaHost = stand.host.replace(/\d+$/, '2');
const own = await certificates.issue(authority, { hosts: ['127.0.0.1', replicaHost], ...span });
setDefaultCACertificates([...getCACertificates(), authority.certificate]);

const folder = await mkdtemp(join(tmpdir(), 'claude-env-bench-'));
await writeFile(join(folder, 'cert'), own.certificate);
await writeFile(join(folder, 'key'), own.key);
const replica = await stand.addReplica({
  cpu: 0,
  preload: { module: inRoot('test', 'bench', 'tls-beside.mjs'), folder },
});
const { address } = replica;
const env = { ...controller.env, GATEWAY_SERVERS: `own=${address}`, GATEWAY_OPEN_PER_PERSON: '1000' };
const plain = await startGateway(env);
const tls = await startGateway(env, { 'tls-cert': own.certificate, 'tls-key': own.key });
for (const pid of [process.pid, plain.pid, tls.pid]) await stayOff(0, pid);
const { say, good } = printFigures();
const awake = keepAwake();
try {
  const connect = await mcpConnector();
  const open = async (title: string, url: string, gateway?: ImageService): Promise<Way> => {
    const sessions = await Promise.all(Array.from({ length: sessionCount }, () => connect(url, { token })));
    return { title, url, sessions, gateway, p95: [], perSecond: [], client: [], server: [] };
  };
  const direct = await open('without TLS', `http://${address}/mcp`);
  const directTls = await open(
    'over TLS',
    `https://${address.replace(/\d+$/, (port) => `${Number(port) + 1000}`)}/mcp`,
  );
  const through = [
    { way: await open('without TLS', `http://127.0.0.1:${plain.ports.http}/mcp/own`, plain), beside: direct },
    { way: await open('over TLS', `https://127.0.0.1:${tls.ports.https}/mcp/own`, tls), beside: directTls },
  ];
  const ways = [direct, directTls, ...through.map(({ way }) => way)];
  const measure = async (round: number) => {
    // Nobody always comes after the same other one.
    const order = ways.map((_, place) => ways[(place + round) % ways.length] as Way);
    await timeCalls(order);
    for (const way of order) await countCalls(way);
  };
  // Until V8 has compiled all of it.
  for (let round = 0; round < 4; round++) await measure(round);
  for (const way of ways) for (const figures of [way.p95, way.perSecond, way.client, way.server]) figures.splice(0);
  const before = await Promise.all(through.map(({ way }) => cpuOf(way.gateway)));
  for (let round = 0; round < rounds; round++) await measure(round);
  const after = await Promise.all(through.map(({ way }) => cpuOf(way.gateway)));

  console.log(`\nthe gateway beside direct calls of MCP (sequential thinking), ${rounds} rounds`);
  for (const { title, p95, perSecond, client, server } of [direct, directTls]) {
    say(`a direct call ${title}, p95`, median(p95), undefined, 'ms');
    say(`direct calls ${title}, 60 at once`, median(perSecond), undefined, '/s');
    say('CPU of the client for one', median(client), undefined, 'µs');
    say('CPU of the server for one', median(server), undefined, 'µs');
  }
  for (const [index, { way, beside }] of through.entries()) {
    console.log(`\nthrough the gateway ${way.title}, beside direct calls ${beside.title}`);
    say('added to a call, p95', median(added(way, beside)), 2, 'ms');
    say('throughput lost', median(lost(way, beside)), 5, '%');
    if (beside !== direct) {
      console.log(
        `through the gateway ${way.title}, beside direct calls ${direct.title}: the client's TLS counts as the gateway's`,
      );
      say('added to a call, p95', median(added(way, direct)), 2, 'ms');
      say('throughput lost', median(lost(way, direct)), undefined, '%');
    }
    const spent = (after[index] ?? Number.NaN) - (before[index] ?? Number.NaN);
    say('CPU of the gateway for a call', (1e6 * spent) / (rounds * (inARow + together)), undefined, 'µs');
    say('CPU of the client for a call', median(way.client), undefined, 'µs');
    say('CPU of the server for a call', median(way.server), undefined, 'µs');
  }
} finally {
  for (const spinning of awake) spinning.kill();
  await Promise.all([plain.stop(), tls.stop(), controller.close()]);
  await stand.close();
  await rm(folder, { recursive: true });
}
process.exit(good() || !values.check ? 0 : 1);
