import * as z from 'zod';
import { hasMark, hiddenText } from '../opaque.ts';
import type { Raw } from '../plan/inherit.ts';
import { opaqueLabel } from '../plan/labels.ts';
import { looksSecret } from '../secrecy/judge.ts';
import { mayNameSecret } from '../secrecy/names.ts';
import type { StackSpecs } from './convert.ts';
import { newVersion, scaleLabel, stackImageLabel, stackLabel } from './names.ts';
import { labelsOf } from './spec-image.ts';
import type { Versions } from './versions.ts';

/*
 * What a deploy writes down so that anybody can go back to it: the files as they are written, for people, and what the Swarm
 * was asked for, for the way back. Values of the keychain are marks in both worlds; whatever else looks like a secret is
 * taken out, for a record outlives the value that it would have.
 */

const body = z.record(z.string(), z.unknown());
const version = z.object({
  /** Its key in the file; absent for an external one. */
  key: z.string().optional(),
  /** The name that the file gives it, and the one that services were given. */
  file: z.string(),
  name: z.string(),
});
const schema = z.object({
  format: z.literal(1),
  files: z.array(z.string()),
  services: z.record(z.string(), body),
  networks: z.array(z.object({ name: z.string(), body: body.optional() })),
  secrets: z.array(version),
  configs: z.array(version),
});

export type Deployed = z.infer<typeof schema>;

/** Texts that are shorter are in too many words; those are found by their names. */
const tellingLength = 6;

/** In the place of what is not recorded: noncharacters, as marks have them, and no mark. */
export const notRecorded = '\uFDD0\uFDD1';

const ownLabels = new Set([stackLabel, stackImageLabel, scaleLabel, opaqueLabel]);
const namedTexts = new Set(['Labels', 'Options', 'DriverOpts']);
const commands = new Set(['Command', 'Args', 'Test']);

const isObject = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);

interface Secrecy {
  /** Values of variables that are called as secrets are, wherever they were put. */
  readonly known: readonly string[];
  /** Told each text that is left out. */
  readonly hide: (text: string) => void;
}

/** The same without what looks like a secret. */
function withoutSecrets(value: unknown, secrecy: Secrecy, key = ''): unknown {
  const { known, hide } = secrecy;
  const hidden = (text: string): string => {
    hide(text);
    return notRecorded;
  };
  const hasKnown = (text: string): boolean => known.some((one) => one.length >= tellingLength && text.includes(one));
  const isSecret = (section: string, name: string, text: string): boolean =>
    text !== '' && (hasKnown(text) || (!hasMark(text) && looksSecret(`${section}.${name}`, text)));
  if (Array.isArray(value)) {
    if (key === 'Env') {
      return value.map(String).map((entry) => {
        const at = entry.indexOf('=');
        const [name, text] = [entry.slice(0, Math.max(at, 0)), entry.slice(at + 1)];
        return at > 0 && isSecret('environment', name, text) ? `${name}=${hidden(text)}` : entry;
      });
    }
    const words = value.filter((one) => typeof one === 'string');
    if (commands.has(key) && isSecret('command', '', words.join(' '))) {
      for (const word of words) hide(word);
      return [notRecorded];
    }
    return value.map((one) => withoutSecrets(one, secrecy));
  }
  if (typeof value === 'string') return hasKnown(value) ? hidden(value) : value;
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      typeof member === 'string' && namedTexts.has(key) && !ownLabels.has(name) && isSecret('labels', name, member)
        ? hidden(member)
        : withoutSecrets(member, secrecy, name),
    ]),
  );
}

/** From a word's beginning and not longer than names are: a long run of letters must not be tried from each of them. */
const assignment = /(?<![\w.-])([\w.-]{1,200})(["']?\s*[:=]\s*)("[^"\n]*"|'[^'\n]*'|[^\s"',{}[\]$]+)/g;

const reference = /^["']?\$(?:\w+|\{\w+\})["']?$/;

/** A file without the values in it: those that were hidden elsewhere, and what is assigned to a name that secrets have. */
function hideInFile(text: string, hidden: ReadonlySet<string>): string {
  let left = text;
  for (const line of [...hidden].flatMap((one) => one.split('\n').map((each) => each.trim()))) {
    if (line.length >= tellingLength) left = left.replaceAll(line, hiddenText);
  }
  return left.replace(assignment, (whole, name: string, between: string, value: string) =>
    mayNameSecret(name) && name !== 'secrets' && !reference.test(value) ? `${name}${between}${hiddenText}` : whole,
  );
}

/** What the Swarm was asked for; `files` are put in by `toRecorded`. */
export function toDeployed(specs: StackSpecs, bodies: ReadonlyMap<string, Raw>, versions: Versions): Deployed {
  const versionsOf = (kind: 'secrets' | 'configs') =>
    versions[kind].map(({ file, name }) => ({ ...(file.external ? {} : { key: file.key }), file: file.name, name }));
  return {
    format: 1,
    files: [],
    services: Object.fromEntries(bodies),
    networks: specs.networks.map(({ name, body }) => ({ name, ...(body === undefined ? {} : { body }) })),
    secrets: versionsOf('secrets'),
    configs: versionsOf('configs'),
  };
}

/** As it is kept. `files`: their texts. `values`: of variables and secrets that are known to be secret. */
export function toRecorded(deployed: Deployed, files: readonly string[], values: readonly string[] = []): Deployed {
  const hidden = new Set(values);
  const { services, networks } = deployed;
  const left = withoutSecrets({ services, networks }, { known: values, hide: (text) => hidden.add(text) });
  return {
    ...deployed,
    ...(left as Pick<Deployed, 'services' | 'networks'>),
    files: files.map((text) => hideInFile(text, hidden)),
  };
}

export const namesOfDeployed = ({ secrets, configs }: Deployed): readonly string[] =>
  [...secrets, ...configs].flatMap(({ key, name }) => (key === undefined ? [] : [name]));

/** Images that were asked for by name alone, as the file wrote them. */
export const imagesByName = ({ services }: Deployed): readonly string[] =>
  Object.values(services).flatMap((spec) => {
    const { ContainerSpec } = (spec.TaskTemplate ?? {}) as { readonly ContainerSpec?: { readonly Image?: string } };
    const written = labelsOf(spec)[stackImageLabel];
    return written === undefined || /@sha256:|^sha256:/.test(ContainerSpec?.Image ?? '') ? [] : [written];
  });

/** `record`: the config's name, whose suffix the versions share that were made by the same deploy. undefined: not ours to read. */
export function parseDeployed(text: string, record: string): Deployed | undefined {
  const suffix = record.slice(record.lastIndexOf('-') + 1);
  try {
    return schema.parse(JSON.parse(text.replaceAll(newVersion, suffix)));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}
