import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, test } from 'vitest';
import { aggregate } from '../../preload/contract/model.ts';
import { StateShape } from '../../renderer/components/state-shape.tsx';
import { aggregateLook } from '../../renderer/show/aggregate.ts';
import { checkDraft, conflictVariable, newDraft, portVariable } from '../../renderer/show/environment.ts';
import { diagnosticText, errorLine, errorText, sourceLine } from '../../renderer/show/error-text.ts';
import { operationReport } from '../../renderer/show/operation-text.ts';
import { claudeMcpAdd, toShownPorts } from '../../renderer/show/ports.ts';
import { formatElapsed, formatExact, formatSpan } from '../../renderer/show/time.ts';
import { serviceStateWords } from '../../renderer/show/words.ts';
import { toYamlParts } from '../../renderer/show/yaml-parts.ts';
import { matchEntries } from '../../renderer/views/palette-entries.ts';
import { localEnvironment, mcpServers, service, shopServices } from '../support/scenarios-data.ts';
import { blogMistakes, blogText, conflictPlan, failedOperation, invalidFile } from '../support/scenarios-plans.ts';

describe('time', () => {
  test.each([
    [-5000, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_599_000, '59 min'],
    [3_600_000, '1 h'],
    [47 * 3_600_000, '47 h'],
    [48 * 3_600_000, '2 d'],
  ])('a span of %d ms is "%s"', (ms, text) => expect(formatSpan(ms)).toBe(text));
  test.each([
    [7_000, '0:07'],
    [760_000, '12:40'],
    [3_723_000, '1:02:03'],
  ])('%d ms elapsed is "%s"', (ms, text) => expect(formatElapsed(ms)).toBe(text));
  test('an instant nobody can read is shown as it came', () => expect(formatExact('soon')).toBe('soon'));
});

describe('states', () => {
  test('every aggregate has a shape of its own among those that alarm, and a label', () => {
    const looks = aggregate.options.map((state) => aggregateLook[state]);
    expect(new Set(looks.map(({ shape }) => shape)).size).toBe(looks.length);
    expect(looks.every(({ label }) => label.length > 0)).toBe(true);
  });
  test('a shape that stands alone has a name; beside a word it has none', () => {
    const look = aggregateLook.degraded;
    expect(renderToStaticMarkup(createElement(StateShape, { look, labelled: true }))).toContain(
      'aria-label="degraded"',
    );
    expect(renderToStaticMarkup(createElement(StateShape, { look }))).toContain('aria-hidden="true"');
  });
  test('words say what Docker knows and people act on', () => {
    const words = Object.fromEntries(shopServices.map((one) => [one.name, serviceStateWords(one)]));
    expect(words).toEqual({
      web: 'running',
      api: 'restarting',
      db: 'unhealthy',
      cache: 'healthy',
      worker: 'running',
      migrate: 'completed',
    });
    expect(serviceStateWords(service('default/x', 'gone', { state: 'absent', aggregate: 'stopped' }))).toBe(
      'not created',
    );
  });
});

describe('ports', () => {
  const both = [
    { host: 8080, hostIp: '0.0.0.0', container: 80, protocol: 'tcp' },
    { host: 8080, hostIp: '::', container: 80, protocol: 'tcp' },
    { container: 9229, protocol: 'tcp' },
    { host: 53, hostIp: '127.0.0.1', container: 53, protocol: 'udp' },
  ] as const;
  test('a port published for both IP versions is one, and a link of this machine', () => {
    expect(toShownPorts(both, true).map(({ label, url }) => [label, url])).toEqual([
      [':53', undefined],
      [':8080', 'http://127.0.0.1:8080'],
      ['9229', undefined],
    ]);
  });
  test('ports of an engine elsewhere are no links', () => {
    expect(toShownPorts(both, false).every(({ url }) => url === undefined)).toBe(true);
  });
  test('the line for Claude Code is one that a shell reads as meant', () => {
    const [server] = mcpServers;
    if (server === undefined) throw new Error('no server');
    expect(claudeMcpAdd(server)).toBe('claude mcp add --transport http context7 http://127.0.0.1:3001/mcp');
    expect(claudeMcpAdd({ ...server, server: "x'; rm -rf ~" })).toContain(`http 'x'\\''; rm -rf ~' http`);
    const { url: _url, ...unpublished } = server;
    expect(claudeMcpAdd(unpublished)).toBeUndefined();
  });
});

describe('environments', () => {
  test('the first is `local` on its own ports; the next keeps clear of it', () => {
    expect(newDraft([], '/code')).toMatchObject({
      name: 'local',
      workspace: '/code',
      hostClaude: false,
      dockerSocket: false,
    });
    const next = newDraft([localEnvironment], '');
    expect(next.name).toBe('local-2');
    expect(next.ports[portVariable(3001)]).toBe(3101);
    expect(checkDraft({ ...next, workspace: '/x' }, [localEnvironment])).toEqual({ ports: {} });
  });
  test('ports that repeat, are taken by another environment or are none are said', () => {
    const draft = { ...newDraft([], '/code'), ports: { A: 4000, B: 4000, C: 3001, D: Number.NaN, E: 70_000 } };
    expect(Object.keys(checkDraft(draft, [localEnvironment]).ports)).toEqual(['B', 'C', 'D', 'E']);
    expect(checkDraft({ ...draft, name: 'Two words', workspace: ' ' }, [])).toMatchObject({
      name: expect.any(String),
      workspace: expect.any(String),
    });
  });
  test('a conflict names the variable whose port is taken, also after it was moved', () => {
    const [conflict] = conflictPlan.conflicts;
    if (conflict === undefined) throw new Error('no conflict');
    expect(conflictVariable(localEnvironment, conflict)).toBe('CLAUDE_ENV_PORT_3001');
    const moved = {
      ...localEnvironment,
      ports: { ...localEnvironment.ports, CLAUDE_ENV_PORT_3005: 3001, CLAUDE_ENV_PORT_3001: 4001 },
    };
    expect(conflictVariable(moved, conflict)).toBe('CLAUDE_ENV_PORT_3005');
  });
});

describe('errors', () => {
  test('the copied text has every mistake with its place', () => {
    const text = errorText(invalidFile);
    for (const { where, message } of blogMistakes)
      expect(text).toContain(`compose.yaml:${where?.line}:${where?.column}: error: ${message}`);
    expect(diagnosticText({ severity: 'warning', rule: 'r', message: 'm' })).toBe('warning: m [r]');
  });
  test('a line says what to do as well, where that is known', () => {
    const error = { code: 'usage', message: 'No.', hint: 'Say yes.' } as const;
    expect(errorLine(error)).toBe('No. Say yes.');
    expect(errorLine({ code: 'usage', message: 'No.' })).toBe('No.');
  });
  test('a failed operation is copied with its steps and the failing output, once', () => {
    const text = operationReport(failedOperation, 'Local');
    expect(text).toContain('Could not redeploy Local');
    expect(text).toContain('failed  Build image localhost/claude-env/devcontainer:0.1.0');
    expect(text.match(/SELF_SIGNED_CERT_IN_CHAIN/g)).toHaveLength(2);
  });
  test('the source line and its column are found; a line that is gone is not invented', () => {
    const [, port] = blogMistakes;
    if (port?.where === undefined) throw new Error('no place');
    const line = sourceLine(blogText, port.where);
    expect(line?.text.slice(line.caret)).toBe('"80808:80"');
    expect(sourceLine(blogText, { ...port.where, line: 400 })).toBeUndefined();
  });
});

describe('compose text', () => {
  const variable = '$'.concat('{B:?x}');
  const kinds = (line: string) => toYamlParts(line).map(({ kind, text }) => `${kind}:${text}`);
  test.each(blogText.split('\n'))('parts put together are the line: %s', (line) => {
    expect(
      toYamlParts(line)
        .map(({ text }) => text)
        .join(''),
    ).toBe(line);
  });
  test('keys, variables and comments', () => {
    expect(kinds(`  image: a:${variable} # c`)).toEqual([
      'text:  ',
      'key:image',
      'text:: a:',
      `variable:${variable}`,
      'comment: # c',
    ]);
    expect(kinds('- "a # b"')).toEqual(['text:- "a # b"']);
    expect(kinds('# only')).toEqual(['comment:# only']);
  });
});

test('the palette finds by words in any order, and word starts come first', () => {
  const entry = (label: string) => ({ key: label, label, detail: '', icon: 'right', run: () => {} }) as const;
  const entries = ['Restart Local', 'Start webshop', 'Logs of Local'].map(entry);
  expect(matchEntries(entries, 'start').map(({ label }) => label)).toEqual(['Start webshop', 'Restart Local']);
  expect(matchEntries(entries, 'local rest').map(({ label }) => label)).toEqual(['Restart Local']);
  expect(matchEntries(entries, ' ')).toHaveLength(3);
});
