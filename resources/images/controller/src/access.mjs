import { bearerOf, sameSecret } from '../../common/service/service-key.mjs';
import { Failure } from './failure.mjs';
import { findByToken } from './people.mjs';
import { tokenForm } from './tokens.mjs';

/*
 * Who asks.
 */

const unauthorized = (code, message) =>
  new Failure(401, code, message, { hint: 'Join the team again, by a new invite.' });

/**
 * @param {object} options
 * @param {import('./database.mjs').Database} options.database
 * @param {import('./limits.mjs').Limits} options.limits
 * @param {string} options.serviceKey
 */
export function createAccess({ database, limits, serviceKey }) {
  /**
   * The client's address is what the gateway says, and only the gateway's word counts.
   * @param {import('node:http').IncomingMessage} request
   */
  const addressOf = ({ headers, socket }) => {
    const key = bearerOf(String(headers['x-claude-env-gateway'] ?? ''));
    const said = headers['x-forwarded-for'];
    const trusted = key !== undefined && typeof said === 'string' && said.length <= 64 && sameSecret(key, serviceKey);
    return trusted ? said : (socket.remoteAddress ?? 'unknown');
  };

  return {
    addressOf,
    /**
     * @param {string | undefined} token
     * @param {import('node:http').IncomingMessage} request
     * @returns {Promise<import('./people.mjs').Who>}
     */
    authenticate: async (token, request) => {
      const who = token !== undefined && tokenForm.test(token) ? await findByToken(database, token) : undefined;
      if (who === undefined || who === 'ended') {
        await limits.refused(addressOf(request));
        if (token === undefined) throw unauthorized('token.missing', 'This takes a token.');
        if (who === 'ended') throw unauthorized('token.revoked', 'This token holds no longer.');
        throw unauthorized('token.unknown', 'This token is not one of this team.');
      }
      await limits.person(who.person.id);
      return who;
    },
  };
}

/** @typedef {ReturnType<typeof createAccess>} Access */
