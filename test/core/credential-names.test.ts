import { describe, expect, it } from 'vitest';
import { load } from '../../main/core/compose/load.ts';
import { namesIn } from '../../main/core/credential-names.ts';

async function namesOf(text: string) {
  const { project, diagnostics } = await load({
    files: ['/p/compose.yaml'],
    environment: {},
    platform: 'posix',
    interpolate: false,
    readText: async () => text,
    exists: async () => false,
  });
  if (project === undefined) throw new Error(JSON.stringify(diagnostics));
  return namesIn(project).map(({ name, services, needed, first }) =>
    [name, services.join('+'), ...(needed ? ['needed'] : []), ...(first ? ['first'] : [])].join(' '),
  );
}

describe('names that a project refers to', () => {
  it('are those of variables, with the services that have them', async () => {
    expect(
      await namesOf(`
services:
  web:
    image: web:\${TAG:-1}
    environment: {KEY: "\${KEY}", URL: "http://\${HOST-localhost}/\${PATH_:?say it}"}
    command: ["a", "\${ON:+\${INNER}}", "$$NOT", "\${A:-\${B}}"]
  db:
    image: db
    environment: ["KEY=$KEY", PASSED]
volumes:
  data: {name: "v-\${VOLUME}"}
`),
    ).toEqual([
      'A web',
      'B web',
      'HOST web',
      'INNER web',
      'KEY db+web needed',
      'ON web',
      'PASSED db',
      'PATH_ web needed',
      'TAG web',
      'VOLUME  needed',
    ]);
  });

  it('are what secrets and configs are taken from, for those services that use them', async () => {
    expect(
      await namesOf(`
services:
  web: {image: a, secrets: [token, mine, vault], configs: [conf]}
  build: {build: {context: ., secrets: [npm]}}
secrets:
  token: {environment: TOKEN}
  mine: {environment: MINE, x-claude-env: {keychain: OTHER}}
  vault: {environment: VAULT, x-claude-env: {command: [vault, read]}}
  npm: {environment: NPM_TOKEN}
  unused: {environment: UNUSED}
configs:
  conf: {content: "key=\${IN_CONFIG}"}
`),
    ).toEqual(['IN_CONFIG web needed', 'MINE web', 'NPM_TOKEN build needed', 'OTHER web first', 'TOKEN web needed']);
  });

  it('are not those that docker and compose have for themselves', async () => {
    expect(await namesOf(`services: {web: {image: "\${COMPOSE_PROJECT_NAME}-\${DOCKER_HOST}"}}`)).toEqual([]);
  });
});
