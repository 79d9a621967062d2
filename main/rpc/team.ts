import type { NodeAction as NodeActionName, teamMethods } from '../../preload/contract/team.ts';
import type { Services } from '../services/services.ts';
import type { NodeAction } from '../services/team/nodes.ts';
import type { ServiceHandlers, StreamHandlers } from './handlers.ts';

type TeamHandlers = Pick<ServiceHandlers, keyof typeof teamMethods>;

const toAction = (action: Exclude<NodeActionName, 'remove'>): NodeAction =>
  action === 'server' || action === 'laptop' ? { kind: 'role', machine: action } : { kind: action };

/** A team's Swarm: in, out, and its machines. */
export const createTeamHandlers = ({ team }: Services): TeamHandlers => ({
  'team.addresses': async ({ engine }) => {
    const { listed, advices, warnings } = await team.addresses({ engine });
    const addresses = advices.flatMap(({ name, address, verdict, reasons }) =>
      verdict === 'bad' ? [] : [{ name, address, verdict, reasons: [...reasons] }],
    );
    return { listed, addresses, warnings: [...warnings] };
  },
  'team.create': async ({ engine, name, advertise, machine, encrypt }) => {
    const { warnings, firewall, ...made } = await team.create({
      engine,
      name,
      machine,
      autolock: false,
      ...(advertise === undefined ? {} : { advertise }),
      ...(encrypt ? {} : { encrypt }),
    });
    return { ...made, warnings: [...warnings], firewall: [...firewall] };
  },
  'team.invites': async ({ engine }) => ({ invites: [...(await team.invites({ engine }))] }),
  'team.invite': async ({ see, ...input }) => {
    const { notes, ...made } = await team.invite({ ...input, ...(see === undefined ? {} : { see }) });
    return { ...made, notes: [...notes] };
  },
  'team.rotate': async (input) => ({ died: [...(await team.rotate(input)).died] }),
  'team.readInvite': async ({ invite }) => {
    const { managers, means, services, ...facts } = team.readInvite(invite);
    return {
      ...{ ...facts, managers: [...managers], means: [...means] },
      ...(services === undefined ? {} : { services: { ...services, addresses: [...services.addresses] } }),
    };
  },
  'team.tryInvite': async ({ invite }) => {
    const { checks, answering } = await team.tryInvite(invite);
    return { checks: [...checks], answering };
  },
  'team.rejoin': async ({ engine, advertise, invite }) => {
    const {
      team: name,
      address,
      overlay,
      notes,
      labelsKept,
    } = await team.rejoin({
      engine,
      probe: true,
      ...(advertise === undefined ? {} : { advertise }),
      ...(invite === undefined ? {} : { invite }),
    });
    return { team: name, address, overlay, notes: [...notes], labelsKept };
  },
  'team.adviseNode': async ({ engine, node, action }) => {
    const kind = action === 'remove' ? 'rm' : toAction(action).kind;
    const advice = await team.adviseNode({ engine, node }, kind);
    return advice === undefined ? {} : { advice };
  },
  'team.changeNode': async ({ engine, node, action }) => {
    if (action === 'remove') await team.removeNode({ engine, node, force: false });
    else await team.changeNode({ engine, node }, toAction(action));
    return {};
  },
});

export const createMovesHandler =
  ({ team }: Services): StreamHandlers['moves'] =>
  ({ engine }, send, signal) =>
    team.watchMoves(
      {
        engine,
        onNotice: ({ moved, team: name }) =>
          send(moved === undefined ? {} : { moved: { team: name, known: moved.known, now: [...moved.now] } }),
      },
      signal,
    );

/** Ends with what was done of `linked` and `joined`. */
export const createJoiningHandler =
  ({ teamServices }: Services): StreamHandlers['joining'] =>
  async ({ engine, invite, advertise }, send, signal) => {
    const done = await teamServices.enter(
      {
        invite,
        probe: true,
        ...(engine === undefined ? {} : { engine }),
        ...(advertise === undefined ? {} : { advertise }),
        onProgress: (says) => send({ kind: 'progress', says }),
        onLinked: ({ addresses, servers, notes, ...linked }) =>
          send({
            kind: 'linked',
            linked: { ...linked, addresses: [...addresses], servers: [...servers], notes: [...notes] },
          }),
      },
      signal,
    );
    if (done.joined === undefined) return;
    const { warnings, notes, ...joined } = done.joined;
    send({ kind: 'joined', joined: { ...joined, warnings: [...warnings], notes: [...notes] } });
  };
