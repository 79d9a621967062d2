import { configRoutes } from './config.mjs';
import { incidentRoutes } from './incidents.mjs';
import { inviteRoutes } from './invites.mjs';
import { meRoutes } from './me.mjs';
import { peopleRoutes } from './people.mjs';
import { teamRoutes } from './team.mjs';

/**
 * @typedef {object} Context what the routes work with
 * @property {import('../settings.mjs').Settings} settings
 * @property {import('../database.mjs').Database} database
 * @property {import('../upstream.mjs').Upstream} upstream
 * @property {import('../fan-out.mjs').FanOut} fanOut
 * @property {import('../picture.mjs').Picture} picture
 * @property {import('../trend.mjs').Trend} trend
 * @property {import('../limits.mjs').Limits} limits
 * @property {import('../access.mjs').Access} access
 * @property {(what: string) => void} changed tells every client that may know of it, of every replica
 * @property {(person: string) => void} presence somebody's presence or environment changed
 * @property {() => void} tokens somebody's token or role changed
 */
/**
 * @typedef {object} Route
 * @property {'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} method
 * @property {string} url below /api/v1
 * @property {import('../roles.mjs').Role | 'anyone'} role the least that it takes
 * @property {string} summary
 * @property {object} [body] JSON Schema
 * @property {object} [params]
 * @property {number} [status] of a success; 200
 * @property {object} [answer] JSON Schema of a success; absent: no JSON
 * @property {(request: any, reply: any) => Promise<unknown>} handle
 */

/** @param {Context} context @returns {readonly Route[]} */
export const allRoutes = (context) => [
  ...meRoutes(context),
  ...peopleRoutes(context),
  ...inviteRoutes(context),
  ...teamRoutes(context),
  ...configRoutes(context),
  ...incidentRoutes(context),
];
