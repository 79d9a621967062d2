import { rename } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { certificates } from '../../main/platform/certificates.ts';
import { createConfigRepository } from '../support/config-repository.ts';
import { configSyncForTests } from '../support/config-sync.ts';
import { testEngine } from '../support/engine.ts';
import { startSpiedView } from '../support/engine-view.ts';
import { forTests } from '../support/for-tests.ts';
import { startGateway } from '../support/gateway-stand.ts';
import { mcpConnector, startMcpReplica } from '../support/mcp.ts';
import { startTeamDatabases } from '../support/team-databases.ts';
import { addPerson, type Controller, operatorToken, serviceKey, startController } from './controller-support.ts';
import { prometheus, promtool, readDashboard, readRules, startPrometheus } from './monitoring/prometheus.ts';

/*
 * A real Prometheus reads the real services, and what it alerts of is provoked. Its rules are the stack's with seconds
 * instead of minutes; test/team/monitoring/alerts.yml has the minutes.
 */

const engine = testEngine();
const day = 86_400_000;

describe.skipIf(prometheus === undefined || !engine.canInjectFaults)('monitoring', () => {
  const databases = forTests(
    () => startTeamDatabases(engine),
    () => engine.cleanUp(),
  );
  // engine-view reads the Swarm of the engine that runs the tests, whose only node it is.
  forTests(
    () => engine.docker.swarmInit({ AdvertiseAddr: '127.0.0.1', ListenAddr: '127.0.0.1:2377' }),
    () => engine.docker.swarmLeave({ force: true }).catch(() => undefined),
  );
  const repository = forTests(
    async () => {
      const made = await createConfigRepository();
      await made.commit({ 'claude/CLAUDE.md': 'Be kind.\n' }, 'alice');
      await made.push();
      return made;
    },
    (made) => made.remove(),
  );
  const sync = configSyncForTests(() => ({ ...repository(), serviceKey }), { SYNC_INTERVAL: '5' });
  const view = forTests(
    () => startSpiedView(engine.socket, serviceKey),
    (one) => one.stop(),
  );
  const controllers = forTests(
    () => {
      const env = {
        CONFIG_SYNC_URL: `http://127.0.0.1:${sync().ports.http}`,
        ENGINE_VIEW_URL: `http://127.0.0.1:${view().view.ports.http}`,
      };
      return Promise.all([startController(databases(), env), startController(databases(), env)]);
    },
    (all) => Promise.all(all.map((one) => one.stop())),
  );
  const first = (): Controller => controllers()[0];
  const replicas = forTests(
    () => Promise.all([startMcpReplica(), startMcpReplica()]),
    (all) => Promise.all(all.map((one) => one.kill())),
  );
  /** The first without TLS; the second's certificate has three days left. */
  const gateways = forTests(
    async () => {
      const span = { from: Date.now() - day, until: Date.now() + 3 * day };
      const authority = await certificates.makeAuthority({ name: 'team', hosts: ['team.example'], ...span });
      const own = await certificates.issue(authority, { hosts: ['127.0.0.1', 'team.example'], ...span });
      const [one, two] = replicas();
      const { http, ws, internal } = first().ports;
      const env = {
        GATEWAY_SERVERS: `context7=${one.address},slow=${one.address},magic=${two.address}`,
        // Who is refused at once asks thousands of times before an alert fires.
        GATEWAY_PER_MINUTE: '1000000',
        GATEWAY_CONTROLLER_API: `127.0.0.1:${http}`,
        GATEWAY_CONTROLLER_LIVE: `127.0.0.1:${ws}`,
        GATEWAY_CONTROLLER_INTERNAL: `127.0.0.1:${internal}`,
      };
      return Promise.all([
        startGateway(env, { 'service-key': serviceKey }),
        startGateway(env, { 'service-key': serviceKey, 'tls-cert': own.certificate, 'tls-key': own.key }),
      ]);
    },
    (all) => Promise.all(all.map((one) => one.stop())),
  );
  const targets = () => ({
    gateway: gateways().map(({ ports }) => `127.0.0.1:${ports.internal}`),
    controller: controllers().map(({ ports }) => `127.0.0.1:${ports.http}`),
    'config-sync': [`127.0.0.1:${sync().ports.http}`],
    'engine-view': [`127.0.0.1:${view().view.ports.http}`],
  });
  const watch = forTests(
    () => startPrometheus(targets()),
    (one) => one.stop(),
  );
  const member = forTests(
    () => addPerson(first(), 'member', 'Mia'),
    async () => undefined,
  );
  const mcp = (server: string) => `http://127.0.0.1:${gateways()[0].ports.http}/mcp/${server}`;
  const connect = async (server: string) => (await mcpConnector())(mcp(server), { token: member().token });
  const report = (revision: string | undefined) =>
    first().call('PUT', '/api/v1/me/environment', {
      token: member().token,
      body: { machine: 'laptop', state: 'running', revision },
    });
  const askSync = async () => (await sync().sync()).current?.sha;
  /** In what one scrape and one look at the rules take, and what the services themselves need to notice. */
  const patience = { timeout: 60_000, interval: 500 };
  const shows = (expr: string) => expect.poll(async () => (await watch().query(expr)).length, patience);
  const fires = (alertname: string, labels: Readonly<Record<string, string>> = {}) =>
    expect.poll(() => watch().firing(), patience).toContainEqual(expect.objectContaining({ alertname, ...labels }));
  const firing = async () => [...new Set((await watch().firing()).map(({ alertname }) => alertname))].sort();
  /** Asks again and again, as people do, until that is over. */
  const meanwhile = async (ask: () => Promise<unknown>, until: Promise<unknown>) => {
    let over = false;
    const ended = until.finally(() => {
      over = true;
    });
    const asking = (async () => {
      while (!over) await ask().catch(() => undefined);
    })();
    await Promise.all([ended, asking]);
  };

  it('finds each of the seeds’ names with its labels, in services that promtool finds in order', async () => {
    expect((await report(await askSync())).status).toBe(200);
    const { call, client } = await connect('context7');
    for (const value of ['a', 'b', 'c']) expect(await call('echo', { value })).toBe(value);
    await client.close();
    for (const job of Object.keys(targets())) await shows(`up{job="${job}"} == 1`).toBeGreaterThan(0);
    await shows('claude_env_environment_status{state="running"} == 1').toBe(2);
    await shows('claude_env_sync_total{status="success"} > 0').toBe(1);
    await shows('claude_env_sync_total{status="failure"} == 0').toBe(1);
    await shows('claude_env_config_drift_percentage{team="Rocket"} == 0').toBe(2);
    await shows('claude_env_mcp_request_duration_seconds_bucket{server="context7",code="200",le="+Inf"} > 0').toBe(1);
    await shows('mcp_requests_per_second{server="context7"} > 0').toBe(1);
    for (const { targets: asked } of (await readDashboard()).panels) {
      // Over a rate's window something has to happen.
      for (const { expr } of asked)
        await meanwhile(
          async () => (await connect('context7')).client.close(),
          shows(`(${expr}) >= 0`).toBeGreaterThan(0),
        );
    }
    for (const address of Object.values(targets()).flat())
      await promtool(['check', 'metrics'], await (await fetch(`http://${address}/metrics`)).text());
  });

  it('shows what the app shows without it', async () => {
    const ask = async (path: string) => (await first().call('GET', `/api/v1/${path}`, { token: member().token })).body;
    expect(await ask('overview')).toMatchObject({ environments: { running: 1 }, drift: { percent: 0 } });
    expect(await ask('swarm')).toMatchObject({
      info: { swarm: { managers: 1 } },
      nodes: [{ state: 'ready' }],
      services: [],
    });
  });

  it('alerts of a certificate that ends in three days, and of nothing else while all is well', async () => {
    await fires('CertificateExpiresSoon');
    await expect.poll(firing, patience).toEqual(['CertificateExpiresSoon']);
  });

  it('of environments that are behind', async () => {
    await repository().commit({ 'claude/CLAUDE.md': 'Be brief.\n' }, 'alice');
    await repository().push();
    await askSync();
    await fires('ConfigurationDrift', { team: 'Rocket', severity: 'warning' });
  });

  it('of a configuration that cannot be fetched', async () => {
    await rename(repository().remote, `${repository().remote}.away`);
    await fires('SyncFailing', { status: 'failure' });
    await rename(`${repository().remote}.away`, repository().remote);
  });

  it('of requests that fail, at the server where they do', async () => {
    const { client } = await connect('context7');
    await replicas()[1].kill();
    await meanwhile(() => connect('magic'), fires('HighErrorRate', { server: 'magic' }));
    await client.close();
    expect((await watch().firing()).map(({ server }) => server)).not.toContain('context7');
  });

  it('of answers that take long', async () => {
    const { call, client } = await connect('slow');
    const slow = call('steps');
    await replicas()[0].hears('waits');
    // The fault itself: more than the 5 s that an answer may take.
    await wait(6000);
    await call('go');
    await Promise.all([fires('HighResponseTime', { server: 'slow' }), slow]);
    await client.close();
  });

  it('of tasks that do not run, and of a Swarm that cannot be asked', async () => {
    const service = (Name: string, command: string[], replicasWanted: number, ports: object[]) =>
      engine.docker.createService({
        Name,
        TaskTemplate: { ContainerSpec: { Image: engine.base, Command: command } },
        Mode: { Replicated: { Replicas: replicasWanted } },
        EndpointSpec: { Mode: 'dnsrr', Ports: ports },
      });
    const name = engine.uniqueName('tasks');
    await service(`${name}-none`, ['/no/such/program'], 1, []);
    // A port of the machine's own can be had by one task.
    const port = { Protocol: 'tcp', TargetPort: 80, PublishedPort: 18_080, PublishMode: 'host' };
    await service(`${name}-half`, ['sleep', 'infinity'], 2, [port]);
    await fires('ServiceWithoutTasks', { service: `${name}-none` });
    await fires('ServiceBelowReplicas', { service: `${name}-half` });
    await engine.docker.swarmLeave({ force: true });
    await fires('SwarmWithoutLeader', { severity: 'critical' });
  });

  it('of a pool of connections that is used up', async () => {
    const containers = await engine.docker.listContainers({ filters: { expose: ['5432/tcp'] } });
    const postgres = engine.docker.getContainer(containers[0]?.Id ?? '');
    const statement = 'begin; lock table incidents in access exclusive mode; select pg_sleep(60);';
    const exec = await postgres.exec({
      Cmd: ['psql', '-h', '127.0.0.1', '-U', 'claude', '-d', 'claude_env', '-c', statement],
      Env: [`PGPASSWORD=${databases().secrets['db-password']}`],
    });
    const stream = await exec.start({});
    stream.resume();
    const crowd = () =>
      Promise.all(
        Array.from({ length: 20 }, () => first().call('GET', '/api/v1/incidents', { token: member().token })),
      );
    await meanwhile(crowd, fires('DatabaseConnectionIssue'));
    stream.destroy();
  });

  it('of databases that are gone, and of what the controller then cannot answer', async () => {
    await databases().kill('redis');
    await fires('RedisDown');
    await databases().kill('postgres');
    const ask = () => first().call('GET', '/api/v1/people', { token: operatorToken });
    await meanwhile(ask, Promise.all([fires('DatabaseDown'), fires('HighApiErrorRate')]));
  });

  it('of a replica that is gone, and of a gateway that lets people in by answers of old', async () => {
    const [one, two] = controllers();
    await Promise.all([one.stop('SIGKILL'), two.stop('SIGKILL')]);
    const ask = () =>
      fetch(mcp('context7'), { method: 'POST', headers: { authorization: `Bearer ${member().token}` }, body: '{}' });
    await meanwhile(ask, fires('AccessChecksStale'));
    for (const address of targets().controller) await fires('ServiceDown', { job: 'controller', instance: address });
  });

  it('has provoked all of its alerts, but of nodes, of which there is one', async () => {
    const { groups } = await readRules();
    const all = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert)).filter((alert) => alert !== 'NodeDown');
    const known = await watch().query('count by (alertname) (max_over_time(ALERTS{alertstate="firing"}[1h]))');
    expect(known.map(({ metric }) => metric.alertname).sort()).toEqual(all.sort());
  });
});
