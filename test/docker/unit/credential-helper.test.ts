import { chmod } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHelpers, isHelperName } from '../../../main/docker/credential-helper.ts';
import { folder } from '../support.ts';

/* Real programs, as docker's helpers are: github.com/docker/docker-credential-helpers */
const scripts = {
  good: `#!/bin/sh
read -r registry
[ "$1" = list ] && { echo '{"https://ghcr.io":"ann"}'; exit 0; }
[ "$registry" = ghcr.io ] && { echo '{"ServerURL":"ghcr.io","Username":"ann","Secret":"pw"}'; exit 0; }
echo 'credentials not found in native keychain'; exit 1
`,
  angry: '#!/bin/sh\necho "pw is wrong" >&2; exit 7\n',
  odd: '#!/bin/sh\necho pw\n',
  hasty: `#!/bin/sh\nexec <&-\necho '{"Username":"ann","Secret":"pw"}'\n`,
};
let place: Awaited<ReturnType<typeof folder>>;
let helpers: ReturnType<typeof createHelpers>;
beforeAll(async () => {
  const files = Object.entries(scripts).map(([name, text]) => [`docker-credential-${name}`, text]);
  place = await folder(Object.fromEntries(files));
  for (const [name = ''] of files) await chmod(join(place.path, name), 0o755);
  helpers = createHelpers({ PATH: [place.path, process.env.PATH].join(delimiter) });
});
afterAll(() => place.remove());

describe.skipIf(process.platform === 'win32')('a credential helper', () => {
  test('gives a login, none, or its list', async () => {
    expect(await helpers.get('good', 'ghcr.io')).toEqual({ user: 'ann', secret: 'pw' });
    expect(await helpers.get('good', 'quay.io')).toBeUndefined();
    expect(await helpers.get('hasty', 'ghcr.io')).toEqual({ user: 'ann', secret: 'pw' });
    expect(await helpers.list('good')).toEqual({ 'https://ghcr.io': 'ann' });
  });

  test.each([
    ['angry', /docker-credential-angry ended with code 7/],
    ['odd', /docker-credential-odd answered with something else than JSON/],
    ['none', /docker-credential-none is not installed/],
  ])('%s fails by name, and what it said is not passed on', async (name, words) => {
    const said = await helpers.get(name, 'ghcr.io').catch((error: Error) => error.message);
    expect(said).toMatch(words);
    expect(said).not.toContain('pw');
  });

  test('is not looked for in a relative folder of PATH', async () => {
    const here = createHelpers({ PATH: '.:relative' });
    await expect(here.get('good', 'ghcr.io')).rejects.toThrow(/not installed/);
  });
});

test.each([
  ['osxkeychain', true],
  ['ecr-login', true],
  ['../evil', false],
  ['a b', false],
  ['', false],
])('%j as a name: %s', (name, is) => expect(isHelperName(name)).toBe(is));
