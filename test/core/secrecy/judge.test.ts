import { describe, expect, test } from 'vitest';
import { judgeEntry, looksSecret } from '../../../main/core/secrecy/judge.ts';
import { entropy } from '../../../main/core/secrecy/values.ts';

/** Put together here, so that no scanner takes these lines for somebody's token. */
const token = (prefix: string, rest: string) => `${prefix}${rest}`;
const letters = 'aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zA';

const proposed = [
  ['DB_PASSWORD', 'hunter2', 'name'],
  ['POSTGRES_PASSWORD', 'postgres', 'name'],
  ['PGPASSWORD', 'x', 'name'],
  ['MYSQL_ROOT_PASSWORD', 'changeme', 'name'],
  ['SMTP_PASS', 'abc', 'name'],
  ['dbPassword', 'abc', 'name'],
  ['SECRET_KEY', 'abc def', 'name'],
  ['JWT_SECRET', 'abc', 'name'],
  ['ANTHROPIC_API_KEY', 'abc', 'name'],
  ['OPENAI_APIKEY', 'abc', 'name'],
  ['ENCRYPTION_KEY', 'abc', 'name'],
  ['KEY', 'abc', 'name'],
  ['SENTRY_DSN', 'abc', 'name'],
  ['AUTH_TOKEN', 'abc', 'name'],
  ['PASSWORD_SALT', 'abc', 'name'],
  ['GH', token('ghp_', letters), 'token'],
  ['LLM', token('sk-ant-', 'api03-abcdefghijklmnop'), 'token'],
  ['PAY', token('sk_live_', 'abcdefghijkl'), 'token'],
  ['CLOUD', token('AKIA', 'ABCDEFGHIJKLMNOP'), 'token'],
  ['CHAT', token('xoxb-', '1234567890-abcdef'), 'token'],
  ['SESSION', token('eyJ', 'hbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl'), 'token'],
  ['HOOK', 'https://hooks.slack.com/services/T0/B0/x', 'token'],
  ['DATABASE_URL', 'postgres://app:s3cret@db:5432/app', 'address'],
  ['REDIS_URL', 'redis://:s3cret@cache:6379', 'address'],
  ['CERT', '-----BEGIN EC PRIVATE KEY-----\nabc\n-----END EC PRIVATE KEY-----', 'key'],
  ['THING', letters, 'random'],
  ['THING', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b', 'random'],
] as const;

describe('entries that look like secrets', () => {
  test.each(proposed)('%s=%s: %s', (name, value, sign) => expect(judgeEntry(name, value)).toBe(sign));
  test.each(proposed)('%s=%s is not shown', (name, value) =>
    expect(looksSecret(`environment.${name}`, value)).toBe(true),
  );
});

describe('entries that do not', () => {
  test.each([
    ['DB_PASSWORD', ''],
    ['DB_PASSWORD', '$OTHER'],
    ['DB_PASSWORD_FILE', '/run/secrets/db'],
    ['DB_PASSWORD', '/run/secrets/db'],
    ['TOKEN_URL', 'https://login.example.org/token'],
    ['TOKEN', 'https://login.example.org/token'],
    ['TOKEN_TTL', '86400'],
    ['JWT_EXPIRES_IN', '15 minutes'],
    ['SECRET_NAME', 'db-credentials'],
    ['PASSWORD_MIN_LENGTH', '12 characters'],
    ['USE_SECRETS', 'true'],
    ['MAX_TOKENS', '4096'],
    ['PUBLIC_KEY', 'ssh-ed25519 AAAA'],
    ['PRIMARY_KEY', 'id'],
    ['MONKEY', 'banana'],
    ['COMPASS', 'north'],
    ['AUTHOR', 'ann'],
    ['PORT', '5432'],
    ['NODE_ENV', 'development'],
    ['DATABASE_URL', 'postgres://db:5432/app'],
    ['GIT_COMMIT', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b'],
    ['IMAGE', 'ghcr.io/team/app@sha256:9f86d081884c7d659a2feaa0c55ad015'],
    ['TENANT', '123e4567-e89b-12d3-a456-426614174000'],
    ['PATHS', '/usr/local/share/Something/Else42/and/more'],
    ['TITLE', 'A long title with many words in it and 42 numbers'],
    ['COMPOSE_PROJECT_NAME', 'my-very-long-project-name-in-small-letters'],
  ])('%s=%s', (name, value) => expect(judgeEntry(name, value)).toBeUndefined());
});

describe('what is shown', () => {
  test.each([
    ['environment.PORT', '5432'],
    ['environment.MODE', 'development'],
    ['labels.com.example.team', 'shop'],
    ['command', 'postgres -c max_connections=200'],
    ['image', 'ghcr.io/team/app@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b'],
    ['environment.LETTERS', 'a'.repeat(200_000)],
    // Every beginning of a name is tried: quickly.
    ['environment.WORDS', 'pass'.repeat(50_000)],
  ])('%s', (key, text) => expect(looksSecret(key, text)).toBe(false));
});

describe('what is hidden where it is not clear', () => {
  test.each([
    ['environment.AUTHOR', 'ann'],
    ['environment.MAX_TOKENS', '4096'],
    ['labels.traefik.basicauth', 'x'],
    ['driver_opts.o', 'username=ann,password=x'],
    ['command', 'serve --password hunter2'],
    ['command', `serve --slack ${token('xoxb-', '1234567890-abcdef')}`],
    ['healthcheck', 'redis-cli -u redis://:s3cret@cache:6379 ping'],
    ['entrypoint', `serve ${'0f'.repeat(16)}`],
  ])('%s', (key, text) => expect(looksSecret(key, text)).toBe(true));
});

test('entropy is bits a character', () => {
  expect(entropy('aaaa')).toBeCloseTo(0);
  expect(entropy('abcd')).toBe(2);
});
