import { Failure } from '../failure.mjs';
import { answer } from '../schemas.mjs';

/** @param {import('./routes.mjs').Context} context @returns {readonly import('./routes.mjs').Route[]} */
export function teamRoutes({ picture, trend, upstream }) {
  return [
    {
      method: 'GET',
      url: '/presence',
      role: 'member',
      summary: 'Who is here now, and what their dev containers do',
      answer: answer.presence,
      handle: () => picture.presence(),
    },
    {
      method: 'GET',
      url: '/overview',
      role: 'member',
      summary: 'The four panels; null where it is not known',
      answer: answer.overview,
      handle: () => picture.overview(),
    },
    {
      method: 'GET',
      url: '/overview/trend',
      role: 'member',
      summary: 'The four figures as they were in the last hour, a sample a minute; null where that is not known',
      answer: answer.trend,
      handle: async () => ({ samples: (await trend.read()) ?? null }),
    },
    {
      method: 'GET',
      url: '/mcp',
      role: 'guest',
      summary: "The team's MCP servers",
      answer: answer.mcp,
      handle: async () => ({ servers: await picture.servers() }),
    },
    {
      method: 'GET',
      url: '/swarm',
      role: 'member',
      summary: 'Nodes, services, tasks and deploys, as engine-view shows them',
      answer: answer.swarm,
      handle: async () => {
        const swarm = await upstream.swarm();
        if (swarm === undefined)
          throw new Failure(503, 'swarm.unknown', 'engine-view does not answer now.', { retryAfter: 3 });
        return swarm;
      },
    },
  ];
}
