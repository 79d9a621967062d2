import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createAccessCheck, namesOf } from '../../../resources/images/gateway/src/access.mjs';
import { endToEnd, toController, toReplica } from '../../../resources/images/gateway/src/headers.mjs';
import { errorBody, errorEvents, requestIds } from '../../../resources/images/gateway/src/json-rpc.mjs';

describe('what a gateway is called', () => {
  const check = createAccessCheck({ hosts: ['Team.Example'], origins: ['https://page.example'] });

  it.each(['10.77.0.1:8443', '[fd00::1]:8443', 'team.example', 'TEAM.example:8443', 'localhost:1'])('%s', (host) => {
    expect(check({ host })).toBeUndefined();
  });

  it.each(['evil.example', 'team.example.evil', 'team.example@evil', '10.77.0.1.evil', '', 'a:b:c'])(
    'not %j',
    (host) => {
      expect(check({ host })).toMatch(/GATEWAY_ALLOWED_HOSTS/);
    },
  );

  it('is nothing where no Host is given', () => {
    expect(check({})).toMatch(/GATEWAY_ALLOWED_HOSTS/);
  });

  it('lets pages ask that are allowed, and no other', () => {
    expect(check({ host: 'team.example', origin: 'https://page.example' })).toBeUndefined();
    for (const origin of ['https://other.example', 'null', '', 'http://page.example']) {
      expect(check({ host: 'team.example', origin })).toMatch(/GATEWAY_ALLOWED_ORIGINS/);
    }
  });

  it('also stands in its certificate', () => {
    expect(namesOf('DNS:team.example, IP Address:10.77.0.1, DNS:b.example')).toEqual(['team.example', 'b.example']);
    expect(namesOf(undefined)).toEqual([]);
  });
});

describe('headers on their way', () => {
  it('lose what belongs to one connection, and what Connection names', () => {
    const raw = ['Connection', 'close, X-Own', 'x-own', '1', 'Keep-Alive', '5', 'TE', 'x', 'Content-Type', 'a/b'];
    expect(endToEnd(raw, 'close, X-Own')).toEqual(['Content-Type', 'a/b']);
  });

  it('carry to a replica what MCP needs, and nothing about the person', () => {
    const headers = {
      host: 'team.example',
      authorization: 'Bearer cet_x',
      cookie: 'a=b',
      'x-forwarded-for': '1.2.3.4',
      accept: 'text/event-stream',
      'content-type': 'application/json',
      'mcp-protocol-version': '2025-06-18',
      'mcp-session-id': 'sealed.own',
      'content-length': '12',
    };
    expect(toReplica(headers, { host: 'mcp-context7:3001', session: 'own' })).toEqual([
      ...['host', 'mcp-context7:3001', 'accept', 'text/event-stream', 'content-type', 'application/json'],
      ...['mcp-protocol-version', '2025-06-18', 'mcp-session-id', 'own'],
    ]);
  });

  it('carry to the controller all that came, and who asks as the gateway sees it', () => {
    const request = {
      rawHeaders: [
        ...['Host', 'x', 'Authorization', 'Bearer t', 'X-Forwarded-For', '1.2.3.4', 'Forwarded', 'for=1.2.3.4'],
        ...['X-Claude-Env-Gateway', 'Bearer guess'],
      ],
      headers: {},
      socket: { remoteAddress: '10.77.0.9' },
    } as unknown as IncomingMessage;
    expect(toController(request, 'service key')).toEqual([
      ...['Host', 'x', 'Authorization', 'Bearer t'],
      ...['x-forwarded-for', '10.77.0.9', 'x-claude-env-gateway', 'Bearer service key'],
    ]);
  });
});

describe('the gateway’s own answers', () => {
  it('name the requests that wait', () => {
    const ids = (value: unknown) => requestIds(Buffer.from(JSON.stringify(value)));
    expect(ids({ jsonrpc: '2.0', id: 7, method: 'tools/call' })).toEqual([7]);
    expect(ids({ jsonrpc: '2.0', method: 'notifications/initialized' })).toEqual([]);
    expect(ids({ jsonrpc: '2.0', id: 7, result: {} })).toEqual([]);
    expect(ids([{ id: 'a', method: 'x' }, { method: 'y' }, { id: 2, method: 'z' }])).toEqual(['a', 2]);
    for (const text of ['', '{', 'null', '[null, 3]', '"x"']) expect(requestIds(Buffer.from(text)), text).toEqual([]);
    expect(requestIds(undefined)).toEqual([]);
  });

  it('are JSON-RPC: one error, or one for each of a batch', () => {
    expect(JSON.parse(errorBody([], 'gone', -32001))).toEqual({
      jsonrpc: '2.0',
      error: { code: -32001, message: 'gone' },
      id: null,
    });
    expect(JSON.parse(errorBody([1, 'b'], 'gone', -32001))).toMatchObject([{ id: 1 }, { id: 'b' }]);
  });

  it('end a broken stream of events so that what was begun is closed first', () => {
    const events = errorEvents([7], 'it ended');
    expect(events.startsWith('\n\nevent: message\ndata: {')).toBe(true);
    expect(JSON.parse(events.match(/data: (.*)/)?.[1] ?? '')).toMatchObject({ id: 7, error: { message: 'it ended' } });
    expect(events.endsWith('\n\n')).toBe(true);
  });
});
