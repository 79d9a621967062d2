import type { TeamAnswer, TeamCall, TeamLink, TeamLive, TeamPlace } from '../../main/services/ports.ts';

const silent = { kind: 'unreachable', why: 'nobody is there' } as const;
/** Nobody answers, wherever it is asked. */
export const nobodyThere: TeamLink = {
  fetchCa: async () => silent,
  request: async () => silent,
  open: async () => silent,
};

/** A team's services in memory: what an address does, and what the controller behind all of them answers. */
export interface FakeServices extends TeamLink {
  /** `METHOD path`, with its body and the address that it came to. */
  readonly asked: {
    readonly call: string;
    readonly address: string;
    readonly body: unknown;
    readonly token?: string;
  }[];
  /** By address: what stands in the way there. */
  readonly broken: Map<string, 'silent' | 'other' | 'lost'>;
  /** By `METHOD path` below /api/v1: a status and a body, or a body with 200. */
  readonly answers: Map<string, unknown>;
  readonly streams: { readonly live: TeamLive; readonly address: string; readonly sent: unknown[]; closed: boolean }[];
  /** Status of an upgrade that is refused. */
  refuse?: number;
  /** What `/ca.pem` has. */
  readonly ca: { pem: string; sha256: string };
  /** A message to the stream that is open. */
  readonly tell: (message: unknown) => void;
  readonly drop: (code?: number) => void;
}

export const status = (code: number, body: unknown = {}) => ({ status: code, body });
const isStatus = (value: unknown): value is ReturnType<typeof status> =>
  typeof value === 'object' && value !== null && 'status' in value && 'body' in value;

export function createFakeServices(ca: { pem: string; sha256: string }): FakeServices {
  const fake: FakeServices = {
    asked: [],
    broken: new Map(),
    answers: new Map(),
    streams: [],
    ca,
    fetchCa: async (address) => (fake.broken.get(address) === 'silent' ? silent : { kind: 'ca', ...fake.ca }),
    request: async (place: TeamPlace, { method, path, body }: TeamCall): Promise<TeamAnswer> => {
      const broken = fake.broken.get(place.address);
      if (broken === 'silent') return silent;
      if (broken === 'other') return { kind: 'other', why: 'another CA' };
      const call = `${method} ${path.replace('/api/v1/', '')}`;
      const token = place.token === undefined ? {} : { token: place.token };
      fake.asked.push({ call, address: place.address, body, ...token });
      if (broken === 'lost') return { kind: 'lost', why: 'ECONNRESET' };
      const found = fake.answers.get(call);
      const answer = isStatus(found) ? found : status(found === undefined ? 404 : 200, found ?? {});
      return { kind: 'answer', status: answer.status, body: new TextEncoder().encode(JSON.stringify(answer.body)) };
    },
    open: async ({ address }, live) => {
      if (fake.broken.has(address)) return silent;
      if (fake.refuse !== undefined) return { kind: 'refused', status: fake.refuse };
      const stream = { live, address, sent: [] as unknown[], closed: false };
      fake.streams.push(stream);
      return {
        kind: 'open',
        socket: {
          send: (text) => void stream.sent.push(JSON.parse(text)),
          close: () => {
            stream.closed = true;
          },
        },
      };
    },
    tell: (message) => fake.streams.at(-1)?.live.onMessage(JSON.stringify(message)),
    drop: (code = 1006) => fake.streams.at(-1)?.live.onClose(code),
  };
  return fake;
}
