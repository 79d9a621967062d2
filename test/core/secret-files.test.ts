import { expect, it } from 'vitest';
import { adviceText, adviseFiles, secretAdvice } from '../../main/core/secret-files.ts';
import { loadFrom } from './compose/support/cases.ts';

const variables = ['POSTGRES_PASSWORD', 'POSTGRES_USER', 'PGDATA', 'REDIS_PASSWORD', 'GF_SECURITY_ADMIN_PASSWORD'];
const files = (image: string) => adviseFiles(image, variables).map(({ fileVariable }) => fileVariable);

it.each([
  ['postgres', ['POSTGRES_PASSWORD_FILE']],
  ['postgres:16-alpine', ['POSTGRES_PASSWORD_FILE']],
  ['docker.io/library/postgres@sha256:00', ['POSTGRES_PASSWORD_FILE']],
  ['grafana/grafana:11.6.0', ['GF_SECURITY_ADMIN_PASSWORD__FILE']],
  // These read no file, or nobody has said so.
  ['redis:7', []],
  ['localhost:5000/postgres', []],
  ['example/postgres', []],
] as const)('%s: %j', (image, expected) => {
  expect(files(image)).toEqual(expected);
});

it.each([
  [
    'grafana/grafana:11.6.0',
    'GF_SECURITY_ADMIN_PASSWORD',
    /^write GF_SECURITY_ADMIN_PASSWORD__FILE: \/run\/secrets\/gf_/,
  ],
  ['postgres:16', 'POSTGRES_PASSWORD', /^write POSTGRES_PASSWORD_FILE: \/run\/secrets\/postgres_password instead/],
  // Of the known ones, another variable: nobody has said that it is read from a file.
  ['postgres:16', 'API_TOKEN', /where the image reads such, write API_TOKEN_FILE: .*, else have its command read/],
  ['example/api', 'API_TOKEN', /at the top level secrets: \{api_token: \{environment: API_TOKEN, x-claude-env/],
])('of %s, %s', (image, variable, text) => expect(secretAdvice(image, variable)).toMatch(text));

it('says what can be written as it is', async () => {
  const [advice] = adviseFiles('postgres', ['POSTGRES_PASSWORD']);
  const text = advice === undefined ? '' : adviceText(advice);
  const [, secret] = /top level (secrets: .*)$/.exec(text) ?? [];
  const { project, diagnostics } = await loadFrom({
    '/p/compose.yaml': `services: {db: {image: postgres, secrets: [postgres_password]}}\n${secret}\n`,
  });
  expect(diagnostics).toEqual([]);
  expect(project?.secrets.get('postgres_password')?.environment).toBe('POSTGRES_PASSWORD');
});
