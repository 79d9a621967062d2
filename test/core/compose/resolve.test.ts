import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../../main/core/app-failure.ts';
import { errorsOf, loadFrom } from './support/cases.ts';

describe('relative paths', () => {
  it('of an extended file start in its own folder, through every step', async () => {
    const { project } = await loadFrom({
      '/p/compose.yaml': 'services:\n  w: {extends: {file: one/a.yaml, service: a}, volumes: ["./w:/w"]}\n',
      '/p/one/a.yaml': 'services:\n  a: {extends: {file: ../two/b.yaml, service: b}, volumes: ["./a:/a"]}\n',
      '/p/two/b.yaml': 'services:\n  b: {build: ./ctx, volumes: ["./b:/b"], env_file: e.env}\n',
      '/p/two/e.env': 'E=1',
    });
    const service = project?.services.get('w');
    expect(service?.volumes?.map((mount) => mount.source)).toEqual(['/p/two/b', '/p/one/a', '/p/w']);
    expect(service?.build?.context).toBe('/p/two/ctx');
    expect(service?.environment?.get('E')).toBe('1');
  });

  it('of an included file start in its folder, or in project_directory', async () => {
    const included = 'services: {INC: {build: ., env_file: [{path: e.env, required: false}]}}';
    const { project } = await loadFrom({
      '/p/compose.yaml': 'include:\n  - one/c.yaml\n  - {path: two/c.yaml, project_directory: base}\n',
      '/p/one/c.yaml': included.replace('INC', 'a'),
      '/p/two/c.yaml': included.replace('INC', 'b'),
    });
    expect(project?.services.get('a')?.build?.context).toBe('/p/one');
    expect(project?.services.get('b')?.build?.context).toBe('/p/base');
  });

  it('of every -f file start in the project directory', async () => {
    const { project } = await loadFrom(
      { '/p/compose.yaml': 'services: {a: {image: a}}', '/p/sub/o.yaml': 'services: {a: {volumes: ["./x:/x"]}}' },
      { files: ['/p/compose.yaml', '/p/sub/o.yaml'] },
    );
    expect(project?.services.get('a')?.volumes?.[0]?.source).toBe('/p/x');
  });

  it('follow the rules of Windows there', async () => {
    const text = 'services: {a: {build: ./ctx, volumes: ["./x:/x", "D:\\\\data:/d", "\\\\\\\\srv\\\\s:/s", "~/h:/h"]}}';
    const options = { platform: 'win32' as const, environment: { USERPROFILE: 'C:\\Users\\me' } };
    const { project } = await loadFrom({ 'C:\\p\\compose.yaml': text }, options);
    expect(project?.services.get('a')?.build?.context).toBe('C:\\p\\ctx');
    expect(project?.services.get('a')?.volumes?.map((mount) => mount.source)).toEqual([
      'C:\\p\\x',
      'D:\\data',
      '\\\\srv\\s',
      'C:\\Users\\me/h',
    ]);
  });
});

describe('profiles', () => {
  const text = `services:
  a: {image: a}
  b: {image: b, profiles: [p]}
  c: {image: c, profiles: [p, q]}
  d: {image: d, profiles: [r]}
`;
  const active = async (options: object): Promise<string[]> => {
    const { project } = await loadFrom({ '/p/compose.yaml': text }, options);
    return [...(project?.services.keys() ?? [])];
  };
  it('leave out what none activates, and keep it aside', async () => {
    const { project } = await loadFrom({ '/p/compose.yaml': text });
    expect([...(project?.services.keys() ?? [])]).toEqual(['a']);
    expect([...(project?.inactive.keys() ?? [])]).toEqual(['b', 'c', 'd']);
  });
  it('are activated by name', async () => expect(await active({ profiles: ['q'] })).toEqual(['a', 'c']));
  it('are activated all at once', async () => expect(await active({ profiles: ['*'] })).toEqual(['a', 'b', 'c', 'd']));
  it('are activated by COMPOSE_PROFILES', async () =>
    expect(await active({ environment: { COMPOSE_PROFILES: 'q, r' } })).toEqual(['a', 'c', 'd']));
  it('are activated by naming a service', async () => expect(await active({ services: ['d'] })).toEqual(['a', 'd']));
  it('cannot be activated by a service that is not there', async () => {
    const result = await loadFrom({ '/p/compose.yaml': text }, { services: ['aa'] });
    expect(result.diagnostics[0]).toMatchObject({ rule: 'missing-service', hint: 'did you mean `a`?' });
  });
  it('let an optional dependency be missing', async () => {
    const optional =
      'services:\n  a: {image: a, depends_on: {b: {condition: service_started, required: false}}}\n  b: {image: b, profiles: [p]}\n';
    expect(errorsOf(await loadFrom({ '/p/compose.yaml': optional }))).toEqual([]);
    const needed = optional.replace(', required: false', '');
    expect(errorsOf(await loadFrom({ '/p/compose.yaml': needed }))).toEqual(['compose.yaml:2:30 missing-service']);
  });
});

describe('files that cannot be read', () => {
  it('throw when the user named them', async () => {
    await expect(loadFrom(new Map(), { files: ['/p/none.yaml'] })).rejects.toMatchObject({
      error: { code: 'file.not-found' },
    });
  });
  it('are a mistake of the file that names them otherwise', async () => {
    const result = await loadFrom({ '/p/compose.yaml': 'services: {a: {extends: {file: x.yaml, service: y}}}' });
    expect(errorsOf(result)).toEqual(['compose.yaml:1:32 file-not-found']);
  });
  it('are never fetched from elsewhere', async () => {
    const text = 'include: ["oci://reg/app"]\nservices: {a: {extends: {file: "https://x/y.yaml", service: y}}}';
    expect(errorsOf(await loadFrom({ '/p/compose.yaml': text }))).toEqual([
      'compose.yaml:1:11 unsupported',
      'compose.yaml:2:32 unsupported',
    ]);
  });
  it('for another reason than being absent are a mistake too', async () => {
    const readText = (path: string): Promise<string> =>
      path.endsWith('compose.yaml')
        ? Promise.resolve('services: {a: {image: a, env_file: [{path: ., required: false}]}}')
        : Promise.reject(new AppFailure({ code: 'file.invalid', message: 'it is a folder' }));
    const result = await loadFrom(new Map(), {
      files: ['/p/compose.yaml'],
      exists: (path) => Promise.resolve(!path.endsWith('.env')),
      readText,
    });
    expect(result.diagnostics).toEqual([
      expect.objectContaining({ rule: 'file-unreadable', message: 'cannot read /p: it is a folder' }),
    ]);
  });
  it('do not show their lines in messages: they may be secret', async () => {
    const { diagnostics } = await loadFrom({
      '/p/compose.yaml': 'services: {a: {image: a, env_file: x.env, environment: ["TOKEN =hunter2"]}}',
      '/p/x.env': 'hunter2 hunter2\nA="hunter2',
    });
    expect(diagnostics).toHaveLength(3);
    expect(JSON.stringify(diagnostics)).not.toContain('hunter2');
  });
});
