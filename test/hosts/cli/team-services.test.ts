import { describe, expect, it } from 'vitest';
import type { Paint } from '../../../main/hosts/cli/io.ts';
import {
  incidentLines,
  peopleLines,
  personInviteLines,
  statusText,
} from '../../../main/hosts/cli/present/team-services.ts';
import type { TeamOverview, TeamServicesState } from '../../../preload/contract/team-services.ts';

const plain: Paint = (_style, text) => text;
const at = '2026-11-21T10:00:00.000Z';
const link: TeamServicesState['link'] = {
  ...{ kind: 'open' as const, team: 'Falcon', addresses: ['10.0.0.1:8443'], address: '10.0.0.1:8443' },
  me: { id: 'p1', name: 'Mia', role: 'member' },
};
const unknown: TeamOverview = {
  environments: null,
  sync: { successRate: null, lastError: null },
  mcp: { p95Seconds: null, requestsPerSecond: null },
  drift: { percent: null, behind: [] },
  incidents: null,
};
const status = (more: Partial<TeamServicesState>) => statusText({ link, errors: {}, ...more }, plain);

describe('team status', () => {
  it('has a dash for what is not known, and a zero only where it is one', () => {
    expect(status({ overview: unknown })).not.toMatch(/\d %|\b0\b(?!\.)/);
    const none: TeamOverview = {
      environments: { running: 0, known: 0 },
      sync: { successRate: 0, lastError: 'no route' },
      mcp: { p95Seconds: 0.0042, requestsPerSecond: 0 },
      drift: { percent: 0, behind: ['mia/laptop'] },
      incidents: 0,
    };
    const text = status({ overview: none });
    for (const part of ['0 of 0 running', '0 % succeed', 'no route', 'p95 4 ms', '0.0/s', 'behind: mia/laptop']) {
      expect(text).toContain(part);
    }
  });

  it('says what waits for approval, what failed, and what could not be read, each once', () => {
    const config = {
      current: null,
      sync: { lastSync: null, error: 'the remote is gone', remoteHead: null },
      pending: [
        { sha: 'a'.repeat(40), subject: 'Add\u001b[2J hooks', author: 'bo', date: at, signature: 'none' as const },
      ],
    };
    const error = { code: 'team.unavailable' as const, message: 'The database is away.' };
    const text = status({ config, errors: { incidents: error, people: error } });
    expect(text).toContain('none is offered yet');
    expect(text).toContain('the remote is gone');
    expect(text).toContain(`${'a'.repeat(10)} Add`);
    expect(text).not.toContain('\u001b');
    expect(text.match(/database is away/g)).toHaveLength(1);
  });
});

it('who is there: not known is not away', () => {
  const person = (name: string, online: boolean | null) => ({
    ...{ id: `id-${name}`, name, role: 'member' as const, online },
    environments: [{ machine: 'desk', state: 'running' as const, behind: true, drifted: ['a', 'b'] }],
  });
  const [, ...lines] = peopleLines([person('Anna', true), person('Bo', false), person('Cleo', null)]);
  expect(lines.map((line) => /here|away|unknown/.exec(line)?.[0])).toEqual(['here', 'away', 'unknown']);
  expect(lines[0]).toContain('desk running, behind, 2 changed');
});

it('invites that can be used or approved are listed, others are history', () => {
  const one = (id: string, state: 'open' | 'pending' | 'used' | 'expired') => ({
    ...{ id, name: 'Bo', role: 'guest' as const, by: 'Anna', issued: at, expires: at, state },
  });
  const lines = personInviteLines([one('i1', 'open'), one('i2', 'pending'), one('i3', 'used'), one('i4', 'expired')]);
  expect(lines.slice(1).map((line) => line.slice(0, 2))).toEqual(['i1', 'i2']);
  expect(lines[2]).toContain('waits for approval');
  expect(personInviteLines([one('i3', 'used')])).toEqual([]);
});

it('an incident says who is on it, and what was said last', () => {
  const incident = { id: '7', title: 'Slow', state: 'open' as const, by: 'Bo', opened: at, notes: [] };
  expect(incidentLines([incident])[0]).toContain('nobody is on it');
  const owned = { ...incident, owner: { id: 'p', name: 'Anna' }, notes: [{ by: 'Anna', at, text: 'Looking.' }] };
  expect(incidentLines([owned]).join()).toMatch(/Anna is on it.*Anna: Looking\./s);
});
