import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createLog, describeError } from '../../resources/images/common/service/log.mjs';
import { readSecret, readSecretIfAny } from '../../resources/images/common/service/secret-file.mjs';
import { bearerOf, createKeyCheck } from '../../resources/images/common/service/service-key.mjs';
import { listen } from '../support/ports.ts';

describe('a secret of a service', () => {
  const folder = mkdtempSync(join(tmpdir(), 'claude-env-secret-'));
  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  it('is the content of the file that is named, without the last line end', () => {
    const env = { SERVICE_KEY_FILE: file('key', 'a\nb \r\n') };
    expect(readSecret('service-key', env)).toBe('a\nb ');
  });

  it('is never taken from the environment itself', () => {
    expect(readSecretIfAny('service-key', { SERVICE_KEY: 'no', SERVICE_KEY_FILE: join(folder, 'none') })).toBe(
      undefined,
    );
  });

  it('that is missing or empty is named, with its file', () => {
    const env = { DB_PASSWORD_FILE: file('empty', '\n') };
    expect(() => readSecret('db-password', env)).toThrow(`db-password is missing or empty: ${env.DB_PASSWORD_FILE}`);
  });
});

describe('the service key', () => {
  const key = 'k'.repeat(40);

  it('is checked against a bearer header', () => {
    const check = createKeyCheck(key);
    expect(check(`Bearer ${key}`)).toBe(true);
    for (const header of [undefined, '', key, `Basic ${key}`, `Bearer ${key}k`, `Bearer ${key} x`, 'Bearer ', 'Bearer'])
      expect(check(header), header).toBe(false);
  });

  it('must not be short', () => {
    expect(() => createKeyCheck('short')).toThrow('shorter than 32');
  });

  it('is taken only from a header that carries nothing else', () => {
    expect(bearerOf('bearer abc-_.~+/=')).toBe('abc-_.~+/=');
    expect(bearerOf('Bearer a,b')).toBe(undefined);
    expect(bearerOf(`Bearer ${'a'.repeat(513)}`)).toBe(undefined);
  });
});

describe('the log', () => {
  const lines: string[] = [];
  const log = createLog('x', { write: (line) => lines.push(line), now: () => new Date(0) });

  it('writes a line of JSON a message, whose own fields nobody overwrites', () => {
    log.warn('two\nlines', { level: 'info', port: 1 });
    const line = lines.pop() ?? '';
    expect(line.match(/\n/g)).toHaveLength(1);
    expect(JSON.parse(line)).toEqual({
      time: '1970-01-01T00:00:00.000Z',
      level: 'warn',
      service: 'x',
      message: 'two\nlines',
      port: 1,
    });
  });

  it('takes out what has the form of a secret', () => {
    const token = `cet_${'a'.repeat(43)}`;
    log.error('refused', describeError(new Error(`Bearer abcdefgh12 for ${token} at postgres://u:pa%20ss@db/x`)));
    const line = lines.pop() ?? '';
    expect(line).not.toMatch(/aaaa|abcdefgh12|pa%20ss/);
    expect(JSON.parse(line).error).toBe('Bearer *** for cet_*** at postgres://***@db/x');
  });

  it('tells of an error its words and code, and nothing that hangs on it', () => {
    const error = Object.assign(new Error('gone'), { code: 'ECONNREFUSED', config: { password: 'p' } });
    expect(describeError(error)).toEqual({ error: 'gone', code: 'ECONNREFUSED' });
    expect(describeError('text')).toEqual({ error: 'string' });
  });
});

describe.skipIf(process.platform === 'win32')('the health check', () => {
  const script = fileURLToPath(new URL('../../resources/images/common/service/health.sh', import.meta.url));
  const check = (port: number, path: string) => promisify(execFile)('bash', [script, String(port), path]);

  it('is well when the service answers 2xx, and says what else it answers', async () => {
    const server = createServer((request, response) => response.writeHead(request.url === '/health' ? 204 : 503).end());
    const port = await listen(server);
    try {
      await expect(check(port, '/health')).resolves.toBeDefined();
      await expect(check(port, '/ready')).rejects.toMatchObject({ code: 1, stderr: '/ready answers 503\n' });
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
    await expect(check(port, '/health')).rejects.toMatchObject({ code: 1 });
  });
});
