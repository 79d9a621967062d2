import { Agent, request } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { parseArgs } from 'node:util';
import { certificates } from '../../main/platform/certificates.ts';
import { startFakeController, startGateway, tokenOf } from '../support/gateway-stand.ts';
import type { ImageService } from '../support/image-service.ts';
import { mcpConnector, startMcpReplica } from '../support/mcp.ts';
import { median, printFigures } from './report.ts';

/*
 * `node gateway.ts [--rounds N] [--check]`: what the gateway adds to a call of MCP (must-show 6 of issue 6), beside direct calls to the
 * same server, both in each round. First one client of the SDK that calls one after the other: the time of a call. Then as many
 * calls as the server answers, 32 at once from a client that costs little, so that the server is what is slow: the throughput.
 */
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '15' }, check: { type: 'boolean', default: false } },
});
const rounds = Number(values.rounds);
const callsInARow = 200;
const callsAtOnce = 2000;
const atOnce = 32;
const token = tokenOf('bench');

/** One way to the server. */
interface Way {
  readonly name: 'direct' | 'plain' | 'tls';
  readonly url: string;
  readonly call: () => Promise<string>;
  readonly session: string;
  readonly p95: number[];
  readonly perSecond: number[];
}

const percentile = (sorted: readonly number[], part: number): number =>
  sorted[Math.ceil(sorted.length * part) - 1] ?? Number.NaN;

async function timeCalls(way: Way): Promise<void> {
  const times: number[] = [];
  for (let call = 0; call < callsInARow; call++) {
    const start = performance.now();
    await way.call();
    times.push(performance.now() - start);
  }
  way.p95.push(
    percentile(
      times.toSorted((a, b) => a - b),
      0.95,
    ),
  );
}

const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'whoami', arguments: {} } });
const agents = {
  'http:': new Agent({ keepAlive: true, maxSockets: atOnce }),
  'https:': new TlsAgent({ keepAlive: true, maxSockets: atOnce }),
};

function post({ url, session }: Way): Promise<void> {
  const { protocol } = new URL(url);
  const headers = {
    accept: 'application/json, text/event-stream',
    authorization: `Bearer ${token}`,
    'content-length': body.length,
    'content-type': 'application/json',
    'mcp-session-id': session,
  };
  const ask = protocol === 'https:' ? tlsRequest : request;
  return new Promise((resolve, reject) => {
    const asked = ask(url, { method: 'POST', headers, agent: agents[protocol as 'http:'] }, (answer) => {
      answer.resume().once('end', () => {
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`${url} answers ${answer.statusCode}`));
      });
    });
    asked.once('error', reject);
    asked.end(body);
  });
}

async function measureThroughput(way: Way): Promise<void> {
  let left = callsAtOnce;
  const start = performance.now();
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await post(way);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  way.perSecond.push((1000 * callsAtOnce) / (performance.now() - start));
}

const cpuOf = async ({ ports }: ImageService): Promise<number> => {
  const text = await (await fetch(`http://127.0.0.1:${ports.internal}/metrics`)).text();
  return Number(/^process_cpu_seconds_total (\S+)$/m.exec(text)?.[1]);
};

const controller = await startFakeController();
controller.people.set(token, { id: 'bench', name: 'Bench', role: 'member', perMinute: 10_000_000 });
const replica = await startMcpReplica();
const span = { from: Date.now(), until: Date.now() + 86_400_000 };
const authority = await certificates.makeAuthority({ name: 'bench', hosts: [], ...span });
const own = await certificates.issue(authority, { hosts: ['127.0.0.1'], ...span });
setDefaultCACertificates([...getCACertificates(), authority.certificate]);
const env = { ...controller.env, GATEWAY_SERVERS: `own=${replica.address}` };
const plain = await startGateway(env);
const tls = await startGateway(env, { 'tls-cert': own.certificate, 'tls-key': own.key });
const { say, good } = printFigures();
try {
  const connect = await mcpConnector();
  const open = async (name: Way['name'], url: string): Promise<Way> => {
    const { call, transport } = await connect(url, { token });
    return { name, url, call: () => call('whoami'), session: transport.sessionId ?? '', p95: [], perSecond: [] };
  };
  const ways = [
    await open('direct', `http://${replica.address}/mcp`),
    await open('plain', `http://127.0.0.1:${plain.ports.http}/mcp/own`),
    await open('tls', `https://127.0.0.1:${tls.ports.https}/mcp/own`),
  ] as const;
  const clear = () => {
    for (const way of ways) way.p95.splice(0);
    for (const way of ways) way.perSecond.splice(0);
  };
  let before = [0, 0];
  for (let round = -1; round < rounds; round++) {
    // Nobody always comes after the same other one.
    const order = ways.map((_, place) => ways[(place + round + ways.length) % ways.length] as Way);
    for (const way of order) await timeCalls(way);
    for (const way of order) await measureThroughput(way);
    if (round >= 0) continue;
    clear();
    before = [await cpuOf(plain), await cpuOf(tls)];
  }
  const after = [await cpuOf(plain), await cpuOf(tls)];
  const [direct, ...through] = ways;
  const beside = (way: Way, kind: 'p95' | 'perSecond', compare: (own: number, direct: number) => number) =>
    median(way[kind].map((value, round) => compare(value, direct[kind][round] ?? Number.NaN)));
  console.log(`\nthe gateway beside direct calls of MCP, ${rounds} rounds`);
  say('a direct call, p95', median(direct.p95), undefined, 'ms');
  say('direct calls, 32 at once', median(direct.perSecond), undefined, '/s');
  for (const [index, way] of through.entries()) {
    const called = way.name === 'tls' ? 'over TLS' : 'without TLS';
    say(
      `added ${called}, p95`,
      beside(way, 'p95', (ours, theirs) => ours - theirs),
      2,
      'ms',
    );
    say(
      `throughput lost ${called}`,
      beside(way, 'perSecond', (ours, theirs) => 100 * (1 - ours / theirs)),
      5,
      '%',
    );
    const cpu = ((after[index] ?? Number.NaN) - (before[index] ?? Number.NaN)) * 1e6;
    say(`CPU of the gateway, a call ${called}`, cpu / (rounds * (callsInARow + callsAtOnce)), undefined, 'µs');
  }
} finally {
  await Promise.all([plain.stop(), tls.stop(), replica.kill(), controller.close()]);
}
process.exit(good() || !values.check ? 0 : 1);
