import type * as z from 'zod';
import { AppFailure } from '../../core/app-failure.ts';
import { parseJson } from '../../core/parse-json.ts';
import {
  expiredCertificate,
  lostAnswer,
  otherCertificate,
  strangeAnswer,
  type Tried,
  toAppError,
  unreachable,
} from '../../core/team-services/failures.ts';
import type { TeamAnswer, TeamCall, TeamLink, TeamLive, TeamPlace, TeamSilence, TeamSocket } from '../ports.ts';

/** Whom to ask, and as whom. */
export interface Caller {
  readonly team: string;
  readonly addresses: readonly string[];
  readonly ca: string;
  /** A secret. */
  readonly token?: string;
}

type Answered = Extract<TeamAnswer, { kind: 'answer' }>;

const readJson = (bytes: Uint8Array): unknown => parseJson(new TextDecoder().decode(bytes));

/**
 * Asks a team's services at the address that answered last, and at the next one where nothing could be sent. What may have
 * arrived is not sent again, unless asking twice is asking once. Every failure is an AppFailure, mostly `team.*`.
 */
export function createTeamClient({ link }: { readonly link: TeamLink }) {
  /** By CA: the address that answered last. */
  const best = new Map<string, string>();
  /** By CA: when the certificate ends that was shown last, milliseconds since the epoch. */
  const ends = new Map<string, number>();

  const inOrder = ({ addresses, ca }: Caller): readonly string[] => {
    const first = best.get(ca);
    return first === undefined || !addresses.includes(first)
      ? addresses
      : [first, ...addresses.filter((address) => address !== first)];
  };
  const placeAt = (address: string, { ca, token }: Caller): TeamPlace => ({
    address,
    ca,
    ...(token === undefined ? {} : { token }),
  });
  /** An address where somebody else answers is passed by: another may be the team. It is said when none is. */
  const failure = (caller: Caller, tried: readonly (Tried & Pick<TeamSilence, 'kind'>)[]): AppFailure => {
    const other = tried.find(({ kind }) => kind === 'other');
    const expired = tried.find(({ kind }) => kind === 'expired');
    if (other === undefined && expired !== undefined) return new AppFailure(expiredCertificate(caller.team, expired));
    return new AppFailure(other ? otherCertificate(caller.team, other) : unreachable(caller.team, tried));
  };

  const send = async (caller: Caller, call: TeamCall, signal?: AbortSignal): Promise<Answered> => {
    const tried: (Tried & Pick<TeamSilence, 'kind'>)[] = [];
    for (const address of inOrder(caller)) {
      const answer = await link.request(placeAt(address, caller), call, signal);
      if (answer.kind === 'answer') {
        best.set(caller.ca, address);
        if (answer.certificateEnds !== undefined) ends.set(caller.ca, answer.certificateEnds);
        return answer;
      }
      const { why } = answer;
      if (answer.kind === 'lost' && call.method === 'POST') {
        throw new AppFailure(lostAnswer(caller.team, { address, why }));
      }
      tried.push({ kind: answer.kind === 'lost' ? 'unreachable' : answer.kind, address, why });
    }
    throw failure(caller, tried);
  };

  return {
    /** The one that answered last, or is asked first. */
    addressOf: (caller: Caller): string => inOrder(caller)[0] ?? '',
    /** When the certificate ends that was shown last; undefined: nobody has answered yet. */
    certificateEnds: ({ ca }: Caller): number | undefined => ends.get(ca),
    /** The answer's JSON, as the schema has it. */
    ask: async <T extends z.ZodType>(
      caller: Caller,
      call: TeamCall,
      schema: T,
      signal?: AbortSignal,
    ): Promise<z.infer<T>> => {
      const { status, body, retryAfter } = await send(caller, call, signal);
      const json = readJson(body);
      if (status < 200 || status > 299) {
        const after = retryAfter === undefined ? {} : { retryAfter };
        throw new AppFailure(toAppError({ status, body: json, ...after }, caller.team));
      }
      const parsed = schema.safeParse(json);
      if (parsed.success) return parsed.data;
      throw new AppFailure(strangeAnswer(caller.team, `${call.method} ${call.path}`));
    },
    /** For answers of which nothing is wanted. */
    tell: async (caller: Caller, call: TeamCall, signal?: AbortSignal): Promise<void> => {
      const { status, body, retryAfter } = await send(caller, call, signal);
      if (status >= 200 && status <= 299) return;
      const after = retryAfter === undefined ? {} : { retryAfter };
      throw new AppFailure(toAppError({ status, body: readJson(body), ...after }, caller.team));
    },
    /** The live stream, at the first address that lets it open. */
    open: async (
      caller: Caller,
      live: TeamLive,
      signal?: AbortSignal,
    ): Promise<{ readonly socket: TeamSocket; readonly address: string }> => {
      const tried: (Tried & Pick<TeamSilence, 'kind'>)[] = [];
      for (const address of inOrder(caller)) {
        const answer = await link.open(placeAt(address, caller), live, signal);
        if (answer.kind === 'open') {
          best.set(caller.ca, address);
          return { socket: answer.socket, address };
        }
        if (answer.kind === 'refused' && (answer.status === 401 || answer.status === 403)) {
          throw new AppFailure(toAppError({ status: answer.status, body: undefined }, caller.team));
        }
        const why = answer.kind === 'refused' ? `it answers with ${answer.status}` : answer.why;
        tried.push({ kind: answer.kind === 'refused' ? 'unreachable' : answer.kind, address, why });
      }
      throw failure(caller, tried);
    },
  };
}
export type TeamClient = ReturnType<typeof createTeamClient>;
