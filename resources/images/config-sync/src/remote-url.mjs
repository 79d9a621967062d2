// The address of the team's repository: what kind it is, and how it may be shown. Pure.

/** Protocols that a setting may allow, and those that need none. Never git's own `ext::`, which runs a command. */
export const knownProtocols = ['https', 'ssh', 'http', 'file'];
export const usualProtocols = ['https', 'ssh'];

/** @typedef {{protocol: string, url: string, host: string, shown: string}} Remote `shown` has neither user nor password; `host` no usual port */
/** @typedef {{code: string, message: string, hint?: string}} Problem */

/**
 * @param {string | undefined} text GIT_REPO: a URL, or the short form of ssh, `git@host:team/config.git`
 * @param {readonly string[]} [allowed] protocols
 * @returns {{remote: Remote} | {problem: Problem}}
 */
export function parseRemote(text, allowed = usualProtocols) {
  const given = text?.trim() ?? '';
  if (given === '') return { problem: none };
  // A leading dash would be read as an option, `name::` as a helper to run.
  if (/^-|[\s\p{C}]/u.test(given) || /^[a-z0-9+.-]+::/i.test(given))
    return refuse('this is no address of a repository');
  const url = toUrl(given);
  if (url === null) return refuse('this is no address of a repository', 'Such as https://host/team/config.git.');
  const protocol = url.protocol.slice(0, -1);
  if (!allowed.includes(protocol)) {
    return refuse(`${protocol} is not allowed here`, `Use ${allowed.join(' or ')}.`);
  }
  // Everybody who may look at the service sees its environment, so that a password there is none.
  if (url.password !== '') {
    return refuse(
      'the address carries a password',
      'Put it into the secret deploy-key, and leave the user in the address.',
    );
  }
  if (protocol !== 'file' && (url.hostname === '' || url.hostname.startsWith('-')))
    return refuse('the address names no host');
  if (url.search !== '' || url.hash !== '') return refuse('the address has a ? or a #');
  const shown = `${url.protocol}//${url.host}${url.pathname}`;
  // As it was given: the short form starts in the user's home, a URL at the root.
  return { remote: { protocol, url: given, host: url.host, shown } };
}

const none = {
  code: 'remote.none',
  message: 'The team has no repository for its configuration.',
  hint: 'Set GIT_REPO to its address.',
};

/** @param {string} given */
function toUrl(given) {
  // The short form has no scheme, and a colon before the first slash.
  const short = /^(?:([^@:/]+)@)?([^@:/]+):(?!\/\/)(.+)$/.exec(given);
  const text = short ? `ssh://${short[1] ? `${short[1]}@` : ''}${short[2]}/${short[3]?.replace(/^\//, '')}` : given;
  return URL.canParse(text) ? new URL(text) : null;
}

/**
 * @param {string} message
 * @param {string} [hint]
 * @returns {{problem: Problem}}
 */
const refuse = (message, hint) => ({
  problem: { code: 'remote.invalid', message: `GIT_REPO: ${message}`, ...(hint === undefined ? {} : { hint }) },
});

/**
 * Any text of git's, without the user and the password of the addresses in it.
 * @param {string} text
 */
export const withoutCredentials = (text) => text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@'"]*@/gi, '$1');
