import { createElement, type ReactElement } from 'react';
import { describe, expect, test, vi } from 'vitest';
import type { TeamServicesState } from '../../preload/contract/team-services.ts';
import {
  changedOptions,
  isActiveRun,
  readOptions,
  runStages,
  servicesHere,
  toTyped,
  upWords,
} from '../../renderer/show/team-stack.ts';
import { LinkedPart } from '../../renderer/views/team-link.tsx';
import { UpPlanBody } from '../../renderer/views/team-up-plan.tsx';
import { TeamUpRun } from '../../renderer/views/team-up-run.tsx';
import { fullSwarm } from '../support/scenarios-team.ts';
import { guestServices, lostServices, teamServices } from '../support/scenarios-team-services.ts';
import { firstPlan, noKeychain, options, withServices } from '../support/scenarios-team-up.ts';
import { draw, still, text } from './draw.ts';

const stores = {
  operations: still({ byId: {} }),
  credentials: still({ keychain: { kind: 'available' } }),
  live: still({ ready: true, engines: {}, stacks: {}, services: {} }),
  swarm: still({ ...fullSwarm, engine: 'default' }),
};
const textOf = (element: ReactElement, state: TeamServicesState) => text(draw(element, state, stores));
const act = vi.fn();
const none: TeamServicesState = { link: { kind: 'none' }, errors: {} };

describe('options of the services', () => {
  test('what was typed is what is asked, and a mistake is told at its field', () => {
    const typed = { ...toTyped(options), names: 'Team.example.com, b.example.com', registry: ' reg.test:5000/x ' };
    const read = readOptions(typed);
    expect(read).toEqual({
      kind: 'read',
      options: { ...options, names: ['team.example.com', 'b.example.com'], registry: 'reg.test:5000/x' },
    });
    expect(readOptions({ ...typed, names: '10.0.0.1', port: '0', registry: 'a b' })).toMatchObject({
      kind: 'mistakes',
      mistakes: { names: /DNS name/, port: /65535/, registry: /no spaces/ },
    });
    expect(readOptions({ ...typed, configRepo: 'https://anna:hunter2@git.test/x' })).toMatchObject({
      kind: 'mistakes',
      mistakes: { configRepo: /password/ },
    });
    expect(readOptions({ ...typed, configRepo: 'git@git.test:team/x.git' }).kind).toBe('read');
  });

  test('only what differs is asked for, so that what another operator chose stays', () => {
    expect(changedOptions(options, { ...options })).toEqual({});
    expect(changedOptions({ ...options, names: ['a.test'] }, { ...options, registry: 'r.test' })).toEqual({
      names: ['a.test'],
      registry: '',
    });
  });

  test('the command says what differs, and takes back what is taken back', () => {
    expect(upWords(options, options)).toBe('team up');
    const wanted = { ...options, names: ['a.test', 'b.test'], port: 9443, monitoring: true };
    expect(upWords(wanted, options)).toBe('team up --name a.test --name b.test --port 9443 --monitoring');
    expect(upWords(options, { ...options, registry: 'r.test', monitoring: true })).toBe(
      'team up --no-registry --no-monitoring',
    );
  });
});

describe('where the services are not', () => {
  const inside = (state: TeamServicesState, count: number) =>
    textOf(
      createElement(
        LinkedPart,
        { onDialog: act, upkeep: { team: 'Falcon', count, onUp: act, onDown: act } },
        'the part',
      ),
      state,
    );

  test('a manager is told what they are and can set them up, where they are not deployed', () => {
    expect(servicesHere(fullSwarm)).toBe(0);
    expect(inside(none, 0)).toMatch(/Falcon has no services.*Set up the team’s services….*team up/);
    expect(inside(none, servicesHere(withServices(fullSwarm)))).toMatch(
      /not linked to them.*10 services.*Join with an invite….*Update….*Take down…/,
    );
    expect(textOf(createElement(LinkedPart, { onDialog: act }), none)).not.toContain('Set up');
  });

  test('who is linked to services that were taken down is told that, and not that they are tried again', () => {
    expect(inside(lostServices, 0)).toMatch(
      /Falcon’s services are not deployed.*Set up the team’s services….*the part/,
    );
    expect(inside(lostServices, 0)).not.toContain('Try now');
    expect(inside(lostServices, 10)).toContain('Try now');
    expect(inside(teamServices, 0)).not.toContain('not deployed');
  });
});

describe('the plan of the services', () => {
  const body = (change: object) =>
    textOf(
      createElement(UpPlanBody, { plan: { ...firstPlan, ...change }, asking: false, command: 'C', onReplan: act }),
      none,
    );

  test('says what is made, built and then deployed where', () => {
    expect(body({})).toMatch(
      /Issue the gateways’ certificate.*the authority is new.*Build image.*gateway.*Then the stack claude-team is deployed at 10\.77\.0\.2:8443/,
    );
  });
  test('says first that nothing can be kept, and what can be done', () => {
    expect(body({ trouble: noKeychain })).toMatch(/^ What has to be made cannot be kept.*no keychain.*Look again.*C/);
  });
});

describe('a run of the services', () => {
  const shown = (run: Parameters<typeof TeamUpRun>[0]['run'], state = teamServices) =>
    textOf(createElement(TeamUpRun, { engine: 'default', run, onAgain: act, onInvite: act }), state);

  test('has three stages', () => {
    const run = { phase: 'building', team: 'Falcon', since: '2026-03-12T14:28:00Z' } as const;
    expect(runStages(run).map(({ look }) => look.label)).toEqual(['done', 'working', 'waiting']);
    expect(isActiveRun(run)).toBe(true);
    expect(shown(run)).toMatch(/Bringing up Falcon’s services.*Images.*2:00.*Cancel/);
  });
  test('ends with its addresses and what is next, for those who may', () => {
    const run = { phase: 'done', team: 'Falcon', addresses: ['10.77.0.2:8443'] } as const;
    expect(shown({ ...run, addresses: [...run.addresses] })).toMatch(
      /https:\/\/10\.77\.0\.2:8443.*you are Anna, operator.*Invite a person…/,
    );
    expect(shown({ ...run, addresses: [] }, guestServices)).not.toContain('Invite a person');
    expect(shown({ ...run, addresses: [] }, none)).toContain('not linked');
  });
  test('that failed says why and goes on', () => {
    expect(shown({ phase: 'failed', team: 'Falcon', error: noKeychain })).toMatch(
      /could not be brought up.*no keychain.*Go on…/,
    );
  });
});
