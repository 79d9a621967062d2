import { useState } from 'react';
import type { Environment } from '../../preload/contract/model.ts';
import { Button } from '../components/button.tsx';
import { ErrorNotice } from '../components/notice.tsx';
import { Page } from '../components/page.tsx';
import { checkDraft, type EnvironmentDraft, isConfigured, newDraft } from '../show/environment.ts';
import { useApp, useResources } from '../store/context.ts';
import { useAttempt } from '../store/use-attempt.ts';
import { Consents } from './consents.tsx';
import { EnvironmentFields } from './environment-fields.tsx';

/** First run of the stack we ship, another environment of it, or a change of the one called `name`. */
export function EnvironmentView({ name }: { readonly name: string | undefined }) {
  const environments = useResources((resources) => resources.environments);
  const info = useResources((resources) => resources.info);
  const error = useResources((resources) => resources.error);
  if (error !== undefined && environments === undefined) {
    return (
      <Page title="Local environment">
        <ErrorNotice error={error} />
      </Page>
    );
  }
  if (environments === undefined || info === undefined) {
    return <div className="skeleton-page" role="status" aria-label="Loading" />;
  }
  const existing = environments.find((environment) => environment.name === name);
  const first = !environments.some(isConfigured);
  return (
    <EnvironmentForm
      environments={environments}
      initial={existing ?? newDraft(environments, first ? info.suggestedWorkspace : '')}
      kind={existing === undefined ? (first ? 'first' : 'another') : 'change'}
    />
  );
}

const words = {
  first: {
    title: 'Set up your local environment',
    lead: 'A development container with Claude Code, and beside it the MCP servers it uses. They run on this machine’s engine and listen on this machine only.',
  },
  another: {
    title: 'New local environment',
    lead: 'The same stack once more, with its own name, folder and ports. It runs beside the others.',
  },
  change: {
    title: 'Change the local environment',
    lead: 'Nothing changes until you apply the plan that is shown next.',
  },
} as const;

function EnvironmentForm({
  environments,
  initial,
  kind,
}: {
  readonly environments: readonly Environment[];
  readonly initial: EnvironmentDraft;
  readonly kind: keyof typeof words;
}) {
  const { resources, ui, plans } = useApp();
  const [draft, setDraft] = useState<EnvironmentDraft>({
    name: initial.name,
    workspace: initial.workspace,
    ports: initial.ports,
    hostClaude: initial.hostClaude,
    dockerSocket: initial.dockerSocket,
  });
  const [tried, setTried] = useState(false);
  const { busy, error, attempt } = useAttempt();
  // Typed once; a consent that was given before does not have to be typed again.
  const [socketTyped, setSocketTyped] = useState(initial.dockerSocket);

  const others = environments.filter(
    (environment) => isConfigured(environment) && environment.name !== (kind === 'change' ? initial.name : ''),
  );
  const checked = checkDraft(draft, others);
  const twin = kind === 'another' && others.some((environment) => environment.name === draft.name);
  const mistakes = twin ? { ...checked, name: 'There is an environment of this name already.' } : checked;
  const socketPending = draft.dockerSocket && !socketTyped;
  const bad =
    mistakes.name !== undefined ||
    mistakes.workspace !== undefined ||
    Object.keys(mistakes.ports).length > 0 ||
    socketPending;

  const save = () => {
    setTried(true);
    if (bad) return;
    void attempt(async () => {
      const saved = await resources.actions.saveEnvironment(draft);
      ui.actions.goStack(saved.stack, 'plan');
      await plans.actions.request(saved.stack, 'up');
    });
  };

  return (
    <Page title={words[kind].title} lead={words[kind].lead}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <EnvironmentFields
          draft={draft}
          onChange={setDraft}
          nameFixed={kind === 'change'}
          nameShown={kind !== 'first'}
          mistakes={tried ? mistakes : { ports: mistakes.ports }}
        />
        <Consents draft={draft} onChange={setDraft} socketTyped={socketTyped} onSocketTyped={setSocketTyped} />
        {error === undefined ? null : <ErrorNotice title="This could not be saved" error={error} />}
        <div className="form-actions">
          <Button type="submit" kind="primary" busy={busy}>
            Save and show the plan
          </Button>
          {kind === 'first' ? null : <Button onClick={() => ui.actions.go({ view: 'home' })}>Cancel</Button>}
          <span className="muted">
            {tried && socketPending
              ? 'Type the word to give the Docker socket, or switch it off.'
              : 'Nothing is started yet.'}
          </span>
        </div>
      </form>
    </Page>
  );
}
