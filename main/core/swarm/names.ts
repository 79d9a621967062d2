/*
 * Names and labels of what belongs to a stack, as docker's own `docker stack` writes them (seen with CLI 28.5.2), and ours
 * beside them. Ours are only on objects that `docker stack` cannot make, or that it never compares.
 */
export const stackLabel = 'com.docker.stack.namespace';
/** On a service: the image as the file writes it. */
export const stackImageLabel = 'com.docker.stack.image';
/** On a secret or config of ours: its key in the file. */
export const keyLabel = 'io.claude-env.key';
/** On a secret: where its value was taken from (`file`, `environment NAME`, …), never the value. */
export const sourceLabel = 'io.claude-env.source';
/** On a secret: who set it, `anna@laptop`. */
export const setByLabel = 'io.claude-env.set-by';
/** On a secret: the salted scrypt of its value. */
export const sealLabel = 'io.claude-env.seal';

/** `stack_key` unless the file names it. */
export const toScopedName = (stack: string, key: string): string => `${stack}_${key}`;
/** The key again; the whole name of what came into the stack by its label alone. */
export const toKey = (stack: string, name: string): string =>
  name.startsWith(`${stack}_`) ? name.slice(stack.length + 1) : name;

/** On a service: replicas that somebody chose by hand, so that later deploys know. `docker stack` takes it away, as it does the replicas. */
export const scaleLabel = 'io.claude-env.scale';

/** On a service that is a job of a deploy: `migrate` or `smoke`. */
export const jobLabel = 'io.claude-env.job';

/** Where a random suffix goes when the plan is carried out: a noncharacter of Unicode, as the marks of values are (opaque.ts). */
export const newVersion = '\uFDD2';
/** Where the time of the deploy goes. */
export const deployTime = '\uFDD3';
/** For people, as long as neither is known. */
export const showVersions = <T>(value: T): T => withVersion(value, '<new>', '<now>');
/** Puts suffix and time in, wherever they stand. */
export function withVersion<T>(value: T, suffix: string, time: string): T {
  return JSON.parse(JSON.stringify(value).replaceAll(newVersion, suffix).replaceAll(deployTime, time)) as T;
}

/** On the config that says who deployed what; `.who`, `.at`, `.hash`, `.changes` beside it. */
export const recordLabel = 'io.claude-env.deploy';

const domains = /^(?:docker\.io|index\.docker\.io)\//;

/** As docker's client writes it into a spec: without Docker Hub's own prefixes, with a tag. */
export function toFamiliarImage(image: string): string {
  const short = image.replace(domains, '');
  const familiar = /^library\/[^/]+$/.test(short) ? short.slice('library/'.length) : short;
  return /@sha256:|:[^/]+$/.test(familiar) ? familiar : `${familiar}:latest`;
}

/** `name:tag@sha256:…` */
export const withDigest = (image: string, digest: string): string =>
  image.includes('@') ? image : `${toFamiliarImage(image)}@${digest}`;
export const withoutDigest = (image: string): string => image.replace(/@sha256:[0-9a-f]+$/, '');

/** On the config whose being there says that somebody deploys. It is no object of the stack: `docker stack rm` leaves it. */
export const leaseLabel = 'io.claude-env.lease';
export const leaseName = (stack: string): string => `claude-env-lease-${stack}`;
