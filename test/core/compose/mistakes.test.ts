import { describe, expect, it } from 'vitest';
import { errorsOf, loadFrom } from './support/cases.ts';

const five = `services:
  web:
    image: nginx
    helthcheck:
      test: curl localhost
    ports:
      - "80:99999"
    environment:
      KEY: \${API_KEY:?set your key}
    networks: [back]
    depends_on: [db]
  db:
    image: postgres
    depends_on:
      - web
networks:
  backend: {}
`;

describe('mistakes', () => {
  it('are found all at once, each with file, line and column', async () => {
    const result = await loadFrom({ '/p/compose.yaml': five });
    expect(errorsOf(result)).toEqual([
      'compose.yaml:4:5 unknown-key',
      'compose.yaml:7:9 bad-port',
      'compose.yaml:9:12 undefined-variable',
      'compose.yaml:10:16 missing-network',
      'compose.yaml:15:9 dependency-cycle',
    ]);
    expect(result.project).toBeUndefined();
  });

  it('say what was probably meant', async () => {
    const { diagnostics } = await loadFrom({ '/p/compose.yaml': five });
    expect(diagnostics[0]).toMatchObject({
      message: 'unknown key `helthcheck` in `services.web`',
      hint: 'did you mean `healthcheck`?',
    });
  });

  it('print a cycle as a path', async () => {
    const { diagnostics } = await loadFrom({ '/p/compose.yaml': five });
    expect(diagnostics.at(-1)?.message).toBe('services depend on each other: web → db → web');
  });

  it('repeat the message of a required variable', async () => {
    const { diagnostics } = await loadFrom({ '/p/compose.yaml': five });
    expect(diagnostics[2]?.message).toBe('required variable `API_KEY` is not set: set your key');
  });

  it('are not reported again for a value that is already known to be wrong', async () => {
    const text = `services:\n  web:\n    image: "\${IMAGE:?}"\n    ports: ["\${PORT:?}:80"]\n    scale: \${N:?}\n`;
    expect(errorsOf(await loadFrom({ '/p/compose.yaml': text }))).toEqual([
      'compose.yaml:3:13 undefined-variable',
      'compose.yaml:4:14 undefined-variable',
      'compose.yaml:5:12 undefined-variable',
    ]);
  });

  it('are found in included and extended files, in their own lines', async () => {
    const result = await loadFrom({
      '/p/compose.yaml': 'include: [sub/a.yaml]\nservices:\n  w: {extends: {file: b.yaml, service: base}}\n',
      '/p/sub/a.yaml': 'services:\n  a: {image: a, portz: []}\n',
      '/p/b.yaml': 'services:\n  base:\n    image: b\n    volumes: [":/x"]\n',
    });
    expect(errorsOf(result)).toEqual(['a.yaml:2:17 unknown-key', 'b.yaml:4:15 bad-volume']);
  });

  it('point at the override file when that is where it was written', async () => {
    const result = await loadFrom(
      {
        '/p/compose.yaml': 'services:\n  a: {image: a}\n',
        '/p/compose.override.yaml': 'services:\n  a:\n    networks:\n      - nope\n',
      },
      { files: ['/p/compose.yaml', '/p/compose.override.yaml'] },
    );
    expect(errorsOf(result)).toEqual(['compose.override.yaml:4:9 missing-network']);
  });

  it('that come from one anchor are told once', async () => {
    const text = 'x-a: &a {image: a, portz: []}\nservices:\n  a: *a\n  b: *a\n  c: *a\n';
    expect(errorsOf(await loadFrom({ '/p/compose.yaml': text }))).toHaveLength(3);
    const sameKey = 'x-a: &p ["99999:1"]\nservices:\n  a: {image: a, ports: *p}\n  b: {image: b, ports: *p}\n';
    expect(errorsOf(await loadFrom({ '/p/compose.yaml': sameKey }))).toEqual(['compose.yaml:1:10 bad-port']);
  });

  it('in an inactive service do not stop the others, unless they are of shape', async () => {
    const inactive = 'services:\n  a: {image: a}\n  b: {image: b, profiles: [p], networks: [nope]}\n';
    expect(errorsOf(await loadFrom({ '/p/compose.yaml': inactive }))).toEqual([]);
  });

  it('in an env file point into that file', async () => {
    const result = await loadFrom({
      '/p/compose.yaml': 'services:\n  a: {image: a, env_file: my.env}\n',
      '/p/my.env': 'A=1\nB="open\n',
    });
    expect(errorsOf(result)).toEqual(['my.env:2:3 env-file']);
  });

  const placed: readonly (readonly [string, string, string])[] = [
    ['duplicate key', 'services:\n  a: {image: a}\n  a: {image: b}\n', '3:3 duplicate-key'],
    ['tab', 'services:\n\ta: {image: a}\n', '2:1 yaml'],
    ['unclosed bracket', 'services: {a: {image: a}\n', '2:1 yaml'],
    ['missing service', 'services:\n  a: {image: a, depends_on: [bb]}\n', '2:30 missing-service'],
    ['missing volume', 'services:\n  a:\n    image: a\n    volumes:\n      - data:/d\n', '5:9 missing-volume'],
    ['missing secret', 'services:\n  a: {image: a, secrets: [s]}\n', '2:27 missing-secret'],
    ['missing config', 'services:\n  a: {image: a, configs: [{source: c}]}\n', '2:36 missing-config'],
    ['number for text', 'services:\n  a: {image: a, hostname: 5}\n', '2:27 wrong-type'],
    ['date for text', 'services:\n  a: {image: a, labels: {d: 2026-01-01}}\n', '2:29 wrong-type'],
    ['list for mapping', 'services:\n  - a\n', '2:3 wrong-type'],
    ['nothing but what is to be removed', '!reset a\n', '1:8 wrong-type'],
    ['empty service', 'services:\n  a:\n', '2:5 wrong-type'],
    ['no image', 'services:\n  a: {command: x}\n', '2:6 missing-image'],
    ['self cycle', 'services:\n  a: {image: a, depends_on: [a]}\n', '2:30 dependency-cycle'],
    ['network_mode cycle', 'services:\n  a: {image: a, network_mode: "service:a"}\n', '2:31 dependency-cycle'],
    ['extends cycle', 'services:\n  a: {extends: b}\n  b: {extends: a}\n', '3:16 extends-cycle'],
    ['unknown extended', 'services:\n  a: {image: a, extends: {service: x}}\n', '2:36 missing-service'],
    ['unknown included', 'include:\n  - other.yaml\n', '2:5 file-not-found'],
    ['missing env_file', 'services:\n  a: {image: a, env_file: x.env}\n', '2:27 file-not-found'],
    ['bad duration', 'services:\n  a: {image: a, stop_grace_period: 10x}\n', '2:36 bad-value'],
    ['bad size', 'services:\n  a: {image: a, mem_limit: lots}\n', '2:28 bad-value'],
    ['bad enum', 'services:\n  a: {image: a, cgroup: hots}\n', '2:25 bad-value'],
    ['bad expression', `services:\n  a: {image: "a:\${"}\n`, '2:17 interpolation'],
    ['bad project name', 'services: {a: {image: a}}\n', 'project'],
  ];
  for (const [title, text, wanted] of placed) {
    it(`${title}: at its place`, async () => {
      const options = title === 'bad project name' ? { projectName: 'Über' } : {};
      const result = await loadFrom({ '/p/compose.yaml': text }, options);
      if (wanted === 'project') expect(result.diagnostics.map((one) => one.rule)).toEqual(['bad-project-name']);
      else expect(errorsOf(result)[0]).toBe(`compose.yaml:${wanted}`);
    });
  }
});

describe('warnings', () => {
  const warned: readonly (readonly [string, string, string])[] = [
    ['an unset variable', 'services: {a: {image: "a:$V"}}\n', 'undefined-variable'],
    ['a YAML 1.1 boolean', 'services: {a: {image: a, privileged: yes}}\n', 'yaml-1.1'],
    ['a shell operator without a shell', 'services: {a: {image: a, command: a | b}}\n', 'shell-operator'],
    ['a one-letter volume', 'services: {a: {image: a, volumes: ["v:/data"]}}\n', 'one-letter-volume'],
    ['a project name that had to be changed', 'name: My App\nservices: {a: {image: a}}\n', 'bad-project-name'],
  ];
  for (const [title, text, rule] of warned) {
    it(`${title} does not stop the project`, async () => {
      const { project, diagnostics } = await loadFrom({ '/p/compose.yaml': text });
      expect(project).toBeDefined();
      expect(diagnostics).toEqual([expect.objectContaining({ severity: 'warning', rule })]);
    });
  }
});
