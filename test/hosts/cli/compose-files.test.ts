import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppFailure } from '../../../main/core/app-failure.ts';
import { type Given, whatIsMeant } from '../../../main/hosts/cli/compose-files.ts';

const nothing: Given = { files: [], envFiles: [], projectDirectory: undefined, environment: undefined };

describe('files that a command line means', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'compose-files-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const write = (...names: readonly string[]): void => {
    for (const name of names) writeFileSync(join(folder, name), 'services: {}\n');
  };
  const meant = (given: Partial<Given>, variables: Record<string, string> = {}): readonly string[] =>
    whatIsMeant({ ...nothing, ...given }, variables, folder).files;

  it('are none without a word: the local stack', () => {
    write('compose.yaml');
    expect(meant({})).toEqual([]);
  });

  it('are those of -f, whatever COMPOSE_FILE says', () => {
    expect(meant({ files: ['a.yaml'] }, { COMPOSE_FILE: 'b.yaml' })).toEqual(['a.yaml']);
  });

  it('are those of COMPOSE_FILE, split as COMPOSE_PATH_SEPARATOR says', () => {
    expect(meant({}, { COMPOSE_FILE: 'a.yaml:b.yaml' })).toEqual(['a.yaml', 'b.yaml']);
    expect(meant({}, { COMPOSE_FILE: 'a:b,c', COMPOSE_PATH_SEPARATOR: ',' })).toEqual(['a:b', 'c']);
  });

  it('are not those of COMPOSE_FILE when an environment is named', () => {
    expect(meant({ environment: 'local' }, { COMPOSE_FILE: 'a.yaml' })).toEqual([]);
  });

  it('are the file and the override of a folder, the newest name first', () => {
    write('docker-compose.yml', 'compose.yaml', 'docker-compose.override.yaml', 'compose.override.yml');
    const both = [join(folder, 'compose.yaml'), join(folder, 'compose.override.yml')];
    expect(meant({ files: ['.'] })).toEqual(both);
    expect(meant({ projectDirectory: '.' })).toEqual(both);
  });

  it('are looked for in the folders above', () => {
    write('docker-compose.yaml');
    mkdirSync(join(folder, 'deep/deeper'), { recursive: true });
    expect(meant({ projectDirectory: 'deep/deeper' })).toEqual([join(folder, 'docker-compose.yaml')]);
  });

  it('are missed by name where there are none', () => {
    expect(() => meant({ projectDirectory: '.' })).toThrow(AppFailure);
  });

  it('take their variables from COMPOSE_ENV_FILES unless --env-file is given', () => {
    const variables = { COMPOSE_ENV_FILES: 'a.env,b.env' };
    expect(whatIsMeant(nothing, variables, folder).envFiles).toEqual(['a.env', 'b.env']);
    expect(whatIsMeant({ ...nothing, envFiles: ['c.env'] }, variables, folder).envFiles).toEqual(['c.env']);
  });
});
