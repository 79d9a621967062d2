import { memo } from 'react';
import type { SwarmService, SwarmTask } from '../../preload/contract/swarm.ts';
import { StateShape } from '../components/state-shape.tsx';
import { TableHead } from '../components/table-head.tsx';
import { Ago } from '../components/time.tsx';
import { taskLook, taskTitle } from '../show/swarm.ts';

const columns = [
  ['t-task', 'Task'],
  ['t-node', 'Node'],
  ['t-actual', 'State'],
  ['t-wish', 'Wanted'],
  ['t-since', 'Since'],
  ['t-error', 'Error'],
] as const;

/** A service's tasks: those that are wanted, then what ended against the wish, the latest first. */
export function TeamTasks({ service }: { readonly service: SwarmService }) {
  if (service.tasks.length === 0) return <p className="team-empty">It has no tasks.</p>;
  return (
    <table className="list-table team-tasks" aria-label={`Tasks of ${service.name}`}>
      <TableHead columns={columns} />
      <tbody>
        {service.tasks.map((task) => (
          <TaskRow key={task.id} task={task} title={taskTitle(service, task)} />
        ))}
      </tbody>
    </table>
  );
}

const TaskRow = memo(
  function TaskRow({ task, title }: { readonly task: SwarmTask; readonly title: string }) {
    const look = taskLook(task);
    return (
      <tr data-testid="task" data-state={task.state} className={task.failed ? 'failed' : undefined}>
        <td className="t-task" title={task.id}>
          <StateShape look={look} />
          {title}
        </td>
        <td className="t-node" title={task.node}>
          {task.node ?? '–'}
        </td>
        <td className={`t-actual tone-text-${look.tone}`}>{look.label}</td>
        <td className="t-wish">{task.desired}</td>
        <td className="t-since">
          <Ago since={task.at} />
        </td>
        <td className="t-error">
          {task.error === undefined ? (
            '–'
          ) : (
            <span className={task.failed ? 'tone-text-bad' : 'tone-text-warn'}>{task.error}</span>
          )}
          {task.exitCode === undefined || task.error?.includes(`exit code ${task.exitCode}`) ? null : (
            <span className="count">exit code {task.exitCode}</span>
          )}
        </td>
      </tr>
    );
  },
  (before, after) => JSON.stringify(before) === JSON.stringify(after),
);
