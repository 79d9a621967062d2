import { CheckField, TextField } from '../components/field.tsx';
import type { EnvironmentDraft } from '../show/environment.ts';

/** What has to be typed: a click is too quick for giving root on this machine away. */
const socketWord = 'docker-socket';

/** Two things that weaken the wall around the container: off by default, each with its price. */
export function Consents({
  draft,
  onChange,
  socketTyped,
  onSocketTyped,
}: {
  readonly draft: EnvironmentDraft;
  readonly onChange: (draft: EnvironmentDraft) => void;
  readonly socketTyped: boolean;
  readonly onSocketTyped: (typed: boolean) => void;
}) {
  return (
    <fieldset className="consents">
      <legend>What the container may also have</legend>
      <CheckField
        label={
          <>
            This machine’s <code>~/.claude</code>
          </>
        }
        help="Shares your login, settings and transcripts. What the agent writes there (hooks, commands, plugins), this machine’s own Claude Code would run. Off: the environment has a configuration of its own in a volume."
        checked={draft.hostClaude}
        onChange={(event) => onChange({ ...draft, hostClaude: event.target.checked })}
      />
      <CheckField
        label="This machine’s Docker socket"
        help="Lets the agent start containers. Everything that runs in the container, the agent included, becomes root on this machine; there is no read-only form of it."
        checked={draft.dockerSocket}
        onChange={(event) => {
          onSocketTyped(false);
          onChange({ ...draft, dockerSocket: event.target.checked });
        }}
      />
      {draft.dockerSocket ? (
        <div className="typed-consent">
          {socketTyped ? (
            <p className="help">The Docker socket is given to this environment.</p>
          ) : (
            <TextField
              label={`Type ${socketWord} to give it`}
              mono
              placeholder={socketWord}
              onChange={(event) => {
                if (event.target.value.trim() === socketWord) onSocketTyped(true);
              }}
            />
          )}
        </div>
      ) : null}
    </fieldset>
  );
}
