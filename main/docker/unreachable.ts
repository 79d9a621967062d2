import type { AppError } from '../../preload/contract/errors.ts';
import { type Endpoint, formatEndpoint } from './endpoint.ts';
import { sentenceOf } from './errors.ts';
import { SshFailure } from './ssh-dial.ts';

/*
 * Why an engine cannot be reached, precisely, and what to do. One sentence each for the person who has to mend it.
 */

type Unreachable = Pick<AppError, 'message' | 'hint' | 'detail'>;

const codeOf = (error: unknown): string => {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
};

/** OpenSSL's own words, without the file names and numbers of its source around them. */
const reasonOf = (error: unknown): string | undefined =>
  error instanceof Error && 'reason' in error && typeof error.reason === 'string' && codeOf(error) !== ''
    ? error.reason
    : undefined;

const networkCodes = new Set([
  'ENOENT',
  'EACCES',
  'EPERM',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTSOCK',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPROTO',
]);
const networkCalls = new Set(['connect', 'read', 'write', 'getaddrinfo']);
const tlsCode = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|HPE_)/;

/** The way to the engine failed (as opposed to: the engine answered with a refusal, or a file of ours is missing). */
export function isConnectionError(error: unknown): boolean {
  if (error instanceof SshFailure) return true;
  const code = codeOf(error);
  if (code === 'ECONNRESET' || tlsCode.test(code)) return true;
  if (!networkCodes.has(code) || !(error instanceof Error)) return false;
  return 'syscall' in error && typeof error.syscall === 'string' && networkCalls.has(error.syscall);
}

const startHint = (platform: string): string =>
  platform === 'linux'
    ? 'Start Docker: `sudo systemctl start docker`, or open Docker Desktop.'
    : 'Open Docker Desktop (or whatever runs your engine) and wait until it says it is running.';

function describeSocket(path: string, code: string, platform: string): Unreachable | undefined {
  switch (code) {
    case 'ENOENT':
      return { message: `No engine is running: there is no ${path}.`, hint: startHint(platform) };
    case 'EACCES':
    case 'EPERM':
      return {
        message: `You may not use ${path}.`,
        hint:
          platform === 'linux'
            ? 'Join the group docker (`sudo usermod -aG docker $USER`), then log out and in again.'
            : 'Give your user access to it, or choose another docker context.',
      };
    case 'ECONNREFUSED':
      return {
        message: `Nothing answers at ${path}: the engine that left it is not running.`,
        hint: startHint(platform),
      };
    case 'ENOTSOCK':
      return { message: `${path} is no socket.`, hint: 'Correct DOCKER_HOST or the docker context.' };
    default:
      return undefined;
  }
}

function describeTcp(
  { host, port }: { host: string; port: number },
  code: string,
  sentence: string,
): Unreachable | undefined {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        message: `The name ${host} cannot be resolved.`,
        hint: 'Check the name in the docker context, and the network or VPN.',
      };
    case 'ECONNREFUSED':
      return { message: `${host} refuses connections on port ${port}.`, hint: 'Check that the engine listens there.' };
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'EHOSTDOWN':
    case 'ENETUNREACH':
    case 'ENETDOWN':
      return { message: `${host} does not answer on port ${port}.`, hint: 'Check the network, VPN and firewalls.' };
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return { message: `The certificate of ${host} is for another name.`, hint: sentence };
    case 'CERT_HAS_EXPIRED':
      return { message: `The certificate of ${host} has expired.`, hint: 'The engine’s administrator must renew it.' };
    default:
      return undefined;
  }
}

const tlsHint =
  'Check ca.pem, cert.pem and key.pem of the docker context (or DOCKER_CERT_PATH), and DOCKER_TLS_VERIFY.';

function describeTls(target: string, code: string, sentence: string): Unreachable | undefined {
  if (/HTTP request to an HTTPS server/i.test(sentence)) {
    return {
      message: `${target} wants TLS.`,
      hint: 'Set DOCKER_TLS_VERIFY=1, or give the docker context its certificates.',
    };
  }
  if (/certificate required|bad certificate/i.test(sentence)) {
    return { message: `${target} wants a certificate of yours, and a valid one: ${sentence}.`, hint: tlsHint };
  }
  if (code === 'ECONNRESET') {
    return { message: `${target} closes the connection without an answer.`, hint: 'Check the port; it may want TLS.' };
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_') || tlsCode.test(code)) {
    return { message: `No trusted TLS connection to ${target}: ${sentence}.`, hint: tlsHint };
  }
  return undefined;
}

const sshHints: readonly (readonly [RegExp, string])[] = [
  [/host key verification failed/i, 'Connect once with `ssh` in a terminal and accept the host’s key.'],
  [/permission denied \(/i, 'Load your key with `ssh-add`; a passphrase or password cannot be asked for here.'],
  [/could not resolve hostname/i, 'Check the host’s name in the docker context or in ~/.ssh/config.'],
  [
    /connection (refused|timed out)|no route to host|network is unreachable/i,
    'Check the network, VPN and the ssh port.',
  ],
  [
    /docker: (command )?not found|not recognized/i,
    'Install the docker command on that machine; it carries the connection.',
  ],
  [
    /permission denied while trying to connect/i,
    'That user may not use Docker over there: add it to the group docker.',
  ],
  [/cannot connect to the docker daemon/i, 'ssh works, but no engine is running on that machine.'],
  [/could not be started/i, 'Install an ssh client (OpenSSH) and make sure that `ssh` is on the PATH.'],
];

function describeSsh(target: string, failure: SshFailure): Unreachable {
  const hint = sshHints.find(([pattern]) => pattern.test(failure.words))?.[1];
  return { message: `${target}: ${failure.message}`, ...(hint && { hint }), detail: failure.words };
}

/** ssh will give the same answer until somebody does something: trying again by ourselves could get the user locked out. */
export const isHopeless = (error: unknown): boolean =>
  error instanceof SshFailure &&
  /permission denied \(|host key verification failed|could not be started/i.test(error.words);

/** The error of an engine whose connection failed. */
export function describeUnreachable(endpoint: Endpoint, error: unknown, platform: string): AppError {
  const target = formatEndpoint(endpoint);
  const code = codeOf(error);
  const sentence = (reasonOf(error) ?? sentenceOf(error)).replace(/[.\s]+$/, '');
  const found =
    error instanceof SshFailure
      ? describeSsh(target, error)
      : endpoint.kind === 'unix' || endpoint.kind === 'npipe'
        ? describeSocket(endpoint.path, code, platform)
        : ((endpoint.kind === 'tcp' ? describeTcp(endpoint, code, sentence) : undefined) ??
          describeTls(target, code, sentence));
  return {
    code: 'engine.unreachable',
    retry: true,
    ...(found ?? {
      message: `${target} cannot be used: ${sentence}.`,
      hint: '`docker version` shows whether it works there.',
    }),
  };
}

/** The engine took the connection but no answer came. */
export const describeSilence = (endpoint: Endpoint, seconds: number): AppError => ({
  code: 'engine.unreachable',
  message: `${formatEndpoint(endpoint)} does not answer (waited ${seconds} s).`,
  hint: 'The engine may hang or be overloaded; look at its log, or restart it.',
  retry: true,
});
