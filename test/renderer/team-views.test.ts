import { createElement } from 'react';
import { describe, expect, test, vi } from 'vitest';
import type { TeamServicesState } from '../../preload/contract/team-services.ts';
import { TeamConfigView } from '../../renderer/views/team-config.tsx';
import { TeamIncidents } from '../../renderer/views/team-incidents.tsx';
import { LinkedPart } from '../../renderer/views/team-link.tsx';
import { TeamOverviewView } from '../../renderer/views/team-overview.tsx';
import { ServicesActions } from '../../renderer/views/team-services-dialogs.tsx';
import { guestServices, lostServices, teamServices } from '../support/scenarios-team-services.ts';
import { draw, text } from './draw.ts';

/* What each role is shown and offered, as text: what is behind the buttons is tried in the browser. */

const onDialog = vi.fn();
const member: TeamServicesState = {
  ...teamServices,
  link: { ...guestServices.link, me: { id: 'p-ben', name: 'Ben', role: 'member' } } as TeamServicesState['link'],
};

describe('what a role is offered', () => {
  const offered = (state: TeamServicesState) =>
    (['overview', 'people', 'config', 'incidents'] as const).map((tab) => {
      const buttons =
        draw(createElement(ServicesActions, { tab, onDialog }), state).match(/class="label">[^<]*/g) ?? [];
      return buttons.map((one) => one.slice('class="label">'.length));
    });

  test('in the head: operators invite, members propose, guests neither', () => {
    expect(offered(teamServices)).toEqual([[], ['Invite a person…'], [], ['Open an incident…']]);
    expect(offered(member)).toEqual([[], ['Propose a guest…'], [], ['Open an incident…']]);
    expect(offered(guestServices)).toEqual([[], [], [], []]);
    expect(offered({ link: { kind: 'none' }, errors: {} })).toEqual([[], [], [], []]);
  });

  test('a waiting revision is approved by operators alone', () => {
    const config = createElement(TeamConfigView, { onDialog });
    // What can be offered to nobody is not to be approved, and says why.
    expect(text(draw(config, teamServices)).match(/Approve…/g)).toHaveLength(2);
    expect(text(draw(config, teamServices))).toContain(
      'It can be offered to nobody: claude/skills/notes/retreat.mov has',
    );
    expect(text(draw(config, member))).toContain('Agents for reviews of migrations');
    expect(text(draw(config, member))).not.toContain('Approve…');
    expect(text(draw(config, guestServices))).not.toContain('Agents for reviews');
  });

  test('a guest has the MCP servers, and no figures, incidents or deploys', () => {
    const overview = createElement(TeamOverviewView);
    expect(text(draw(overview, guestServices))).toContain('context7');
    expect(text(draw(overview, guestServices))).not.toMatch(/Environments active|Open incidents|Deploys/);
    expect(text(draw(overview, teamServices))).toMatch(/Environments active.*Open incidents.*Deploys/);
  });
});

describe('what is not known', () => {
  test('a server of which no gateway has figures has none', () => {
    const row = /data-testid="team-mcp-magic".*?<\/tr>/.exec(draw(createElement(TeamOverviewView), teamServices))?.[0];
    expect(text(row ?? '').match(/not known/g)).toHaveLength(4);
    expect(text(row ?? '')).not.toMatch(/ 0 /);
  });

  test('a part that cannot be read says why, and the others stay', () => {
    const { incidents: _gone, ...rest } = teamServices;
    const error = { code: 'team.unavailable', message: 'The database does not answer.' } as const;
    const broken = { ...rest, errors: { incidents: error, mcp: error } };
    expect(text(draw(createElement(TeamIncidents), broken))).toContain('The database does not answer.');
    const overview = text(draw(createElement(TeamOverviewView), broken));
    expect(overview).toMatch(/As it was: it could not be read again The database does not answer\./);
    expect(overview).toContain('context7');
  });
});

describe('the link', () => {
  const inside = (state: TeamServicesState) => text(draw(createElement(LinkedPart, { onDialog }, 'the part'), state));

  test('without one: what it is for, and the two ways to it', () => {
    expect(inside({ link: { kind: 'none' }, errors: {} })).toMatch(/Join with an invite….*team join.*team up/);
    expect(inside({ link: { kind: 'none' }, errors: {} })).not.toContain('the part');
  });

  test('lost: what was seen stays below the reason and a way to try now', () => {
    expect(inside(lostServices)).toMatch(/None of the team’s servers.*It is tried again by itself.*Try now.*the part/);
  });

  test('a token that holds no longer leads to another invite', () => {
    const { link } = lostServices;
    if (link.kind !== 'connecting') throw new Error('the scenario is not lost');
    const error = { code: 'team.revoked', message: 'Falcon’s services do not know you any more.' } as const;
    const refused: TeamServicesState = { ...lostServices, link: { ...link, kind: 'refused', error } };
    expect(inside(refused)).toMatch(/do not know you any more.*Join with an invite….*Take it off this machine…/);
  });
});
