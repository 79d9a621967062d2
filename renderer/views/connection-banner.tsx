import { StateShape } from '../components/state-shape.tsx';
import { Ago } from '../components/time.tsx';
import { aggregateLook } from '../show/aggregate.ts';
import { useConnection, useLive } from '../store/context.ts';

/** Calm: what is on the screen stays readable, and it says since when it is old. */
export function ConnectionBanner() {
  const since = useConnection((connection) => (connection.kind === 'lost' ? connection.since : undefined));
  const trouble = useLive((live) => live.trouble);
  if (since !== undefined) {
    return (
      <div className="banner" role="status">
        <StateShape look={aggregateLook.degraded} />
        <span>
          The connection to claude-env was lost <Ago since={new Date(since).toISOString()} /> ago. What you see is the
          last known state; your containers go on running. Trying again. If you ended the app, start it again with{' '}
          <code>npx claude-env web</code>.
        </span>
      </div>
    );
  }
  if (trouble === undefined) return null;
  return (
    <div className="banner" role="status">
      <StateShape look={aggregateLook.degraded} />
      <span>
        {trouble.message} {trouble.hint ?? 'What you see is the last known state. Trying again.'}
      </span>
    </div>
  );
}
