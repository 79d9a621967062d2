import { createHash, createPrivateKey, webcrypto, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { AppFailure } from '../core/app-failure.ts';
import type { Certificates, KeyedCertificate } from '../services/ports.ts';

/*
 * ECDSA on P-256 with SHA-256, as RFC 5280 has it: an authority that may issue for servers only, and servers' certificates with
 * their hosts as alternative names. The library is loaded when something is made, which few commands do.
 */

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/** Clocks of other machines may be behind this one's. */
const leeway = 10 * 60_000;

async function load() {
  // tsyringe, which the library is built with, looks for it when it is loaded.
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

/** Sixteen random bytes whose first bit is 0: a serial number is positive. */
function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}

/** DER of one value: its tag, the length of its content, and that. */
function der(tag: number, content: readonly number[]): readonly number[] {
  const { length } = content;
  const long = length > 0xff ? [0x82, length >> 8, length & 0xff] : [0x81, length];
  return [tag, ...(length < 0x80 ? [length] : long), ...content];
}

/**
 * RFC 5280, 4.2.1.10, which the library has no word for: `[0]` holds subtrees, in each a dNSName (`[2]`). Whoever trusts the authority
 * trusts it for these names and what is below them alone, and for addresses: with subtrees of addresses BoringSSL (Claude Code)
 * refuses the whole certificate.
 */
function permittedNames(names: readonly string[]): Uint8Array<ArrayBuffer> {
  const subtrees = names.flatMap((name) => der(0x30, der(0x82, [...new TextEncoder().encode(name)])));
  return Uint8Array.from(der(0x30, der(0xa0, subtrees)));
}
const nameConstraints = '2.5.29.30';

const makeKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

async function toPem(x509: Awaited<ReturnType<typeof load>>, key: webcrypto.CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

function parse(certificate: string): X509Certificate {
  try {
    return new X509Certificate(certificate);
  } catch (cause) {
    throw new AppFailure({ code: 'file.invalid', message: 'That is no certificate in PEM form.' }, { cause });
  }
}

async function importKey(x509: Awaited<ReturnType<typeof load>>, key: string): Promise<webcrypto.CryptoKey> {
  try {
    const [der] = x509.PemConverter.decode(key);
    if (der === undefined) throw new Error('no PEM block');
    return await webcrypto.subtle.importKey('pkcs8', der, algorithm, true, ['sign']);
  } catch (cause) {
    throw new AppFailure({ code: 'file.invalid', message: 'That is no private key in PEM form.' }, { cause });
  }
}

async function makeAuthority(options: Parameters<Certificates['makeAuthority']>[0]): Promise<KeyedCertificate> {
  const x509 = await load();
  const keys = await makeKeys();
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [options.name] }],
    notBefore: new Date(options.from - leeway),
    notAfter: new Date(options.until),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      new x509.Extension(nameConstraints, true, permittedNames(options.hosts)),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: `${made.toString('pem')}\n`, key: await toPem(x509, keys.privateKey) };
}

async function issue(
  authority: KeyedCertificate,
  { hosts, from, until }: Parameters<Certificates['issue']>[1],
): Promise<KeyedCertificate> {
  const x509 = await load();
  const [keys, signingKey] = [await makeKeys(), await importKey(x509, authority.key)];
  const issuer = new x509.X509Certificate(authority.certificate);
  const made = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [{ CN: ['claude-env gateway'] }],
    issuer: issuer.subjectName,
    notBefore: new Date(from - leeway),
    notAfter: new Date(until),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        hosts.map((host) => ({ type: isIP(host) === 0 ? 'dns' : 'ip', value: host })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: `${made.toString('pem')}\n`, key: await toPem(x509, keys.privateKey) };
}

export const certificates: Certificates = {
  makeAuthority,
  issue,
  fingerprint: (certificate) => createHash('sha256').update(parse(certificate).raw).digest('hex'),
  belong: async ({ certificate, key }) => parse(certificate).checkPrivateKey(createPrivateKey(key)),
};
