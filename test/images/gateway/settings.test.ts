import { describe, expect, it } from 'vitest';
import { mayUse, parseEndpoints, readSettings } from '../../../resources/images/gateway/src/settings.mjs';

const servers = 'context7=mcp-context7:3001, sequential=10.0.0.5:3002|10.0.0.6:3002,own=[fd00::1]:80';

describe('the settings of a gateway', () => {
  it('reads servers by name of a service and by address', () => {
    expect(readSettings({ GATEWAY_SERVERS: servers }).servers).toEqual([
      { name: 'context7', endpoints: [{ host: 'mcp-context7', port: 3001 }], timeoutMs: 30_000, role: 'guest' },
      {
        name: 'sequential',
        endpoints: [
          { host: '10.0.0.5', port: 3002 },
          { host: '10.0.0.6', port: 3002 },
        ],
        timeoutMs: 300_000,
        role: 'guest',
      },
      { name: 'own', endpoints: [{ host: 'fd00::1', port: 80 }], timeoutMs: 30_000, role: 'guest' },
    ]);
  });

  it('takes times and roles of single servers', () => {
    const { servers: read } = readSettings({
      GATEWAY_SERVERS: servers,
      GATEWAY_TIMEOUTS: 'own=5',
      GATEWAY_ROLES: 'own=operator',
    });
    expect(read.map(({ name, timeoutMs, role }) => [name, timeoutMs, role])).toEqual([
      ['context7', 30_000, 'guest'],
      ['sequential', 30_000, 'guest'],
      ['own', 5000, 'operator'],
    ]);
  });

  it('does without any setting: the controller is where the stack has it', () => {
    expect(readSettings({})).toMatchObject({
      servers: [],
      plain: false,
      controller: { internal: [{ host: 'controller', port: 8082 }] },
      ports: { tls: 8443, plain: 8080, internal: 9090 },
    });
  });

  it.each([
    [{ GATEWAY_SERVERS: 'context7' }, /GATEWAY_SERVERS: "context7" is not name=value/],
    [{ GATEWAY_SERVERS: 'a=b:1,a=c:1' }, /names a twice/],
    [{ GATEWAY_SERVERS: '../x=b:1' }, /is not name=value/],
    [{ GATEWAY_SERVERS: 'a=b' }, /"b" is not HOST:PORT/],
    [{ GATEWAY_SERVERS: 'a=b:70000' }, /is not HOST:PORT/],
    [{ GATEWAY_SERVERS: 'a=u:p@b:1' }, /is not HOST:PORT/],
    [{ GATEWAY_SERVERS: 'a=b:1', GATEWAY_TIMEOUTS: 'c=1' }, /GATEWAY_TIMEOUTS names c, which/],
    [{ GATEWAY_SERVERS: 'a=b:1', GATEWAY_TIMEOUTS: 'a=0' }, /"0" is not a whole number from 1/],
    [{ GATEWAY_SERVERS: 'a=b:1', GATEWAY_ROLES: 'a=boss' }, /"boss" is none of guest, member, operator/],
    [{ GATEWAY_PORT: '' }, /GATEWAY_PORT: "" is not a whole number/],
  ])('refuses %j, by the name of the setting', (env, message) => {
    expect(() => readSettings(env)).toThrow(message);
  });

  it('names the setting that endpoints came from', () => {
    expect(() => parseEndpoints('nowhere', 'GATEWAY_CONTROLLER_API')).toThrow(/^GATEWAY_CONTROLLER_API: /);
  });

  it('lets a higher role do what a lower may', () => {
    expect([mayUse('guest', 'member'), mayUse('member', 'member'), mayUse('operator', 'guest')]).toEqual([
      false,
      true,
      true,
    ]);
  });
});
