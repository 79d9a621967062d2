import { useEffect } from 'react';
import type { RegistryLogin } from '../../preload/contract/credentials.ts';
import { AwaitedPage } from '../components/awaited.tsx';
import { Button } from '../components/button.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { Notice } from '../components/notice.tsx';
import { Empty } from '../components/page.tsx';
import { Prose } from '../components/prose.tsx';
import { StateShape } from '../components/state-shape.tsx';
import { actionsTitle, TableHead } from '../components/table-head.tsx';
import { Ago } from '../components/time.tsx';
import { aggregateLook, mcpLook } from '../show/aggregate.ts';
import { useApp, useCredentials } from '../store/context.ts';

const columns = [
  ['c-registry', 'Registry'],
  ['c-user', 'User'],
  ['c-kept', 'Kept in'],
  ['c-changed', 'Changed'],
  ['c-out', actionsTitle],
] as const;

/** Who is let in where: logins that were added here, and docker's own, which are only read. */
export function RegistriesView() {
  const { credentials, ui } = useApp();
  const registries = useCredentials((state) => state.registries);
  const problems = useCredentials((state) => state.registryProblems);
  const error = useCredentials((state) => state.registriesError);
  useEffect(() => {
    void credentials.actions.loadRegistries();
  }, [credentials]);
  const login = () => ui.actions.showCredential('registry-login', {});

  if (registries === undefined || error !== undefined) {
    return <AwaitedPage label="Reading the logins" failed="The logins could not be read" error={error} />;
  }
  return (
    <div className="registries">
      {problems.map((problem) => (
        <Notice key={problem} severity="warn" title={<Prose text={problem} />} />
      ))}
      {registries.length === 0 ? (
        <Empty title="No logins">
          <p>
            Private images need a login of their registry: to pull, to build from, and to deploy. One that is added here
            is in the keychain; those of <code>docker login</code> are used as well.
          </p>
          <Button kind="primary" icon="plus" onClick={login}>
            Log in to a registry…
          </Button>
          <CopyLine text="npx claude-env registry login HOST" what="command" />
        </Empty>
      ) : (
        <table className="list-table sticky credential-table" aria-label="Logins of registries">
          <TableHead columns={columns} />
          <tbody>
            {registries.map((one) => (
              <RegistryRow key={`${one.registry} ${one.source}`} login={one} />
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function RegistryRow({ login }: { readonly login: RegistryLogin }) {
  const { ui } = useApp();
  const { registry, title, user, source, own, session, used, changedAt } = login;
  const look = session ? { ...mcpLook['needs-setup'], tone: 'busy' as const } : aggregateLook.healthy;
  const kept = session ? 'this run only' : source;
  return (
    <tr className="credential-row" data-testid={`registry-${registry}`}>
      <td title={registry}>{title}</td>
      <td className="mono">{user ?? ''}</td>
      <td className="c-state" title={source}>
        <StateShape look={used ? look : aggregateLook.stopped} />
        {used ? kept : `${kept}, not used: another one comes first`}
      </td>
      <td className="c-changed">{changedAt === undefined ? '–' : <Ago since={changedAt} />}</td>
      <td className="c-out">
        {own ? (
          <button
            type="button"
            className="link"
            onClick={() => ui.actions.showCredential('registry-logout', { name: registry })}
          >
            Log out…
          </button>
        ) : (
          <span className="muted" title="Added with docker login; docker logout takes it away.">
            docker’s own
          </span>
        )}
      </td>
    </tr>
  );
}
