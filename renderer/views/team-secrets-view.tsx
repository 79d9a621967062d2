import { AwaitedPage } from '../components/awaited.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { Empty } from '../components/page.tsx';
import { StateShape } from '../components/state-shape.tsx';
import { TableHead } from '../components/table-head.tsx';
import { Ago } from '../components/time.tsx';
import { aggregateLook } from '../show/aggregate.ts';
import { useAnswer } from '../store/use-answer.ts';

const columns = [
  ['c-secret', 'Name'],
  ['c-stack', 'Stack'],
  ['c-by', 'Set by'],
  ['c-own', 'Your own value'],
  ['c-changed', 'Set'],
] as const;

/** What a team's Swarm keeps as secrets: names, and who set them. Asked for when it is looked at; Swarm shows no values. */
export function TeamSecretsView({ engine }: { readonly engine: string }) {
  const { answer, error } = useAnswer('credentials.team', { engine });

  if (answer === undefined) {
    return <AwaitedPage label="Reading the names" failed="The team’s secrets could not be read" error={error} />;
  }
  const { secrets } = answer;
  if (secrets.length === 0) {
    return (
      <Empty title="The team has no secrets yet">
        <p>
          A deploy brings the secrets of its stack file into the Swarm, from your keychain. Everybody sees their names
          and who set them; values are not shared.
        </p>
        <CopyLine text="npx claude-env secret set NAME --scope team" what="command" />
      </Empty>
    );
  }
  return (
    <div className="registries">
      <p className="credentials-lead">
        Values are not shared: a Swarm hands a secret to its containers and to nobody else.
      </p>
      <table className="list-table sticky credential-table" aria-label="Secrets of the team">
        <TableHead columns={columns} />
        <tbody>
          {secrets.map((one) => (
            <tr key={`${one.stack ?? ''} ${one.name}`} className="credential-row" data-testid={`team-${one.name}`}>
              <td className="mono" title={one.from === undefined ? one.name : `${one.name}, from ${one.from}`}>
                {one.name}
              </td>
              <td>{one.stack ?? '–'}</td>
              <td>{one.setBy ?? 'not known'}</td>
              <td className="c-state">
                <StateShape look={one.here === undefined ? aggregateLook.stopped : aggregateLook.healthy} />
                {one.here === undefined ? 'none on this machine' : `in your keychain, ${one.here}`}
              </td>
              <td className="c-changed">
                <Ago since={one.setAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
