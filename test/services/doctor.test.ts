import { describe, expect, it } from 'vitest';
import { createWorld } from './support.ts';

const environments = {
  version: 1,
  environments: [
    {
      name: 'local',
      workspace: '/code',
      ports: { CLAUDE_ENV_PORT_3000: 3000, CLAUDE_ENV_PORT_3001: 3001 },
      hostClaude: false,
      dockerSocket: false,
    },
  ],
};

describe('doctor', () => {
  it('says which engine is used and why, and that ports are free', async () => {
    const { services, during } = createWorld({ documents: { environments } });
    const checks = await during(services.doctor());
    expect(checks.find(({ id }) => id === 'engine.fake')).toMatchObject({
      status: 'ok',
      found: expect.stringMatching(/20\.10\.24 .*because of test/),
    });
    expect(checks.find(({ id }) => id === 'ports')).toMatchObject({
      status: 'ok',
      found: expect.stringContaining('3001'),
    });
    expect(checks.find(({ id }) => id === 'stack')).toMatchObject({ status: 'ok' });
    expect(checks.find(({ id }) => id === 'editor')).toMatchObject({ status: 'warning', nextStep: expect.any(String) });
  });

  it('names who holds a port', async () => {
    const { services, during } = createWorld({
      documents: { environments },
      prepare: ({ takenPorts }) =>
        takenPorts.push({ hostIp: '127.0.0.1', port: 3001, protocol: 'tcp', owner: 'process nginx (pid 8)' }),
    });
    expect((await during(services.doctor())).find(({ id }) => id === 'ports')).toMatchObject({
      status: 'problem',
      found: '3001 is held by process nginx (pid 8)',
    });
  });

  it('a lost engine is a finding with a cause, and the other checks still run', async () => {
    const { services, during } = createWorld({
      documents: { environments },
      prepare: (engine) => engine.lose({ code: 'engine.unreachable', message: 'Nobody listens.', hint: 'Start it.' }),
    });
    const checks = await during(services.doctor());
    expect(checks.find(({ id }) => id === 'engine.fake')).toMatchObject({
      status: 'problem',
      found: expect.stringContaining('Nobody listens.'),
      nextStep: 'Start it.',
    });
    expect(checks.find(({ id }) => id === 'ports')?.status).toBe('skipped');
    expect(checks.find(({ id }) => id === 'runtime')?.status).toBe('ok');
  });

  it('a check that breaks is a finding, logged, and hides no other', async () => {
    const { services, during, lines } = createWorld({
      documents: { environments },
      prepare: (engine) => engine.fail('observe', new TypeError('boom')),
    });
    const checks = await during(services.doctor());
    expect(checks.find(({ id }) => id === 'broken.Ports and images')?.status).toBe('problem');
    expect(checks.some(({ id }) => id === 'state')).toBe(true);
    expect(lines.some(({ level }) => level === 'error')).toBe(true);
  });

  it('says why there is no keychain, and what is left', async () => {
    const { services, during, keychain } = createWorld();
    const found = async () => (await during(services.doctor())).find(({ id }) => id === 'keychain');
    expect(await found()).toMatchObject({ status: 'ok' });
    keychain.fail({ code: 'keychain.missing', message: 'No session bus.', hint: 'Start one.' });
    expect(await found()).toMatchObject({
      status: 'warning',
      found: 'No session bus. Values can be kept for one run only, in memory.',
      nextStep: 'Start one.',
    });
  });

  it('before the first environment it says what to do', async () => {
    const { services, during } = createWorld();
    expect((await during(services.doctor())).find(({ id }) => id === 'stack')).toMatchObject({
      status: 'warning',
      nextStep: expect.stringContaining('folder'),
    });
  });
});
