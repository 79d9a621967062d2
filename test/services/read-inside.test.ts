import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFiles } from '../../main/platform/files.ts';
import { loadTarget } from '../../main/services/load-target.ts';

/** Files of a project that are links: inside, fine; out of its folder, only where the user named them. */
describe('links in a project', () => {
  let root = '';
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'links-')));
    for (const folder of ['project/real', 'outside']) mkdirSync(join(root, folder), { recursive: true });
    write('outside/x.env', 'A=secret\n');
    write('outside/o.yaml', 'services: {o: {image: o}}\n');
    write('project/real/x.env', 'A=own\n');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const write = (path: string, text: string): void => writeFileSync(join(root, path), text);
  const link = (path: string, to: string): void => symlinkSync(join(root, to), join(root, path));
  const read = async (text: string, file = 'project/compose.yaml', envFiles: readonly string[] = []) => {
    if (text !== '') write('project/compose.yaml', text);
    const { project, diagnostics } = await loadTarget(
      {
        project: 'p',
        files: [join(root, file)],
        workingDir: undefined,
        envFiles: envFiles.map((path) => join(root, path)),
        profiles: [],
        variables: {},
        arguments: [],
      },
      createFiles({ environment: {} }),
    );
    return { project, errors: diagnostics.map(({ message, where }) => `${where?.line}:${where?.column} ${message}`) };
  };
  const a = (rest: string): string => `services: {a: {image: a, ${rest}}}\n`;

  it.each([
    ['include', 'link.yaml', 'include: [link.yaml]\nservices: {a: {image: a}}\n', 'outside/o.yaml'],
    ['extends', 'link.yaml', 'services: {a: {extends: {file: link.yaml, service: o}}}\n', 'outside/o.yaml'],
    ['env_file', 'link.env', a('env_file: link.env'), 'outside/x.env'],
    ['label_file', 'link.env', a('label_file: link.env'), 'outside/x.env'],
  ])(
    '%s: one that leads out is refused, at its place, without a word of its contents',
    async (_key, name, text, to) => {
      link(`project/${name}`, to);
      const { project, errors } = await read(text);
      expect(project).toBeUndefined();
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatch(/^[12]:\d+ .*is a link to .*outside of the project/);
      expect(errors[0]).not.toContain('secret');
    },
  );

  it('a folder that is a link leads out as well', async () => {
    link('project/sub', 'outside');
    const { errors } = await read(a('env_file: sub/x.env'));
    expect(errors[0]).toContain('outside of the project');
  });

  it('one that stays inside is followed', async () => {
    link('project/link.env', 'project/real/x.env');
    const { project } = await read(a('env_file: link.env'));
    expect(project?.services.get('a')?.environment?.get('A')).toBe('own');
  });

  it('a path that says where it goes is read', async () => {
    const { project } = await read(a('env_file: ../outside/x.env'));
    expect(project?.services.get('a')?.environment?.get('A')).toBe('secret');
  });

  it('what the user named may be a link, and so may .env', async () => {
    write('project/compose.yaml', a(`hostname: "\${A}"`));
    link('compose.yaml', 'project/compose.yaml');
    link('named.env', 'outside/x.env');
    const named = await read('', 'compose.yaml', ['named.env']);
    expect(named.project?.services.get('a')?.hostname).toBe('secret');
    link('project/.env', 'outside/x.env');
    expect((await read('')).project?.services.get('a')?.hostname).toBe('secret');
  });

  it('a project whose file is a link finds what lies beside the real one', async () => {
    write('project/compose.yaml', a('env_file: x.env'));
    link('compose.yaml', 'project/compose.yaml');
    link('x.env', 'project/real/x.env');
    expect((await read('', 'compose.yaml')).project?.services.get('a')?.environment?.get('A')).toBe('own');
  });
});
