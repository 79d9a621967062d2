import { describe, expect, test } from 'vitest';
import { kindOfRefusal, registryFailure } from '../../../main/core/registries/failure.ts';
import type { LoginAnswer, LoginSource } from '../../../main/core/registries/login.ts';

describe('what a registry’s refusal means', () => {
  test.each([
    ['unauthorized: authentication required', undefined, 'denied'],
    ['Head "http://127.0.0.1:5999/v2/team/base/manifests/1": no basic auth credentials', 500, 'denied'],
    ['login attempt to http://127.0.0.1:5999/v2/ failed with status: 401 Unauthorized', 500, 'denied'],
    ['pulling from host 127.0.0.1:5999 failed with status code [manifests 1]: 401 Unauthorized', undefined, 'denied'],
    ['Get "https://registry-1.docker.io/v2/": unauthorized: incorrect username or password', 401, 'denied'],
    ['denied: requested access to the resource is denied', 403, 'denied'],
    ["pull access denied for x, repository does not exist or may require 'docker login'", 404, 'hidden'],
    ['manifest for 127.0.0.1:5999/team/none:1 not found: manifest unknown: manifest unknown', 404, 'not-found'],
    ['toomanyrequests: You have reached your pull rate limit.', 429, 'limited'],
    ['Get "https://r/v2/": x509: certificate signed by unknown authority', 500, 'tls'],
    ['Get "https://r/v2/": http: server gave HTTP response to HTTPS client', 500, 'tls'],
    ['Get "http://127.0.0.1:5998/v2/": dial tcp 127.0.0.1:5998: connect: connection refused', 500, 'unreachable'],
    ['Get "https://r/v2/": dial tcp: lookup r on 10.0.0.1:53: no such host', 500, 'unreachable'],
    ['Get "https://r/v2/": net/http: TLS handshake timeout', 500, 'unreachable'],
    ['no space left on device', 500, 'unknown'],
  ])('%s', (sentence, status, kind) => expect(kindOfRefusal(sentence, status)).toBe(kind));
});

describe('what is said about it', () => {
  const answer = (source?: LoginSource): LoginAnswer => ({
    registry: 'ghcr.io',
    login: source && { auth: { username: 'ann', password: 'hidden', serveraddress: 'ghcr.io' }, source },
    problems: [],
  });
  const refuse = (sentence: string, given: LoginAnswer) =>
    registryFailure({ doing: 'Pulling ghcr.io/x:1', image: 'ghcr.io/x:1', sentence, answer: given });

  test('registry, user and source of a wrong login, and what to do for each source', () => {
    const sentence = 'unauthorized: authentication required';
    expect(refuse(sentence, answer({ kind: 'keychain' }))).toEqual({
      code: 'registry.denied',
      message: 'Pulling ghcr.io/x:1: ghcr.io refused the login of ann (from the keychain).',
      hint: 'Log in again, or as somebody who may: npx claude-env registry login ghcr.io',
      detail: sentence,
    });
    expect(refuse(sentence, answer({ kind: 'helper', helper: 'pass' }))?.message).toMatch(/docker-credential-pass/);
    expect(refuse(sentence, answer({ kind: 'docker-config', file: '~/.docker/config.json' }))?.hint).toMatch(
      /docker login ghcr\.io;/,
    );
    expect(refuse(sentence, answer())).toMatchObject({
      message: 'Pulling ghcr.io/x:1: ghcr.io asks for a login, and there is none.',
      hint: 'Log in: npx claude-env registry login ghcr.io',
    });
  });

  test('a source that could not be asked is named with it', () => {
    const problems = ['docker-credential-gone is not installed, though docker’s config.json names it.'];
    expect(refuse('no basic auth credentials', { ...answer(), problems })?.hint).toContain('docker-credential-gone');
  });

  test('no such image, TLS and no network are no matter of the login', () => {
    const ours = answer({ kind: 'keychain' });
    expect(refuse('manifest unknown', ours)).toMatchObject({ code: 'image.not-found' });
    expect(refuse('x509: certificate signed by unknown authority', ours)).toMatchObject({
      code: 'image.pull-failed',
      hint: expect.stringContaining('/etc/docker/certs.d/ghcr.io/ca.crt'),
    });
    expect(refuse('connection refused', ours)).toMatchObject({ code: 'image.pull-failed', retry: true });
    expect(refuse('no space left on device', ours)).toBeUndefined();
  });
});
