import { Button } from '../components/button.tsx';
import { TextField } from '../components/field.tsx';
import { ErrorNotice } from '../components/notice.tsx';
import {
  appPorts,
  type DraftMistakes,
  type EnvironmentDraft,
  mcpPorts,
  type PortAsk,
  portVariable,
} from '../show/environment.ts';
import { useApp } from '../store/context.ts';
import { useAttempt } from '../store/use-attempt.ts';

/** Name, folder and ports. */
export function EnvironmentFields({
  draft,
  onChange,
  nameShown,
  nameFixed,
  mistakes,
}: {
  readonly draft: EnvironmentDraft;
  readonly onChange: (draft: EnvironmentDraft) => void;
  readonly nameShown: boolean;
  readonly nameFixed: boolean;
  readonly mistakes: DraftMistakes;
}) {
  const { capabilities, client } = useApp();
  const { busy, error, attempt } = useAttempt();
  const pick = () =>
    attempt(
      () =>
        client.call('desktop.pickFolder', {
          title: 'The folder with your code',
          ...(draft.workspace === '' ? {} : { start: draft.workspace }),
        }),
      ({ path }) => {
        if (path !== undefined) onChange({ ...draft, workspace: path });
      },
    );
  const portMistake = Object.values(mistakes.ports)[0];
  return (
    <>
      {nameShown ? (
        <TextField
          label="Name"
          mono
          value={draft.name}
          readOnly={nameFixed}
          error={mistakes.name}
          help={
            nameFixed
              ? 'The name is part of what its containers and volumes are called, so it stays.'
              : 'Part of what its containers and volumes are called.'
          }
          onChange={(event) => onChange({ ...draft, name: event.target.value })}
        />
      ) : null}
      <TextField
        label="Folder with your code"
        mono
        value={draft.workspace}
        error={mistakes.workspace}
        placeholder="/home/you/code"
        help={
          <>
            The full path of a folder on this machine. The container sees it as <code>/workspaces</code>, and what is
            written there belongs to you.
          </>
        }
        onChange={(event) => onChange({ ...draft, workspace: event.target.value })}
        after={
          capabilities.includes('dialogs') ? (
            <Button icon="folder" busy={busy} onClick={pick}>
              Choose…
            </Button>
          ) : undefined
        }
      />
      {error === undefined ? null : <ErrorNotice title="The system’s dialog could not be opened" error={error} />}
      <fieldset className="port-fields">
        <legend>Ports on this machine</legend>
        <PortGroup title="MCP servers" asks={mcpPorts} draft={draft} mistakes={mistakes} onChange={onChange} />
        <PortGroup title="Your programs" asks={appPorts} draft={draft} mistakes={mistakes} onChange={onChange} />
        <p
          className={portMistake === undefined ? 'help' : 'help bad'}
          role={portMistake === undefined ? undefined : 'alert'}
        >
          {portMistake ?? 'All of them listen on 127.0.0.1 only. The plan says who holds a port that is taken.'}
        </p>
      </fieldset>
    </>
  );
}

function PortGroup({
  title,
  asks,
  draft,
  mistakes,
  onChange,
}: {
  readonly title: string;
  readonly asks: readonly PortAsk[];
  readonly draft: EnvironmentDraft;
  readonly mistakes: DraftMistakes;
  readonly onChange: (draft: EnvironmentDraft) => void;
}) {
  return (
    <div className="port-group">
      <span className="port-group-title">{title}</span>
      {asks.map(({ container, title: name }) => {
        const variable = portVariable(container);
        const port = draft.ports[variable] ?? container;
        return (
          <label key={variable} className="port-field">
            <span>{name}</span>
            <input
              className={`input mono port-input ${mistakes.ports[variable] === undefined ? '' : 'invalid'}`}
              inputMode="numeric"
              aria-invalid={mistakes.ports[variable] !== undefined || undefined}
              aria-label={`Port for ${name}`}
              value={Number.isNaN(port) ? '' : port}
              onChange={(event) =>
                onChange({
                  ...draft,
                  ports: { ...draft.ports, [variable]: Number.parseInt(event.target.value.replace(/\D/g, ''), 10) },
                })
              }
            />
          </label>
        );
      })}
    </div>
  );
}
