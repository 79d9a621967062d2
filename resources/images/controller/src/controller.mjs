import { randomUUID } from 'node:crypto';
import { Ajv } from 'ajv';
import { describeError } from '../../common/service/log.mjs';
import { createMetrics } from '../../common/service/metrics.mjs';
import { createKeyCheck } from '../../common/service/service-key.mjs';
import { createAccess } from './access.mjs';
import { createDatabase } from './database.mjs';
import { reportEnvironment } from './environments.mjs';
import { databaseAway, Failure } from './failure.mjs';
import { createFanOut } from './fan-out.mjs';
import { createFigures } from './figures.mjs';
import { createApi, createInternal } from './http.mjs';
import { createLimits } from './limits.mjs';
import { migrate } from './migrations.mjs';
import { addFirstOperator, findByToken, findHolding } from './people.mjs';
import { createPicture } from './picture.mjs';
import { report as reportSchema } from './schemas.mjs';
import { createSockets } from './sockets.mjs';
import { tokenForm } from './tokens.mjs';
import { createTrend } from './trend.mjs';
import { createUpstream } from './upstream.mjs';
import { createWatch } from './watch.mjs';

/*
 * All of it together.
 */

/** Without Redis nobody tells this replica that a token was revoked: it looks itself. */
const lookEvery = 4000;
/** Two hundred people who come at once are one message. */
const gather = 250;
const everything = ['people', 'presence', 'config', 'incidents', 'mcp', 'swarm'];

/**
 * @param {object} options
 * @param {import('./settings.mjs').Settings} options.settings
 * @param {{ serviceKey: string, dbPassword: string, redisPassword: string, firstOperator?: { name: string, digest: string } }} options.secrets
 * @param {import('../../common/service/log.mjs').Log} options.log
 */
export async function startController({ settings, secrets, log }) {
  const replica = randomUUID();
  let prepared = false;
  /** What the other replicas could not be told, each once. @type {Map<string, object>} */
  const missed = new Map();

  /** @param {string} what */
  const changedHere = (what) => sockets.tell(what, { type: 'changed', what });
  const checkTokens = () =>
    sockets.checkTokens().catch((error) => log.warn('tokens could not be looked at', describeError(error)));

  const database = createDatabase({
    settings: settings.database,
    password: secrets.dbPassword,
    log,
    // What others wrote meanwhile was told to nobody.
    onChange: (up) => {
      if (!up || !prepared) return;
      log.info('the database answers again');
      for (const what of ['people', 'presence', 'incidents']) changedHere(what);
      void checkTokens();
    },
  });
  const fanOut = createFanOut({
    settings: settings.redis,
    password: secrets.redisPassword,
    log,
    onMessage: (message) => receive(/** @type {any} */ (message)),
    onChange: (up) => {
      if (!up) return changedHere('presence');
      const untold = [...missed.values()];
      missed.clear();
      for (const message of untold) tellOthers(message);
      if (prepared) trend.look();
      void sockets.sayPresence().then(() => {
        for (const what of everything) changedHere(what);
      });
      void checkTokens();
    },
  });

  /** @type {Set<string>} */
  const moved = new Set();
  /** @type {NodeJS.Timeout | undefined} */
  let soon;
  /** @param {string} person */
  const presenceHere = (person) => {
    moved.add(person);
    if (soon !== undefined) return;
    soon = setTimeout(() => {
      soon = undefined;
      const people = [...moved];
      moved.clear();
      if (sockets.count() === 0) return;
      picture.presence(people).then(
        (presence) => sockets.tell('presence', { type: 'presence', ...presence }),
        // Who comes back to a database that answers is told to look again.
        (error) => log.warn('presence could not be read', describeError(error)),
      );
    }, gather).unref();
  };

  /** @param {import('./trend.mjs').Sample} sample */
  const sampleHere = (sample) => sockets.tell('figures', { type: 'sample', sample });
  /**
   * Of another replica.
   * @param {{ from: string, changed?: string, presence?: string, tokens?: true, sample?: import('./trend.mjs').Sample }} message
   */
  const receive = ({ from, changed, presence, tokens, sample }) => {
    if (from === replica) return;
    // An approval: what config-sync said before is no longer so.
    if (changed === 'config') upstream.forget();
    if (changed !== undefined) changedHere(changed);
    if (presence !== undefined) presenceHere(presence);
    if (tokens === true) void checkTokens();
    if (sample !== undefined) sampleHere(sample);
  };
  /** @param {object} message */
  const tellOthers = (message) =>
    void fanOut.tell({ from: replica, ...message }).then((told) => {
      // Their own Redis may be well, so that they have no reason to look: they are told when ours is back.
      if (told === undefined && !('sample' in message)) missed.set(JSON.stringify(message), message);
    });
  /** @param {string} person */
  const presence = (person) => {
    presenceHere(person);
    tellOthers({ presence: person });
  };

  const upstream = createUpstream(settings, secrets.serviceKey);
  const limits = createLimits();
  const access = createAccess({ database, limits, serviceKey: secrets.serviceKey });
  const picture = createPicture({ settings, database, fanOut, upstream });
  const trend = createTrend({
    fanOut,
    overview: picture.overview,
    onSample: (sample) => {
      sampleHere(sample);
      tellOthers({ sample });
    },
    log,
  });
  const watch = createWatch({ upstream, servers: picture.servers, onChange: changedHere, log });
  const validReport = new Ajv({ allErrors: false }).compile(reportSchema);
  const sockets = createSockets({
    authenticate: access.authenticate,
    findHolding: (ids) => findHolding(database, ids),
    report: async (person, report) => {
      if (!validReport(report)) {
        const [wrong] = validReport.errors ?? [];
        throw new Failure(400, 'request.invalid', `environment${wrong?.instancePath ?? ''} ${wrong?.message ?? ''}`);
      }
      const checked = /** @type {import('./environments.mjs').Report} */ (/** @type {unknown} */ (report));
      await reportEnvironment(database, person.id, checked);
      return checked;
    },
    fanOut,
    onPresence: presence,
    onCount: watch.setClients,
    log,
  });

  const { registry } = createMetrics();
  const durations = createFigures({ registry, team: settings.team, database, fanOut, picture, clients: sockets.count });
  const api = await createApi({
    log,
    registry,
    durations,
    ready: async () => {
      if (!prepared) throw databaseAway();
      await database.query('select 1');
    },
    context: {
      settings,
      database,
      upstream,
      fanOut,
      picture,
      trend,
      limits,
      access,
      presence,
      changed: (what) => {
        changedHere(what);
        tellOthers({ changed: what });
      },
      tokens: () => {
        void checkTokens();
        tellOthers({ tokens: true });
      },
    },
  });
  const internal = createInternal({
    log,
    hasKey: createKeyCheck(secrets.serviceKey),
    find: async (token) => (tokenForm.test(token) ? findByToken(database, token) : undefined),
  });

  const stopping = new AbortController();
  /** Until the database is there; it may start after us, and other replicas do the same. */
  const prepare = async () => {
    for (let pause = 500; !stopping.signal.aborted; pause = Math.min(pause * 2, 5000)) {
      try {
        const ran = await migrate(database);
        if (ran.length > 0) log.info('migrated the database', { ran });
        const first = secrets.firstOperator;
        if (first !== undefined && (await addFirstOperator(database, first))) log.info('added the first operator');
        prepared = true;
        trend.look();
        return log.info('ready');
      } catch (error) {
        log.warn('the database is not ready', describeError(error.cause ?? error));
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  };

  const looking = setInterval(() => {
    if (!fanOut.isUp() && sockets.count() > 0) void checkTokens();
  }, lookEvery);
  looking.unref();

  const host = '0.0.0.0';
  fanOut.start();
  void prepare();
  await api.listen({ host, port: settings.ports.http });
  await internal.listen({ host, port: settings.ports.internal });
  await new Promise((resolve, reject) => {
    sockets.server.once('error', reject).listen(settings.ports.ws, host, () => resolve(undefined));
  });
  /** @param {{ address: () => any }} server */
  const portOf = (server) => server.address().port;
  log.info('listening', {
    ports: { http: portOf(api.server), ws: portOf(sockets.server), internal: portOf(internal.server) },
  });

  return {
    stop: async () => {
      stopping.abort();
      clearInterval(looking);
      trend.stop();
      await Promise.all([sockets.stop(), api.close(), internal.close()]);
      watch.setClients(0);
      await fanOut.end();
      await database.end();
    },
  };
}
