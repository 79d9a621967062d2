import { createHash } from 'node:crypto';
import { toConfig } from '../../../core/compose/config.ts';
import type { Project, Service } from '../../../core/compose/project.ts';
import { toYaml } from '../../../core/compose/yaml-text.ts';
import { configHash } from '../../../core/plan/config-hash.ts';
import { invalidFile } from '../../../services/stacks.ts';
import { exitCodes } from '../exit-codes.ts';
import { diagnosticText } from '../present/errors.ts';
import { columns } from '../present/table.ts';
import { type Command, usage } from '../run.ts';
import { requirePrepared } from './first-run.ts';

export interface ConfigCommandOptions {
  readonly format: 'yaml' | 'json';
  /** Only these services are printed or hashed; none: all. */
  readonly names: readonly string[];
  /** What to list instead of the whole project. */
  readonly list?: 'services' | 'volumes' | 'networks' | 'images' | 'profiles' | 'hash';
  readonly quiet: boolean;
}

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
const unique = (values: Iterable<string>): readonly string[] => [...new Set(values)].sort();

/** The engine gives a built service without `image` the name that docker compose gives it. */
const imageOf = (project: Project, service: Service): string => service.image ?? `${project.name}-${service.name}`;

function listed(project: Project, what: Exclude<ConfigCommandOptions['list'], undefined | 'hash'>): readonly string[] {
  const services = [...project.services.values()];
  switch (what) {
    case 'services':
      return unique(project.services.keys());
    case 'volumes':
      return unique(project.volumes.keys());
    case 'networks':
      return unique(project.networks.keys());
    case 'images':
      return unique(services.map((service) => imageOf(project, service)));
    case 'profiles':
      return unique([...services, ...project.inactive.values()].flatMap(({ profiles }) => profiles ?? []));
  }
}

/** The project as it is understood: merged, interpolated, in the long form. Asks no engine. */
export const config =
  (options: ConfigCommandOptions): Command =>
  async (context) => {
    const { io, services, target } = context;
    await requirePrepared(context);
    // Which engine is meant changes nothing in a file of one's own, so none is waited for.
    const engine = target.engine ?? services.engines.preferred() ?? 'none';
    const { project: loaded, diagnostics, files } = await services.stacks.load({ ...target, engine });
    if (loaded === undefined) throw invalidFile(diagnostics, files);
    for (const diagnostic of diagnostics) io.warn(diagnosticText(diagnostic, io.paint));
    const wrong = options.names.filter((name) => !loaded.services.has(name));
    if (wrong.length > 0) {
      throw usage(`There is no service ${wrong.join(', ')}.`, `It has: ${[...loaded.services.keys()].join(', ')}.`);
    }
    const chosen = [...loaded.services].filter(([name]) => options.names.length === 0 || options.names.includes(name));
    const project: Project = { ...loaded, services: new Map(chosen) };
    if (options.quiet) return exitCodes.done;

    if (options.list === 'hash') {
      const hashes = [...project.services.values()].map(
        // `docker compose config --hash` leaves out where labels come from; the label on containers does not.
        ({ label_file: _files, ...service }) => [service.name, configHash(service, sha256)] as const,
      );
      io.data(Object.fromEntries(hashes));
      io.say(columns(hashes, '').join('\n'));
    } else if (options.list !== undefined) {
      const names = listed(project, options.list);
      io.data(names);
      if (names.length > 0) io.say(names.join('\n'));
    } else if (io.json) {
      io.data(toConfig(project, { format: 'json' }));
    } else {
      const plain = toConfig(project, { format: options.format });
      io.raw(options.format === 'json' ? `${JSON.stringify(plain, undefined, 2)}\n` : toYaml(plain));
    }
    return exitCodes.done;
  };
