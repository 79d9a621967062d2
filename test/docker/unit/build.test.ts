import { afterEach, describe, expect, test } from 'vitest';
import { lastingArgs, resolveBuildArgs } from '../../../main/docker/build-args.ts';
import { isRemoteContext, readBuildContext } from '../../../main/docker/build-context.ts';
import { withTag } from '../../../main/docker/pull.ts';
import { folder } from '../support.ts';

describe('arguments', () => {
  const settings = { args: { HTTP_PROXY: 'http://p', http_proxy: 'http://p', BASE: 'settings/base' } };
  test('the file’s values stand; empty ones come from the settings, then from the environment', () => {
    const args = new Map([
      ['BASE', null],
      ['FROM_ENV', null],
      ['UNKNOWN', null],
      ['OWN', ''],
    ]);
    expect(resolveBuildArgs({ context: '/c', args }, settings, { FROM_ENV: 'e', BASE: 'env/base' })).toEqual({
      HTTP_PROXY: 'http://p',
      http_proxy: 'http://p',
      BASE: 'settings/base',
      FROM_ENV: 'e',
      OWN: '',
    });
    const stated = new Map([['HTTP_PROXY', 'http://own']]);
    expect(resolveBuildArgs({ context: '/c', args: stated }, settings, {})).toMatchObject({ HTTP_PROXY: 'http://own' });
    expect(resolveBuildArgs({ context: '/c' }, settings, {})).not.toHaveProperty('BASE');
  });
  test('proxies do not shape the image', () => {
    expect(lastingArgs({ HTTPS_PROXY: 'x', no_proxy: 'x', BASE: 'b' })).toEqual({ BASE: 'b' });
  });
});

describe('context', () => {
  const folders: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const remove of folders.splice(0)) await remove();
  });
  async function paths(files: Readonly<Record<string, string>>, build: object = {}): Promise<readonly string[]> {
    const { path, remove } = await folder(files);
    folders.push(remove);
    return (await readBuildContext({ context: path, ...build }, undefined)).entries.map((entry) => entry.path);
  }

  test('.dockerignore: patterns, exceptions, whole folders; what the engine reads itself is always sent', async () => {
    const files = {
      Dockerfile: 'FROM scratch',
      '.dockerignore': '*\n!src\nsrc/**/*.log\n!src/kept.log\n',
      'src/a.ts': '',
      'src/deep/b.log': '',
      'src/kept.log': '',
      other: '',
    };
    expect(await paths(files)).toEqual(['.dockerignore', 'Dockerfile', 'src', 'src/a.ts', 'src/deep', 'src/kept.log']);
    expect(await paths({ ...files, '.dockerignore': 'src\nother\n' })).toEqual(['.dockerignore', 'Dockerfile']);
    const elsewhere = { 'docker/app.Dockerfile': 'FROM scratch', '.dockerignore': 'docker\n', a: '' };
    expect(await paths(elsewhere, { dockerfile: 'docker/app.Dockerfile' })).toEqual([
      '.dockerignore',
      'a',
      'docker/app.Dockerfile',
    ]);
  });

  test.each([
    ['https://example.org/x.git', true],
    ['git@example.org:x.git', true],
    ['/home/ann/x', false],
    ['C:\\x', false],
  ])('%s', (context, remote) => expect(isRemoteContext(context)).toBe(remote));
});

test.each([
  ['redis', 'redis:latest'],
  ['redis:7', 'redis:7'],
  ['localhost:5000/redis', 'localhost:5000/redis:latest'],
  ['redis@sha256:abc', 'redis@sha256:abc'],
])('%s is pulled as %s', (image, reference) => expect(withTag(image)).toBe(reference));
