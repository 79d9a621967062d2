// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax under test
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toConfig } from '../../../main/core/compose/config.ts';
import { textsOf, usedVariables } from '../../../main/core/compose/variables.ts';
import { toYaml } from '../../../main/core/compose/yaml-text.ts';
import { CASE_ENVIRONMENT, loadCase, loadFrom, parseCases } from './support/cases.ts';

const folder = join(import.meta.dirname, 'cases');

/** What docker compose prints and does not take back either. */
const ONE_WAY = [
  // Dollars of names are doubled, and nobody halves them.
  'dollars in names',
  'profiles dep opt',
  'build: ""',
  'build: {context: ""}',
  'extra_hosts: {a: ""}',
  // Printed without a name, which stands for the usual one when it is read again.
  'volumes: {v: {name: ""}}',
  'names of variables that are not set',
  "the default network's empty name",
  'port with an empty mode',
  'secret at an empty place',
  'hook of a variable that is not set',
  'mem_limit: -1',
  'memswap_limit: -1',
  'empty build',
  'unset build',
  'list of unset devices',
  'devices: [""]',
  'devices: [":/b"]',
  'ports: [{target: 0}]',
  'limits of nothing',
  'an extended build with an empty context',
  'empty network_mode',
  'unset network_mode',
];

describe('config', () => {
  it('prints what docker compose prints', async () => {
    const text = `services:
  web:
    image: nginx
    command: "echo $$HOME"
    ports: ["8080:80"]
    healthcheck: {test: curl x, interval: 90s}
    mem_limit: 64m
    volumes: ["data:/data:ro"]
    x-note: "yes"
volumes: {data: }
`;
    const { project } = await loadFrom({ '/p/compose.yaml': text });
    expect(project && toYaml(toConfig(project, { format: 'yaml' }))).toBe(`name: p
services:
  web:
    command:
      - echo
      - $$HOME
    healthcheck:
      test:
        - CMD-SHELL
        - curl x
      interval: 1m30s
    image: nginx
    mem_limit: "67108864"
    networks:
      default: null
    ports:
      - mode: ingress
        target: 80
        published: "8080"
        protocol: tcp
    volumes:
      - type: volume
        source: data
        target: /data
        read_only: true
        volume: {}
    x-note: "yes"
networks:
  default:
    name: p_default
volumes:
  data:
    name: p_data
`);
  });

  it('quotes what would be read as something else', () => {
    const values = ['yes', '0440', '0o17', '1_000', '2026-01-01', '1e3', 'null', '~', '', 'plain', '1:30'];
    const text = toYaml(Object.fromEntries(values.map((value, index) => [`k${index}`, value])));
    const quoted = text.split('\n').filter((line) => line.includes('"'));
    expect(quoted).toHaveLength(10);
  });

  it('writes other quotes and the keys of maps as docker compose does', async () => {
    const keys = ['a10', 'a2', 'A_1', 'AS', 'A_', 'x1a', 'x1-', 'x01', 'x1', '_z', 'a'];
    const environment = keys.map((key) => `      - "${key}={{.Name}}"`).join('\n');
    const { project } = await loadFrom({
      '/p/compose.yaml': `services:\n  a:\n    image: a\n    environment:\n${environment}`,
    });
    const text = project ? toYaml(toConfig(project, { format: 'yaml' })) : '';
    const lines = text.split('\n').filter((line) => line.includes('{{'));
    // The order that docker compose 2.40.3 printed.
    const order = ['_z', 'A_', 'A_1', 'AS', 'a', 'a2', 'a10', 'x1', 'x1a', 'x1-', 'x01'];
    expect(lines).toEqual(order.map((key) => `      ${key}: '{{.Name}}'`));
  });

  it('can be left with single dollar signs', async () => {
    const { project } = await loadFrom({ '/p/compose.yaml': 'services: {a: {image: a, hostname: "$$x"}}' });
    const printed = project && toConfig(project, { format: 'yaml', literal: true });
    expect(printed?.services).toMatchObject({ a: { hostname: '$x' } });
  });

  it('keeps every port, mount and label whose variables are left in it', async () => {
    const lines = [
      'services:',
      '  a:',
      '    image: a',
      '    network_mode: host',
      '    ports: ["${P}:80", "${Q}:81", "${H:-127.0.0.1}:${P}:82"]',
      '    volumes: ["${V}:/v:ro", "${W}:/w"]',
      '    labels: ["a.${L}=1", plain=2]',
    ];
    const { project } = await loadFrom({ '/p/compose.yaml': lines.join('\n') }, { interpolate: false });
    const printed = project && toConfig(project, { format: 'yaml', literal: true, withFiles: true });
    expect(printed).toMatchObject({
      services: {
        a: {
          ports: ['${P}:80', '${Q}:81', '${H:-127.0.0.1}:${P}:82'],
          volumes: ['${V}:/v:ro', '${W}:/w'],
          labels: ['a.${L}=1', 'plain=2'],
        },
      },
    });
    expect(printed).not.toHaveProperty('networks');
    const used = usedVariables(textsOf(printed)).map(({ name }) => name);
    expect(used).toEqual(['H', 'L', 'P', 'Q', 'V', 'W']);
  });

  it('loads again as the same project, for every accepted case', { timeout: 120_000 }, async () => {
    const changed: string[] = [];
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.txt'))) {
      for (const one of parseCases(readFileSync(join(folder, file), 'utf8'))) {
        if (ONE_WAY.includes(one.title)) continue;
        const first = await loadCase(one).catch(() => undefined);
        if (first?.project === undefined) continue;
        const printed = toConfig(first.project, { format: 'yaml' });
        const again = await loadFrom(
          { '/again/compose.yaml': toYaml(printed) },
          { environment: CASE_ENVIRONMENT, profiles: ['*'] },
        );
        const reprinted = again.project && toConfig(again.project, { format: 'yaml' });
        if (JSON.stringify(printed) !== JSON.stringify(reprinted)) {
          changed.push(`${one.title}: ${again.diagnostics.map((found) => found.message).join('; ')}`);
        }
      }
    }
    expect(changed).toEqual([]);
  });
});
