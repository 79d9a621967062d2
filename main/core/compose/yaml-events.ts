import {
  COLLECTION_STYLE,
  EVENT_ID,
  type Event,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE,
  YAMLException,
} from 'js-yaml';
import { MAX_DEPTH, TooMuch } from './limits.ts';

/*
 * YAML text as a flat run of events that know their places, which source.ts makes trees of. Two libraries give it:
 * `js-yaml` reads what keeps to the letter of YAML 1.2, in a fifth of the time; whatever it refuses goes to `yaml`
 * (yaml-lenient.ts), which takes what Docker's reader takes besides (a closing bracket at the margin) and says all
 * that is wrong, not only the first.
 */

/** What may stand before a node. `tag` in full: `!!str` is tag:yaml.org,2002:str. */
export interface Properties {
  /** Index into the text. */
  readonly offset: number;
  readonly anchor?: string | undefined;
  readonly tag?: string | undefined;
}
export interface ScalarEvent extends Properties {
  readonly is: 'scalar';
  /** Quotes, escapes and folding undone. */
  readonly text: string;
  /** Written without quotes, so that it may mean something else than text. */
  readonly plain: boolean;
}
export interface CollectionEvent extends Properties {
  readonly is: 'map' | 'list';
}
export interface AliasEvent {
  readonly is: 'alias';
  readonly offset: number;
  readonly name: string;
}
/** A map's events alternate between keys and values. `end` closes the collection that was opened last. */
export type YamlEvent = ScalarEvent | CollectionEvent | AliasEvent | { readonly is: 'end' };

/** Gives the next event; undefined after the last document. Between documents there is nothing. */
export type YamlEvents = () => YamlEvent | undefined;

const CORE = 'tag:yaml.org,2002:';

/** Handles of the document's `%TAG` lines. */
type Handles = Readonly<Record<string, string>>;

function fullTag(written: string, handles: Handles): string {
  if (written.startsWith('!<')) return written.slice(2, -1);
  const handle = /^![0-9A-Za-z-]*!/.exec(written)?.[0];
  if (handle === undefined) return written;
  return `${handles[handle] ?? CORE}${written.slice(handle.length)}`;
}

/** undefined: not YAML 1.2 to the letter. Throws TooMuch. */
export function readStrict(text: string): YamlEvents | undefined {
  const events = parse(text);
  if (events === undefined) return undefined;
  let handles: Handles = {};
  let next = 0;
  /** Where the latest thing that is written ends: what is not written stands after the `:` or `-` that follows. */
  let end = 0;

  const name = (event: { anchorStart: number; anchorEnd: number }) => text.slice(event.anchorStart, event.anchorEnd);
  const unwritten = (): number => {
    for (let at = end; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === 0x3a || code === 0x2d) return at + 1;
    }
    return text.length;
  };
  const place = (event: Event & { type: typeof EVENT_ID.SCALAR }): number => {
    if (event.valueStart < 0) return event.tagStart >= 0 ? event.tagStart : unwritten();
    const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
    return quoted ? event.valueStart - 1 : event.valueStart;
  };

  return () => {
    for (;;) {
      const event = events[next];
      next += 1;
      switch (event?.type) {
        case EVENT_ID.SCALAR: {
          const offset = place(event);
          if (event.valueEnd >= 0) end = event.valueEnd;
          return {
            is: 'scalar',
            text: getScalarValue(text, event),
            plain: event.style === SCALAR_STYLE.PLAIN,
            offset,
            anchor: event.anchorStart < 0 ? undefined : name(event),
            tag: event.tagStart < 0 ? undefined : fullTag(text.slice(event.tagStart, event.tagEnd), handles),
          };
        }
        case EVENT_ID.MAPPING:
        case EVENT_ID.SEQUENCE:
          end = event.start;
          return {
            is: event.type === EVENT_ID.MAPPING ? 'map' : 'list',
            offset: event.start,
            anchor: event.anchorStart < 0 ? undefined : name(event),
            tag: event.tagStart < 0 ? undefined : fullTag(text.slice(event.tagStart, event.tagEnd), handles),
          };
        case EVENT_ID.ALIAS:
          end = event.anchorEnd;
          return { is: 'alias', name: name(event), offset: event.anchorStart - 1 };
        case EVENT_ID.DOCUMENT:
          handles = Object.fromEntries(
            event.directives.flatMap((one) => (one.kind === 'tag' ? [[one.handle, one.prefix]] : [])),
          );
          break;
        case EVENT_ID.POP:
          return { is: 'end' };
        default:
          return undefined;
      }
    }
  };
}

function parse(text: string): readonly Event[] | undefined {
  try {
    const events = parseEvents(text, { maxDepth: MAX_DEPTH });
    for (let index = 0; index < events.length; index += 1) {
      if (isDoubtful(text, events[index] as Event, events[index + 1])) return undefined;
    }
    return events;
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    if (error.reason.startsWith('nesting exceeded')) {
      throw new TooMuch('the file is nested too deeply', error.mark?.position ?? 0);
    }
    return undefined;
  }
}

/** YAML 1.2, 7.4.2: so long may a key be at most that is not marked by `?`. */
const MAX_KEY = 1024;

/**
 * What js-yaml 5.5.0 lets pass though neither YAML nor Docker's reader does (tried): a mapping that begins behind an
 * anchor or tag on its key's line (`a: &x b: c`), and endless keys.
 */
function isDoubtful(text: string, event: Event, next: Event | undefined): boolean {
  if (event.type === EVENT_ID.SCALAR) {
    return (
      event.valueEnd - event.valueStart > MAX_KEY &&
      /^["']?[ \t]*:/.test(text.slice(event.valueEnd, event.valueEnd + 100))
    );
  }
  if (event.type !== EVENT_ID.MAPPING || event.style !== COLLECTION_STYLE.BLOCK) return false;
  if (next?.type !== EVENT_ID.SCALAR || (next.anchorStart < 0 && next.tagStart < 0)) return false;
  const line = Math.max(text.lastIndexOf('\n', event.start), text.lastIndexOf('\r', event.start)) + 1;
  return !/^(?:[ \t]|[-?:][ \t]|---[ \t])*$/.test(text.slice(line, event.start));
}
