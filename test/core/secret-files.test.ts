import { expect, it } from 'vitest';
import { adviceText, adviseFiles } from '../../main/core/secret-files.ts';
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
