/*
 * Every key that `docker stack` reads, each in a file of its own, with the values that its schema (3.13) and its loader
 * have words for, and some that they have none for. A line is the service `web`; what belongs to the top level comes after `---`.
 */
import { files, networks, ports, special, volumes } from './around.ts';
import { container, deploy, images } from './service.ts';

/** Lines of a service, and of the top level after `---`. */
export const everyKeyCases: readonly string[] = [
  ...deploy,
  ...container,
  ...images,
  ...ports,
  ...volumes,
  ...networks,
  ...files('secrets'),
  ...files('configs'),
  ...special,
];

/** Beside each file. */
export const everyKeyFiles: Readonly<Record<string, string>> = {
  'settings.txt': 'one\n',
  'second.txt': 'two\n',
  'empty.txt': '',
  'spec.json': '{}',
  'plain.env': 'FIRST=1\n# comment\nSECOND=two words\nHOME\n',
  'second.env': 'FIRST=2\nTHIRD=\n',
  'here/x': '',
};

const indent = (text: string, by: string): string =>
  text
    .split('\n')
    .map((line) => `${by}${line}`)
    .join('\n');

/** The whole file. Other services come first, so that `web` is where it is written last. */
export function everyKeyFile(lines: string): string {
  const [own = '', top = ''] = lines.split('\n---\n');
  const others = /^services: \{(.*)\}$/m.exec(top)?.[1];
  const rest = others === undefined ? top : '';
  const image = own.startsWith('image:') ? '' : '    image: example/web\n';
  const other =
    others === undefined
      ? ''
      : `  ${others.slice(0, others.indexOf(': '))}: ${others.slice(others.indexOf(': ') + 2)}\n`;
  return `services:\n${other}  web:\n${image}${indent(own, '    ')}\n${rest}\n`;
}

/** What the Compose format says and the 3.x format has no word for: read here, refused by docker stack. */
const modern = /^only docker stack refuses: /;
/** A mistake that docker stack passes on or passes over: refused here. */
const mistake = /^only ours refuses: /;
/** docker compose's reading of command lines and of variables within variables; `tmpfs.mode`, which docker stack drops. */
const otherwise = /^(?:differs|only ours refuses|equal but for variables): /;

/** Rows of the table in docs/stacks.md. Anything else is equal. */
export const meantDifferences: ReadonlyMap<string, RegExp> = new Map([
  ...[
    'deploy: {replicas: "2"}',
    'deploy: {labels: {n: 1, t: true, f: 1.5}}',
    'deploy: {resources: {limits: {cpus: 1.25}}}',
    'deploy: {resources: {limits: {cpus: 1e-3}}}',
    'deploy: {x-own: 1}',
    'command: null',
    'entrypoint: null',
    'environment: {A: true}',
    `environment: {A: "\${HOME:+y}"}`,
    'user: me\n---\nversion: "3.99"',
    'user: me\n---\nversion: "2.4"',
    'user: me\n---\nname: mine',
    'dns: 1.1.1.1\ndns_search: [x]\ndns_opt: ["ndots:2"]',
    'healthcheck: {disable: true, test: [CMD, "true"]}',
    'group_add: ["1000"]',
    'scale: 3',
    'ports: [{target: 80, published: "8080"}]',
    'ports: [{target: 80, published: "8080-8082"}]',
    'ports: [{target: 80, published: 8080, name: web, app_protocol: http}]',
    'ports: [{target: 80, published: 8080, host_ip: 127.0.0.1}]',
    'ports: ["8080:80", "8080:80"]',
    'volumes: ["data:/data", "data:/data"]\n---\nvolumes: {data: {}}',
    'volumes: ["/a:/data", "/b:/data"]',
    'volumes: [{type: tmpfs, target: /scratch, tmpfs: {size: 64M}}]',
    'networks: {front: {aliases: [www, web, www]}}\n---\nnetworks: {front: {}}',
    'networks: {front: {priority: 3}}\n---\nnetworks: {front: {}}',
    'networks: [front]\n---\nnetworks: {front: {ipam: {config: [{subnet: 10.204.0.0/24, gateway: 10.204.0.9}]}}}',
    'networks: [front]\n---\nnetworks: {front: {ipam: {driver: default, options: {a: b}}}}',
    'networks: [front]\n---\nnetworks: {front: {enable_ipv6: true}}',
    'secrets: [one, one]\n---\nsecrets: {one: {file: ./settings.txt}}',
    'configs: [one, one]\n---\nconfigs: {one: {file: ./settings.txt}}',
  ].map((lines) => [lines, modern] as const),
  ...[
    'environment: {D: 2020-01-01, N: 0x10, O: 010, E: 1e3, L: 12345678901}',
    'isolation: nonsense',
    'extra_hosts: ["nonsense"]',
    'healthcheck: {test: ["true"]}',
    'credential_spec: {config: spec}\n---\nconfigs: {spec: {file: ./settings.txt}}',
    'ports: [{target: 80, published: 8080, mode: nonsense}]',
    'ports: [{published: 8080}]',
    'volumes: ["a:b:c:d"]',
  ].map((lines) => [lines, mistake] as const),
  ...[
    'command: a > b',
    'command: a | b; c && d',
    "command: 'a # b'",
    "command: 'a \\$$X `b` (c) {d} *'",
    `environment: {A: "\${UNSET:-\${HOME}}"}`,
    'volumes: [{type: tmpfs, target: /scratch, tmpfs: {mode: 01777}}]',
  ].map((lines) => [lines, otherwise] as const),
]);
