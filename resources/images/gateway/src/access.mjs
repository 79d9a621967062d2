import { isIP } from 'node:net';

/*
 * A web page that somebody's browser visits can send requests here (DNS rebinding, a plain cross-site POST). They betray
 * themselves by their Host, a name of the page's own, or by their Origin. Rebinding needs a name, so an address may always stand
 * in Host: members reach a gateway by its server's address. https://modelcontextprotocol.io/specification/2025-06-18/basic/transports
 */

/**
 * @param {string | undefined} subjectAltName of the certificate, as node:crypto's X509Certificate gives it: `DNS:a, IP Address:…`
 * @returns {string[]} the names in it
 */
export const namesOf = (subjectAltName) =>
  [...(subjectAltName ?? '').matchAll(/(?:^|, )DNS:([a-z0-9.-]+)(?=,|$)/gi)].map((match) => match[1] ?? '');

/** @param {string | undefined} header @returns {string | undefined} without its port; undefined where it is no host */
function toHost(header) {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(header ?? '');
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}

/**
 * @param {{ hosts: readonly string[], origins: readonly string[] }} allowed names of this gateway; origins of web pages
 * @returns {(headers: import('node:http').IncomingHttpHeaders) => string | undefined} why a request may not pass
 */
export function createAccessCheck({ hosts, origins }) {
  const names = new Set(['localhost', ...hosts].map((name) => name.toLowerCase()));
  const pages = new Set(origins.map((origin) => origin.toLowerCase()));
  return ({ host, origin }) => {
    const name = toHost(host);
    if (name === undefined || (!names.has(name) && isIP(name) === 0)) {
      return `This gateway is not called ${JSON.stringify(host ?? '')} (GATEWAY_ALLOWED_HOSTS)`;
    }
    if (origin !== undefined && !pages.has(origin.toLowerCase())) {
      return `Web pages of ${JSON.stringify(origin)} may not ask this gateway (GATEWAY_ALLOWED_ORIGINS)`;
    }
    return undefined;
  };
}
