import { Readable } from 'node:stream';
import { answer, params } from '../schemas.mjs';
import { unknownConfig } from '../upstream.mjs';

/** @param {import('./routes.mjs').Context} context @returns {readonly import('./routes.mjs').Route[]} */
export function configRoutes({ upstream, limits, changed }) {
  return [
    {
      method: 'GET',
      url: '/config',
      role: 'guest',
      summary: 'The revision of the configuration that members are offered',
      answer: answer.config,
      handle: async () => {
        const state = await upstream.sync();
        if (state === undefined) throw unknownConfig();
        const { current, lastSync, error, remoteHead } = state;
        return {
          current: current === null ? null : toOffered(current),
          sync: { lastSync, error: error?.message ?? null, remoteHead },
          archive: current === null ? null : `/api/v1/config/archive/${current.sha}`,
        };
      },
    },
    {
      method: 'GET',
      url: '/config/archive/:sha',
      role: 'guest',
      summary: 'The files of an offered revision, as tar.gz',
      params: params.sha,
      handle: async (request, reply) => {
        const { body, bytes } = await upstream.archive(request.params.sha);
        reply.header('content-type', 'application/gzip');
        if (bytes !== null) reply.header('content-length', bytes);
        return reply.send(Readable.fromWeb(body));
      },
    },
    {
      method: 'GET',
      url: '/config/revisions',
      role: 'member',
      summary: 'Revisions that wait for an operator',
      answer: answer.revisions,
      handle: async () => {
        const revisions = await upstream.revisions();
        if (revisions === undefined) throw unknownConfig();
        return { revisions: revisions.pending ?? [] };
      },
    },
    {
      method: 'POST',
      url: '/config/sync',
      role: 'member',
      summary: 'Looks at the repository now; answers what that brought, or after 25 s that it goes on',
      answer: answer.looked,
      handle: async (request) => {
        await limits.look(request.who.person.id);
        const looked = await upstream.look();
        changed('config');
        return looked;
      },
    },
    {
      method: 'POST',
      url: '/config/revisions/:sha/approve',
      role: 'operator',
      summary: 'Offers exactly this commit to the members',
      params: params.sha,
      answer: answer.none,
      handle: async (request) => {
        await upstream.approve(request.params.sha, request.who.person.name);
        changed('config');
        return {};
      },
    },
  ];
}

/**
 * What config-sync says besides is not the members'.
 * @param {NonNullable<import('../upstream.mjs').SyncState['current']>} current
 */
function toOffered({ sha, since, subject, approvedBy, signedBy }) {
  return {
    sha,
    since,
    subject,
    ...(approvedBy === null ? {} : { approvedBy }),
    ...(signedBy === null ? {} : { signedBy }),
  };
}
