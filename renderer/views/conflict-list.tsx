import { useState } from 'react';
import type { SourceLocation } from '../../preload/contract/errors.ts';
import type { Environment, PortConflict } from '../../preload/contract/model.ts';
import { Button } from '../components/button.tsx';
import { Notice } from '../components/notice.tsx';
import { PlaceLink } from '../components/place-link.tsx';
import { Prose } from '../components/prose.tsx';
import { conflictVariable, isConfigured } from '../show/environment.ts';
import { errorLine } from '../show/error-text.ts';
import { plural } from '../show/words.ts';
import { useApp } from '../store/context.ts';
import { useAttempt } from '../store/use-attempt.ts';

/** Who holds which port, and another one to take instead: in place for the stack we ship, by hand for other files. */
export function ConflictList({
  conflicts,
  environment,
  onChanged,
  onOpen,
}: {
  readonly conflicts: readonly PortConflict[];
  readonly environment: Environment | undefined;
  readonly onChanged: () => void;
  /** Shows a place in the files. */
  readonly onOpen?: ((where: SourceLocation) => void) | undefined;
}) {
  const { resources } = useApp();
  const [ports, setPorts] = useState<Readonly<Record<string, string>>>({});
  const { busy, error, attempt } = useAttempt();
  const editable = environment !== undefined && isConfigured(environment);
  const keyOf = (conflict: PortConflict) => `${conflict.service}:${conflict.port.host}`;
  const wantedPort = (conflict: PortConflict) => ports[keyOf(conflict)] ?? String(conflict.alternative ?? '');

  const save = async () => {
    if (environment === undefined) return;
    const { stack: _stack, ...draft } = environment;
    const changed = conflicts.map((conflict) => [
      conflictVariable(environment, conflict),
      Number(wantedPort(conflict)),
    ]);
    await resources.actions.saveEnvironment({ ...draft, ports: { ...draft.ports, ...Object.fromEntries(changed) } });
    onChanged();
  };

  return (
    <Notice
      severity="bad"
      title={`${plural(conflicts.length, 'port is', 'ports are')} taken, so this cannot run yet`}
      actions={
        editable ? (
          <Button kind="primary" busy={busy} onClick={() => void attempt(save)}>
            {conflicts.length === 1 ? 'Use this port' : 'Use these ports'}
          </Button>
        ) : undefined
      }
    >
      <ul className="conflicts">
        {conflicts.map((conflict) => (
          <li key={keyOf(conflict)}>
            <span>
              <strong className="mono">{conflict.port.host}</strong> for {conflict.service} is held by{' '}
              <Prose text={conflict.owner} />
              {conflict.where === undefined ? null : (
                <>
                  {' '}
                  <PlaceLink where={conflict.where} onOpen={onOpen} />
                </>
              )}
            </span>
            {editable ? (
              <label className="conflict-field">
                use
                <input
                  className="input mono port-input"
                  inputMode="numeric"
                  aria-label={`Port instead of ${conflict.port.host}`}
                  value={wantedPort(conflict)}
                  onChange={(event) => setPorts({ ...ports, [keyOf(conflict)]: event.target.value })}
                />
              </label>
            ) : conflict.alternative === undefined ? null : (
              <span className="muted">{conflict.alternative} is free</span>
            )}
          </li>
        ))}
      </ul>
      {editable ? null : (
        <p className="hint">End what holds it, or change the port in the compose file and plan again.</p>
      )}
      {error === undefined ? null : <p className="help bad">{errorLine(error)}</p>}
    </Notice>
  );
}
