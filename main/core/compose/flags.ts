import type { Diagnostic } from '../../../preload/contract/errors.ts';
import { type Platform, pathsOf } from '../paths.ts';
import { decodeService } from './decode.ts';
import type { Mount, Port } from './project.ts';
import { createReporter } from './report.ts';
import type { ShortContext } from './schema/kinds.ts';
import { service as serviceKind } from './schema/service.ts';
import { expandPort } from './short/ports.ts';
import { expandVolume, finishVolume } from './short/volumes.ts';
import { list, mapOf, type Node, type ScalarNode } from './tree.ts';

/* Short forms that are written on a command line (`run -p 80:80 -v ./x:/x`): the file's own syntax, read by the same code. */

export interface FlagOptions {
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  readonly platform: Platform;
  /** Folder that relative sources of binds are below. Absolute. */
  readonly baseDir: string;
}

export interface ParsedFlags {
  readonly ports: readonly Port[];
  readonly volumes: readonly Mount[];
  /** Each names the flag as its file. */
  readonly diagnostics: readonly Diagnostic[];
}

const maxPorts = 65_536;

export function parseFlags({ ports, volumes, platform, baseDir }: FlagOptions): ParsedFlags {
  const reporter = createReporter();
  let room = maxPorts;
  const context: ShortContext = {
    reporter,
    paths: pathsOf(platform),
    path: [],
    home: undefined,
    takePorts: (count) => {
      room -= count;
      return room >= 0;
    },
  };
  const toNode = (flag: string, value: string): ScalarNode => ({
    kind: 'scalar',
    value,
    source: { file: flag, text: value, baseDir },
    offset: 0,
  });
  const portNodes = ports.flatMap((text) => expandPort(toNode('--publish', text), context) ?? []);
  const volumeNodes = volumes.flatMap((text): readonly Node[] => {
    const long = expandVolume(toNode('--volume', text), context);
    return long?.kind === 'map' ? [finishVolume(long, context)] : [];
  });
  const at = toNode('--publish', '');
  const service = decodeService(
    'run',
    mapOf({ ports: list(portNodes, at), volumes: list(volumeNodes, at) }, at),
    serviceKind,
  );
  return { ports: service.ports ?? [], volumes: service.volumes ?? [], diagnostics: reporter.diagnostics() };
}
