import { useEffect, useMemo, useState } from 'react';
import type { Engine } from '../../preload/contract/model.ts';
import { AwaitedRows } from '../components/awaited.tsx';
import { Button } from '../components/button.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { ErrorNotice } from '../components/notice.tsx';
import { Empty } from '../components/page.tsx';
import { Segments } from '../components/segments.tsx';
import { credentialRows, credentialSummary } from '../show/credentials.ts';
import { useApp, useCredentials, useLive, useUi } from '../store/context.ts';
import { selectEngines } from '../store/live.ts';
import { CredentialTable, focusTable } from './credential-table.tsx';
import { KeychainNotice } from './keychain-notice.tsx';
import { RegistriesView } from './registries-view.tsx';
import { TeamSecretsView } from './team-secrets-view.tsx';

const titles = { values: 'Values', registries: 'Registries', team: 'Team secrets' } as const;
type Part = keyof typeof titles;

const isManager = ({ state }: Engine): boolean => state.kind === 'connected' && state.swarm === 'manager';

/** Names, whose they are, and who uses them; never a value. It follows the state while it is open. */
export function CredentialsView() {
  const { credentials, ui } = useApp();
  useEffect(() => credentials.actions.follow(), [credentials]);
  const list = useCredentials((state) => state.list);
  const looked = useCredentials((state) => state.looked);
  const error = useCredentials((state) => state.error);
  const query = useUi((state) => state.credentialQuery);
  const rows = useMemo(() => credentialRows(list ?? [], query), [list, query]);
  const add = () => ui.actions.showCredential('credential-set', {});
  const importEnv = () => ui.actions.show('credential-import');
  const nothing = list !== undefined && list.length === 0;
  // Only a manager can say what its Swarm keeps.
  const manager = useLive((live) => selectEngines(live).find(isManager)?.id);
  const [chosen, setPart] = useState<Part>('values');
  const parts: readonly Part[] = manager === undefined ? ['values', 'registries'] : ['values', 'registries', 'team'];
  const part = parts.includes(chosen) ? chosen : 'values';
  const hasValues = part === 'values' && !nothing;

  return (
    <div className="credentials" data-testid="credentials" data-looked={looked}>
      <header className="credentials-head">
        <div>
          <h1>Credentials</h1>
          <p className="credentials-lead">
            {list === undefined || nothing
              ? 'Values for your stacks, in the system’s keychain.'
              : credentialSummary(list)}
          </p>
        </div>
        <Segments label="Part" options={parts.map((one) => [one, titles[one]])} value={part} onChange={setPart} />
        <span className="spacer" />
        {list === undefined || !hasValues ? null : (
          <input
            type="search"
            className="input search"
            data-search
            aria-label="Search credentials"
            placeholder="Search"
            value={query}
            onChange={(event) => ui.actions.searchCredentials(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
              event.preventDefault();
              focusTable();
            }}
          />
        )}
        {part === 'registries' ? (
          <Button icon="plus" onClick={() => ui.actions.showCredential('registry-login', {})}>
            Log in…
          </Button>
        ) : part === 'team' || nothing ? null : (
          <>
            <Button icon="file" onClick={importEnv}>
              Import…
            </Button>
            <Button kind="primary" icon="plus" onClick={add}>
              Add
            </Button>
          </>
        )}
      </header>
      <div className="credentials-notices">
        <KeychainNotice />
        {error === undefined ? null : (
          <ErrorNotice
            title="The list of credentials could not be read"
            error={error}
            actions={
              <Button icon="restart" onClick={() => void credentials.actions.retry().catch(() => undefined)}>
                Try again
              </Button>
            }
          />
        )}
      </div>
      {part === 'registries' ? (
        <RegistriesView />
      ) : part === 'team' && manager !== undefined ? (
        <TeamSecretsView engine={manager} />
      ) : list === undefined ? (
        error === undefined && <AwaitedRows label="Reading the list" />
      ) : nothing ? (
        <NoCredentials onAdd={add} onImport={importEnv} />
      ) : (
        <CredentialTable rows={rows} />
      )}
    </div>
  );
}

function NoCredentials({ onAdd, onImport }: { readonly onAdd: () => void; readonly onImport: () => void }) {
  return (
    <Empty title="No credentials yet">
      <p>
        Keep passwords, tokens and keys here instead of in <code>.env</code>. A compose file takes them by name, as{' '}
        <code>$&#123;NAME&#125;</code> or as a secret with <code>environment: NAME</code>; the value comes from the
        keychain when a container starts, and is in no file.
      </p>
      <div className="empty-actions">
        <Button kind="primary" icon="plus" onClick={onAdd}>
          Add a credential…
        </Button>
        <Button icon="file" onClick={onImport}>
          Import from a .env file…
        </Button>
      </div>
      <p className="muted">In a terminal:</p>
      <CopyLine text="npx claude-env secret set NAME" what="command" />
    </Empty>
  );
}
