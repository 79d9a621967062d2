import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { AppFailure } from '../core/app-failure.ts';
import type { SwarmSeals, SwarmValues } from '../services/ports.ts';
import { readBoundedBytes } from './files.ts';

/*
 * Whoever may look at a Swarm reads the labels of its secrets, so what stands there must not help to guess a weak value:
 * scrypt with a salt of its own, 32 MiB and about a tenth of a second a guess (RFC 7914; OWASP's table has N=2^15, r=8, p=3
 * as one of its equals). The parameters stand in the text, so that they can rise.
 */
const cost = { N: 2 ** 15, r: 8, p: 3 };
const length = 32;
const maxmem = 128 * 1024 * 1024;

const derive = (value: Uint8Array, salt: Buffer, { N, r, p }: typeof cost): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(value, salt, length, { N, r, p, maxmem }, (error, key) => (error ? reject(error) : resolve(key)));
  });

const form = /^scrypt:(\d{1,8}):(\d{1,3}):(\d{1,3}):([\w-]+):([\w-]+)$/;
/** A label could ask for any amount of work. */
const isSane = ({ N, r, p }: typeof cost): boolean =>
  N <= 2 ** 18 && N * r * 128 <= maxmem && p <= 16 && r >= 1 && p >= 1;

export const seals: SwarmSeals = {
  seal: async (value) => {
    const salt = randomBytes(16);
    const key = await derive(value, salt, cost);
    return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), key.toString('base64url')].join(':');
  },
  matches: async (value, seal) => {
    const [, n, r, p, salt = '', key = ''] = form.exec(seal) ?? [];
    const parameters = { N: Number(n), r: Number(r), p: Number(p) };
    const wanted = Buffer.from(key, 'base64url');
    if (n === undefined || !isSane(parameters) || wanted.length !== length) return false;
    return timingSafeEqual(await derive(value, Buffer.from(salt, 'base64url'), parameters), wanted);
  },
};

/** A Swarm takes secrets and configs of up to 500 kB; what is larger is read so far that it is told. */
export const swarmValues = (): SwarmValues => ({
  operator: `${userName()}@${hostname()}`,
  seals,
  readBytes: (path) => readBoundedBytes(path, 1024 * 1024),
  gzip: async (text) => (await promisify(gzip)(text)).toString('base64'),
  gunzip: async (data) => {
    try {
      return (await promisify(gunzip)(Buffer.from(data, 'base64'), { maxOutputLength: largestText })).toString('utf8');
    } catch (error) {
      throw new AppFailure(
        { code: 'file.invalid', message: 'A record of a deploy cannot be unpacked.' },
        { cause: error },
      );
    }
  },
});
/** 500 kB can be unpacked to a thousand times that. */
const largestText = 16 * 1024 * 1024;

/** A user id without a name is common in containers. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'somebody';
  }
}
