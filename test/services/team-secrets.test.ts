import { expect, test } from 'vitest';
import type { ObservedFile } from '../../main/core/swarm/observed.ts';
import type { Credential } from '../../main/services/credentials.ts';
import { toTeamSecrets } from '../../main/services/team-secrets.ts';

const secret = (name: string, day: number, labels: Readonly<Record<string, string>> = {}): ObservedFile => ({
  id: name,
  name,
  labels,
  createdAt: Date.UTC(2026, 0, day),
});
const ours = (stack: string, key: string, by: string, from: string) => ({
  'com.docker.stack.namespace': stack,
  'io.claude-env.key': key,
  'io.claude-env.set-by': by,
  'io.claude-env.source': from,
});

test('names with who set them and when, the newest version of each, and whether there is a value here', () => {
  const kept: readonly Credential[] = [
    { scope: 'user', name: 'DB_PASSWORD', changedAt: 0 },
    { scope: 'project', project: 'shop', name: 'DB_PASSWORD', changedAt: 0 },
    { scope: 'project', project: 'other', name: 'TOKEN', changedAt: 0 },
  ];
  const secrets = [
    secret('shop_password', 1, ours('shop', 'password', 'anna@laptop', 'environment DB_PASSWORD')),
    secret('shop_password_x7', 3, ours('shop', 'password', 'bob@server', 'environment DB_PASSWORD')),
    secret('blog_password', 2, ours('blog', 'password', 'anna@laptop', 'environment DB_PASSWORD')),
    secret('shop_token', 2, ours('shop', 'token', 'anna@laptop', 'environment TOKEN')),
    secret('by-docker', 1),
  ];
  expect(toTeamSecrets(secrets, kept)).toEqual([
    { name: 'by-docker', setAt: '2026-01-01T00:00:00.000Z' },
    {
      name: 'password',
      stack: 'blog',
      setBy: 'anna@laptop',
      setAt: '2026-01-02T00:00:00.000Z',
      from: 'environment DB_PASSWORD',
      here: 'user',
    },
    {
      name: 'password',
      stack: 'shop',
      setBy: 'bob@server',
      setAt: '2026-01-03T00:00:00.000Z',
      from: 'environment DB_PASSWORD',
      here: 'project',
    },
    {
      name: 'token',
      stack: 'shop',
      setBy: 'anna@laptop',
      setAt: '2026-01-02T00:00:00.000Z',
      from: 'environment TOKEN',
    },
  ]);
});
