import { describe, expect, it } from 'vitest';
import { loadTarget } from '../../main/services/load-target.ts';
import type { Files } from '../../main/services/ports.ts';

describe('PWD in a compose file', () => {
  const files: Partial<Files> = {
    platform: () => 'linux',
    exists: async () => undefined,
    readText: async () => 'services: {a: {image: a, labels: {at: $PWD}}}',
    realPath: async (path) => path,
  };
  const at = async (variables: Readonly<Record<string, string | undefined>>): Promise<string | undefined> => {
    const target = {
      project: 'p',
      files: ['/work/p/compose.yaml'],
      workingDir: undefined,
      envFiles: [],
      profiles: [],
      variables,
      arguments: [],
    };
    const { project } = await loadTarget(target, files as Files);
    return project?.services.get('a')?.labels?.get('at') ?? undefined;
  };

  it("is the shell's", async () => {
    expect(await at({ PWD: '/elsewhere' })).toBe('/elsewhere');
  });

  it("is the project's folder where no shell said one", async () => {
    expect(await at({})).toBe('/work/p');
    expect(await at({ PWD: undefined })).toBe('/work/p');
  });
});
