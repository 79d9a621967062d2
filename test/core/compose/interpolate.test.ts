// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax under test
import { describe, expect, it } from 'vitest';
import { interpolateText } from '../../../main/core/compose/interpolate.ts';
import { loadFrom } from './support/cases.ts';

const variables = new Map([
  ['SET', 'value'],
  ['EMPTY', ''],
  ['A_1', 'a'],
]);
const lookup = (name: string): string | undefined => variables.get(name);

describe('interpolation', () => {
  const table: readonly (readonly [string, string])[] = [
    ['$SET', 'value'],
    ['${SET}', 'value'],
    ['$A_1-x', 'a-x'],
    ['$SETx', ''],
    ['${NO}', ''],
    ['${NO:-default}', 'default'],
    ['${NO-default}', 'default'],
    ['${EMPTY:-default}', 'default'],
    ['${EMPTY-default}', ''],
    ['${SET:-default}', 'value'],
    ['${SET:+other}', 'other'],
    ['${EMPTY:+other}', ''],
    ['${EMPTY+other}', 'other'],
    ['${NO+other}', ''],
    ['${NO:-${EMPTY:-${SET}}}', 'value'],
    ['${NO:-${SET} and ${A_1}}', 'value and a'],
    ['$$SET', '$SET'],
    ['$$$SET', '$value'],
    ['${NO:-$$}', '$'],
    ['a $ b', 'a $ b'],
    ['$1 $. $', '$1 $. $'],
    ['${NO:-a}b}', 'ab}'],
    ['{$SET}', '{value}'],
  ];
  for (const [text, expected] of table) it(text, () => expect(interpolateText(text, lookup)).toBe(expected));

  it('asks for a required variable, with its message', () => {
    const asked: string[] = [];
    const required = (name: string, message: string): void => void asked.push(`${name}: ${message}`);
    interpolateText('${NO:?need $SET} ${EMPTY?x} ${EMPTY:?y} ${SET:?z}', lookup, { required });
    expect(asked).toEqual(['NO: need value', 'EMPTY: y']);
  });

  it('does not look at a default that is not used', () => {
    const asked: string[] = [];
    interpolateText('${SET:-${NO:?never}}', lookup, { required: (name) => asked.push(name) });
    expect(asked).toEqual([]);
  });

  it('says where an expression is wrong', () => {
    const at: number[] = [];
    interpolateText('a ${} ${1} ${A b} ${SET', lookup, { invalid: (index) => at.push(index) });
    expect(at).toEqual([2, 6, 11, 18]);
  });
});

describe('the environment', () => {
  const image = 'services: {a: {image: "${V:-none}"}}';
  const load = async (files: Record<string, string>, options = {}): Promise<string | undefined> => {
    const { project } = await loadFrom({ '/p/compose.yaml': image, ...files }, options);
    return project?.services.get('a')?.image;
  };

  it('takes the .env beside the project', async () => {
    expect(await load({ '/p/.env': 'V=dot' })).toBe('dot');
  });
  it('puts the process before .env', async () => {
    expect(await load({ '/p/.env': 'V=dot' }, { environment: { V: 'process' } })).toBe('process');
  });
  it('takes --env-file instead of .env, the last one winning', async () => {
    const files = { '/p/.env': 'V=dot', '/x/1.env': 'V=one', '/x/2.env': 'V=two' };
    expect(await load(files, { envFiles: ['/x/1.env', '/x/2.env'] })).toBe('two');
  });
  it('puts what a file says itself before what an earlier one says', async () => {
    const files = { '/x/1.env': 'T=one\nH=first', '/x/2.env': 'T=two\nV=${T}-${H}' };
    expect(await load(files, { envFiles: ['/x/1.env', '/x/2.env'] })).toBe('two-first');
    const main = 'include: [{path: /p/in.yaml, env_file: [/x/1.env, /x/2.env]}]';
    const { project } = await loadFrom({ '/p/compose.yaml': main, '/p/in.yaml': image, ...files });
    expect(project?.services.get('a')?.image).toBe('two-first');
  });
  it('knows the name of the project', async () => {
    const text = 'name: shop\nservices: {a: {image: a, container_name: "${COMPOSE_PROJECT_NAME}-a"}}';
    const { project, variables: all } = await loadFrom({ '/p/compose.yaml': text });
    expect(project?.services.get('a')?.container_name).toBe('shop-a');
    expect(all?.get('COMPOSE_PROJECT_NAME')).toBe('shop');
  });
  it('does not tell upper from lower case on Windows', async () => {
    const options = { platform: 'win32' as const, environment: { v: 'win' } };
    const { project } = await loadFrom({ 'C:\\p\\compose.yaml': image }, options);
    expect(project?.services.get('a')?.image).toBe('win');
  });
  it('is left alone on request', async () => {
    const options = { interpolate: false };
    const { project } = await loadFrom(
      { '/p/compose.yaml': 'services: {a: {image: "${V:?x}", scale: "${N}"}}' },
      options,
    );
    expect(project?.services.get('a')).toMatchObject({ image: '${V:?x}', scale: '${N}' });
  });
});
