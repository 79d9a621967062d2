// How git is called. Pure: arguments and an environment. The repository's owner is not trusted, and the remote is not
// either: nothing of what they send may choose a program, an address, a file or an amount.

/** Settings that hold for every call; the command line's weigh more than those of any file. */
const hardened = {
  // What git would start by itself.
  'core.hooksPath': '/dev/null',
  'core.fsmonitor': 'false',
  'core.pager': 'cat',
  'credential.helper': '',
  'gpg.program': '/bin/false',
  'gpg.x509.program': '/bin/false',
  'gpg.format': 'ssh',
  'gpg.ssh.program': 'ssh-keygen',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  // What is checked: each object that comes, and a signature by the signers of our file alone.
  'fetch.fsckObjects': 'true',
  'transfer.fsckObjects': 'true',
  'core.symlinks': 'false',
  'core.protectHFS': 'true',
  'core.protectNTFS': 'true',
  // Nothing is ever checked out, so that no attribute or filter (LFS) has a say; nor is another repository fetched.
  'core.attributesFile': '/dev/null',
  'submodule.recurse': 'false',
  'fetch.recurseSubmodules': 'false',
  'transfer.bundleURI': 'false',
  'transfer.credentialsInUrl': 'die',
  // The volume may have been filled by another user, and the repositories in it are our own.
  'safe.directory': '*',
  // A fetch is one file, which the limit on a file's size can end; and big ones are not read into memory.
  'fetch.unpackLimit': '1',
  'fetch.writeCommitGraph': 'false',
  'core.bigFileThreshold': '1m',
  'pack.threads': '1',
  'core.packedGitLimit': '128m',
  // A connection that stands still is given up before the time limit.
  'http.lowSpeedLimit': '1000',
  'http.lowSpeedTime': '20',
};

/** @param {Readonly<Record<string, string>>} settings */
const toFlags = (settings) => Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);

/**
 * @typedef {object} GitPlace
 * @property {string} fetchFolder the bare repository that fetches
 * @property {string} readFolder the one that reads the other's objects. It knows of no remote, so that a file that was
 *   left out of a fetch is missing: in the first, git would go and fetch it
 * @property {readonly string[]} protocols
 * @property {string} allowedSigners a file, which may not exist
 * @property {string} knownHosts a file
 * @property {string | null} deployKey a file
 * @property {string} askpass a program
 * @property {string} passwordHost where the key is shown as a password: `host` or `host:port`
 */

/**
 * @param {GitPlace} place
 * @param {'fetch' | 'read'} way
 * @param {{settings?: Readonly<Record<string, string>>, args: readonly string[]}} call
 * @returns {readonly string[]}
 */
export const toGitArgs = (place, way, { settings = {}, args }) => [
  '--no-pager',
  ...toFlags({
    ...settings,
    ...hardened,
    'gpg.ssh.allowedSignersFile': place.allowedSigners,
    'protocol.allow': 'never',
    ...(way === 'fetch' ? Object.fromEntries(place.protocols.map((name) => [`protocol.${name}.allow`, 'always'])) : {}),
  }),
  ...args,
];

/** Of the service's own environment: where programs are, and the way out of the network. */
const passed = [
  'PATH',
  'TMPDIR',
  'GIT_SSL_CAINFO',
  ...['http_proxy', 'https_proxy', 'no_proxy'].flatMap((name) => [name, name.toUpperCase()]),
];

/**
 * @param {GitPlace} place
 * @param {'fetch' | 'read'} way
 * @param {Readonly<Record<string, string | undefined>>} env the service's
 * @returns {Record<string, string>}
 */
export function toGitEnvironment(place, way, env) {
  const kept = passed.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name] ?? '']]));
  return {
    ...Object.fromEntries(kept),
    LC_ALL: 'C',
    HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_PROTOCOL_FROM_USER: '0',
    GIT_DIR: way === 'fetch' ? place.fetchFolder : place.readFolder,
    GIT_OBJECT_DIRECTORY: `${place.fetchFolder}/objects`,
    ...(way === 'fetch' ? toRemoteEnvironment(place) : { GIT_ALLOW_PROTOCOL: '' }),
  };
}

/** @param {GitPlace} place @returns {Record<string, string>} */
const toRemoteEnvironment = (place) => ({
  GIT_ALLOW_PROTOCOL: place.protocols.join(':'),
  GIT_ASKPASS: place.deployKey === null ? '/bin/false' : place.askpass,
  ...(place.deployKey === null
    ? {}
    : { CONFIG_SYNC_PASSWORD_FILE: place.deployKey, CONFIG_SYNC_PASSWORD_HOST: place.passwordHost }),
  GIT_SSH_VARIANT: 'ssh',
  GIT_SSH_COMMAND: toSshCommand(place),
});

/**
 * Git hands this line to sh; the files' names are the image's own or the stack's.
 * @param {{knownHosts: string, deployKey: string | null}} files
 */
export function toSshCommand({ knownHosts, deployKey }) {
  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${knownHosts}`,
    'GlobalKnownHostsFile=/dev/null',
    'UpdateHostKeys=no',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    `IdentityFile=${deployKey ?? 'none'}`,
    'ForwardAgent=no',
    'ClearAllForwardings=yes',
    'PermitLocalCommand=no',
    'ConnectTimeout=15',
    'ServerAliveInterval=10',
    'ServerAliveCountMax=3',
  ];
  return ['ssh', '-F', '/dev/null', ...options.flatMap((option) => ['-o', quote(option)])].join(' ');
}

/** @param {string} word */
const quote = (word) => `'${word.replaceAll("'", "'\\''")}'`;

/**
 * Limits that the kernel holds, whatever git or its helpers do: a file's size (a pack that grows past it ends the
 * fetch before it fills the disk), memory, processor time; and that git ends with the service.
 * @param {{fileBytes: number, seconds: number}} limits
 * @returns {readonly string[]} to put before the command, on Linux
 */
export const toLimiter = ({ fileBytes, seconds }) => [
  'setpriv',
  '--pdeathsig',
  'KILL',
  '--',
  'prlimit',
  `--fsize=${fileBytes}`,
  `--as=${2 * 1024 ** 3}`,
  `--cpu=${seconds}`,
  '--core=0',
  '--',
];
