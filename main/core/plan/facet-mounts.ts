import { stable } from './facet-text.ts';
import type { Raw } from './inherit.ts';

/*
 * Mounts are written in two ways, as strings (HostConfig.Binds) and as objects (HostConfig.Mounts), and which one a
 * program takes says nothing about the mount. Both become one text by target: `bind /src (ro)`, `volume data`.
 */

const record = (value: unknown): Raw => (typeof value === 'object' && value !== null ? (value as Raw) : {});

/** `source:target[:options]`; a path on Windows has a colon of its own. */
const bindPattern = /^((?:[A-Za-z]:[\\/])?[^:]*):((?:[A-Za-z]:[\\/])?[^:]+)(?::(.*))?$/;

/** A volume that nobody named has a name of the engine's making. */
const isAnonymous = (source: string): boolean => source === '' || /^[0-9a-f]{64}$/.test(source);

const isPath = (source: string): boolean => /^([/~.\\]|[A-Za-z]:[\\/])/.test(source);

export const anonymousVolume = 'volume';

export function mountFacets(hostConfig: Raw): ReadonlyMap<string, string> {
  const facets = new Map<string, string>();
  for (const bind of Array.isArray(hostConfig.Binds) ? hostConfig.Binds.map(String) : []) {
    const match = bindPattern.exec(bind);
    if (match === null) {
      facets.set(bind, anonymousVolume);
      continue;
    }
    const [, source = '', target = '', options = ''] = match;
    const words = options
      .split(',')
      .filter((word) => word !== '' && word !== 'rw' && word !== 'ro' && word !== 'z' && word !== 'Z');
    const type = isPath(source) ? 'bind' : 'volume';
    facets.set(target, text(type, source, options.split(',').includes('ro'), words.join(',')));
  }
  for (const mount of Array.isArray(hostConfig.Mounts) ? hostConfig.Mounts.map(record) : []) {
    const options = Object.entries(mount)
      .filter(([key]) => key.endsWith('Options'))
      .map(([, value]) => withoutCreation(record(value)))
      .map(stable)
      .filter((one) => one !== '{}');
    const source = String(mount.Source ?? '');
    facets.set(String(mount.Target), text(String(mount.Type), source, mount.ReadOnly === true, options.join(' ')));
  }
  return facets;
}

/** Whether a missing folder is made says nothing about the mount once it is there. */
const withoutCreation = ({ CreateMountpoint: _made, ...options }: Raw): Raw => options;

function text(type: string, source: string, readOnly: boolean, options: string): string {
  const name = type === 'volume' && isAnonymous(source) ? '' : ` ${source}`;
  return `${type}${name === ' ' ? '' : name}${readOnly ? ' (ro)' : ''}${options === '' ? '' : ` ${options}`}`;
}
