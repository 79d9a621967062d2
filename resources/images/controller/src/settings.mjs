/*
 * What the controller is told by its environment. Secrets are files: common/service/secret-file.mjs.
 */

/** @typedef {Readonly<Record<string, string | undefined>>} Environment */

/**
 * @param {Environment} env
 * @param {string} name
 * @param {number} usual
 */
function port(env, name, usual) {
  const text = env[name];
  if (text === undefined || text === '') return usual;
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value > 65_535) throw new Error(`${name} is no port: ${text}`);
  return value;
}

/**
 * @param {string} text as the gateway's: `context7=mcp-context7:3001,…`
 * @returns {readonly { readonly name: string, readonly service: string }[]}
 */
export function parseServers(text) {
  const entries = text.split(',').map((entry) => entry.trim());
  return entries
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [, name, service] = /^([a-z0-9][a-z0-9-]{0,62})=([A-Za-z0-9._-]+):\d+$/.exec(entry) ?? [];
      if (name === undefined || service === undefined)
        throw new Error(`GATEWAY_SERVERS holds what is no name=service:port: ${entry}`);
      return { name, service };
    });
}

/**
 * @param {Environment} env
 * @throws {Error} that names the setting that makes no sense
 */
export function readSettings(env) {
  const team = (env.TEAM_NAME ?? '').trim();
  if (team === '' || team.length > 80)
    throw new Error('TEAM_NAME must say what the team is called (1 to 80 characters).');
  return {
    team,
    servers: parseServers(env.GATEWAY_SERVERS ?? ''),
    ports: {
      http: port(env, 'HTTP_PORT', 8080),
      ws: port(env, 'WS_PORT', 8081),
      internal: port(env, 'INTERNAL_PORT', 8082),
    },
    database: {
      host: env.DB_HOST ?? 'tasks.postgres',
      port: port(env, 'DB_PORT', 5432),
      database: env.DB_NAME ?? 'claude_env',
      user: env.DB_USER ?? 'claude',
    },
    redis: { host: env.REDIS_HOST ?? 'tasks.redis', port: port(env, 'REDIS_PORT', 6379) },
    configSync: env.CONFIG_SYNC_URL ?? 'http://tasks.config-sync:8080',
    engineView: env.ENGINE_VIEW_URL ?? 'http://tasks.engine-view:8080',
    gateway: { host: env.GATEWAY_HOST ?? 'tasks.gateway', port: port(env, 'GATEWAY_SUMMARY_PORT', 9090) },
  };
}

/** @typedef {ReturnType<typeof readSettings>} Settings */
