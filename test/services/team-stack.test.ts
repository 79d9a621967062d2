import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../main/core/app-failure.ts';
import { memberNode } from '../support/builders-swarm.ts';
import { kinds, server, stackLabels, teamStackWorld } from './team-stack-support.ts';

/* What `team up` makes on a machine, keeps there and hands to the stack; the deploy itself is tried in test/swarm. */

const noKeychain = new AppFailure({ code: 'keychain.missing', message: 'There is no keychain.' });

describe('a team’s stack', () => {
  it('gets what it needs once: keys and values in the keychain alone, and this user as its first operator', async () => {
    const { teamStack, keychain, state, services, marks, during } = teamStackWorld();
    const plan = await during(teamStack.plan({ choices: { names: ['team.example'] } }));
    expect(plan).toMatchObject({ team: 'Falcon', notes: [], addresses: ['team.example:8443', '10.0.0.1:8443'] });
    expect(await during(teamStack.prepare(plan))).toEqual({});
    expect(marks).toEqual(['n1']);

    const again = await during(teamStack.plan({ choices: {} }));
    expect(again.steps).toEqual([]);
    expect(again.record.choices.names).toEqual(['team.example']);
    expect(again.target.variables).toMatchObject({
      CLAUDE_ENV_TEAM: 'Falcon',
      CLAUDE_ENV_TEAM_CA: expect.stringContaining('BEGIN CERTIFICATE'),
    });
    expect(again.target.files).toEqual(['/app/stacks/team/compose.yaml']);
    expect(again.build?.files).toEqual(['/app/stacks/team/compose.yaml', '/app/stacks/team/compose.build.yaml']);

    const value = (name: string) => keychain.values.get(`team-value/Falcon/CLAUDE_ENV_TEAM_${name}`) ?? '';
    const certificate = new X509Certificate(value('TLS_CERT'));
    expect(certificate.subjectAltName).toBe('DNS:team.claude-env.internal, DNS:team.example, IP Address:10.0.0.1');
    expect(certificate.verify(new X509Certificate(again.record.authority?.certificate ?? '').publicKey)).toBe(true);
    const { name, tokenSha256 } = JSON.parse(value('FIRST_OPERATOR')) as Record<string, string>;
    const token = await during(services.teamServices.token());
    expect(name).toBe('anna@laptop');
    // The fake’s digest is its own; the services are told that one and never the token.
    expect(tokenSha256).not.toContain(token);
    expect(await services.teamServices.link()).toMatchObject({ team: 'Falcon', addresses: plan.addresses });

    const written = JSON.stringify([...state.documents.values()]);
    for (const secret of [token, value('DB_PASSWORD'), value('SERVICE_KEY'), value('TLS_KEY'), 'PRIVATE KEY']) {
      expect(secret).not.toBe('');
      expect(written).not.toContain(secret);
    }
    expect(keychain.values.get('team/swarm1/authority-key')).toContain('PRIVATE KEY');
  });

  it('follows its servers: another certificate of the same authority, and the operator’s link with it', async () => {
    const { teamStack, nodes, services, during } = teamStackWorld();
    const first = await during(teamStack.plan({ choices: {} }));
    await during(teamStack.prepare(first));
    const before = await services.teamServices.link();
    nodes.push(memberNode({ id: 'n2', hostname: 'n2', address: '10.0.0.2', labels: server }));
    const more = await during(teamStack.plan({ choices: {} }));
    expect(kinds(more.steps)).toEqual(['issue-certificate']);
    await during(teamStack.prepare(more));
    expect(await services.teamServices.link()).toMatchObject({
      caDigest: before?.caDigest,
      addresses: ['10.0.0.1:8443', '10.0.0.2:8443'],
    });
    const other = await during(teamStack.plan({ choices: {}, newAuthority: true }));
    expect(kinds(other.steps)).toEqual(['make-authority', 'issue-certificate']);
    await during(teamStack.prepare(other));
    const after = await services.teamServices.link();
    expect(after?.caDigest).not.toBe(before?.caDigest);
    expect((await during(teamStack.plan({ choices: {} }))).steps).toEqual([]);
  });

  it('says what is lost without a keychain, hands the token out, and leaves alone afterwards what the Swarm has', async () => {
    const { teamStack, keychain, services, during } = teamStackWorld();
    Object.assign(keychain, {
      get: () => Promise.reject(noKeychain),
      set: () => Promise.reject(noKeychain),
      delete: () => Promise.reject(noKeychain),
    });
    const plan = await during(teamStack.plan({ choices: {} }));
    expect(plan.notes).toEqual([expect.stringContaining('the Swarm alone has it')]);
    const { unkept } = await during(teamStack.prepare(plan));
    expect(unkept).toMatchObject({ token: expect.stringMatching(/^cet_/), addresses: ['10.0.0.1:8443'] });
    expect(await services.teamServices.link()).toBeUndefined();
    // For the deploy of this very run they are there.
    const now = await during(teamStack.plan({ choices: {} }));
    expect(now.steps).toEqual([]);
  });

  it('is left what it is on another operator’s machine, which knows its authority from the Swarm', async () => {
    const maker = teamStackWorld();
    const plan = await maker.during(maker.teamStack.plan({ choices: {} }));
    await maker.during(maker.teamStack.prepare(plan));
    const made = await maker.during(maker.teamStack.plan({ choices: {} }));
    const certificate = made.record.authority?.certificate ?? '';
    const secret = (key: string) => ({ id: key, name: `claude-team_${key}-1`, labels: stackLabels(key), createdAt: 1 });
    const keys = ['service-key', 'db-password', 'redis-password', 'first-operator', 'tls-cert', 'tls-key'];
    const other = teamStackWorld({
      observed: {
        secrets: keys.map(secret),
        configs: [
          {
            id: 'c',
            name: 'claude-team_ca-cert-1',
            labels: stackLabels('ca-cert'),
            createdAt: 1,
            data: btoa(certificate),
          },
        ],
      },
    });
    const seen = await other.during(other.teamStack.plan({ choices: {} }));
    // The mark is on the node, which this world has of its own.
    expect(kinds(seen.steps)).toEqual(['mark-node']);
    expect(seen.notes).toEqual([expect.stringContaining('it stays what it is')]);
    expect(seen.target.variables?.CLAUDE_ENV_TEAM_CA).toBe(certificate);
    expect(seen.options).toMatchObject({ keepSecrets: true });
    // Taken off the Swarm from here, they would be gone for good, which is said.
    expect((await other.during(other.teamStack.there(undefined))).only).toContain('password of the database');
    expect((await maker.during(maker.teamStack.there(undefined))).only).toEqual([]);
  });

  it('gets a file for each optional value that this machine has', async () => {
    const { teamStack, during } = teamStackWorld({ environment: { CONTEXT7_API_KEY: 'k' } });
    const plan = await during(teamStack.plan({ choices: { monitoring: true, allowedSigners: 'alice …' } }));
    expect(plan.target.files?.map((file) => file.replace(/^.*\//, ''))).toEqual([
      'compose.yaml',
      'compose.context7-key.yaml',
      'compose.allowed-signers.yaml',
      'compose.monitoring.yaml',
    ]);
  });
});
