import type { ReachCheck } from '../../../services/team/join.ts';
import type { TeamNode, TeamView } from '../../../services/team/view.ts';
import { oneLine, type Paint } from '../io.ts';
import { columns } from './table.ts';

/* The team's words: manager and worker are Swarm's, server and laptop say what a machine is for. */

const marks = {
  ready: ['✓', 'green'],
  down: ['■', 'red'],
  disconnected: ['▲', 'yellow'],
  unknown: ['○', 'gray'],
} as const;
const checkMarks = { ok: ['✓', 'green'], problem: ['■', 'red'], unknown: ['○', 'gray'] } as const;

const roleText = ({ role, manager, engine }: TeamNode): string => {
  if (manager?.leader === true) return 'manager (leads)';
  if (manager !== undefined && !manager.reachable) return 'manager (does not answer)';
  // What was asked for and what the managers have agreed on.
  if (role === 'manager' && manager === undefined && engine !== '') return 'worker, manager soon';
  if (role === 'worker' && manager !== undefined) return 'manager, worker soon';
  return role;
};

const extraLabels = ({ labels }: TeamNode): string =>
  Object.entries(labels)
    .filter(([key]) => !key.startsWith('io.claude-env.'))
    .map(([key, value]) => oneLine(`${key}=${value}`, 40))
    .join(' ');

function nodeRows(nodes: readonly TeamNode[], paint: Paint): readonly string[] {
  return columns(
    [
      ['', 'NODE', 'ROLE', 'MACHINE', 'STATE', 'AVAILABILITY', 'ADDRESS', 'ENGINE', 'LABELS'],
      ...nodes.map((node) => {
        // A manager that is silent is called ready until it misses its heartbeats.
        const state = node.state === 'ready' && node.manager?.reachable === false ? 'unknown' : node.state;
        const [sign, style] = marks[state];
        return [
          paint(style, sign),
          `${oneLine(node.hostname || node.id.slice(0, 12), 40)}${node.here ? ' (here)' : ''}`,
          roleText(node),
          node.machine ?? '-',
          state,
          node.engine === '' ? '-' : node.availability,
          node.address,
          node.engine || '-',
          extraLabels(node),
        ];
      }),
    ],
    '',
  );
}

/** The whole view as text. */
export function teamText(view: TeamView, paint: Paint): string {
  if (!view.member) return 'This engine belongs to no team.';
  const facts = [
    view.team === undefined ? 'A Swarm without a name' : paint('bold', view.team),
    ...(view.fingerprint === undefined ? [] : [`certificate ${view.fingerprint}`]),
    ...(view.encrypted === undefined ? [] : [view.encrypted ? 'networks encrypted' : 'networks not encrypted']),
    ...(view.quorum === undefined
      ? []
      : [`${view.quorum.reachable} of ${view.quorum.managers} managers answer, ${view.quorum.needed} needed`]),
  ];
  const sources = {
    manager: [],
    endpoint: ['Seen through the manager that the invite named.'],
    self: ['Only what this machine’s engine knows by itself:'],
  } as const;
  const alive = view.invites.filter((invite) => invite.alive);
  return [
    facts.join(' · '),
    ...(view.problem === undefined
      ? []
      : [
          `${paint('red', 'error')}: ${view.problem.message}`,
          ...(view.problem.hint === undefined ? [] : [`  ${view.problem.hint}`]),
        ]),
    ...sources[view.source],
    ...nodeRows(view.nodes, paint),
    ...(alive.length === 0
      ? []
      : [
          `Open invites: ${alive.map(({ id, role, machine, expires }) => `${id} (${role}, ${machine}, until ${when(expires)})`).join('; ')}`,
        ]),
    ...[...(view.moved === undefined ? [] : [view.moved.says]), ...view.notes].map(
      (note) => `${paint('yellow', '▲')} ${note}`,
    ),
  ].join('\n');
}

/** `2026-11-21 16:00 UTC` */
export const when = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

export const checkText = ({ what, status, found }: ReachCheck, paint: Paint): string => {
  const [sign, style] = checkMarks[status];
  return `${paint(style, sign)} ${what}  ${found}`;
};
