import { type ComponentProps, useCallback, useEffect, useState } from 'react';
import type { AppError } from '../../preload/contract/errors.ts';
import type { InviteFacts, ReachCheck } from '../../preload/contract/team.ts';
import { toAppError } from '../client/call-error.ts';
import { Awaited } from '../components/awaited.tsx';
import { Button } from '../components/button.tsx';
import { Prose } from '../components/prose.tsx';
import { StateShape } from '../components/state-shape.tsx';
import { checkLook, untilText } from '../show/team.ts';
import { useApp } from '../store/context.ts';
import { AddressField, Facts } from './team-parts.tsx';

interface Tested {
  readonly checks?: readonly ReachCheck[];
  readonly error?: AppError;
}

/** What the invite says and means, and what could be tested of it from here. */
export function JoinFacts({
  engine,
  word,
  facts,
  address,
  onOther,
}: {
  /** Where the invite lets a machine into the Swarm, and there is one to let in. */
  readonly engine: string | undefined;
  readonly word: { readonly current: string };
  readonly facts: InviteFacts;
  readonly address: {
    readonly value: string;
    readonly tried: boolean;
    readonly onChange: (address: string) => void;
  };
  /** Told whether somebody else than the team answers: then nothing is joined. */
  readonly onOther: (isOther: boolean) => void;
}) {
  const { client } = useApp();
  const [tested, setTested] = useState<Tested>({});
  const test = useCallback(async () => {
    setTested({});
    try {
      const { checks } = await client.call('team.tryInvite', { invite: word.current });
      setTested({ checks });
      onOther(false);
    } catch (thrown) {
      const error = toAppError(thrown);
      setTested({ error });
      onOther(error.code === 'swarm.other-certificate' || error.code === 'team.other-certificate');
    }
  }, [client, word, onOther]);
  useEffect(() => void test(), [test]);
  const busy = tested.checks === undefined && tested.error === undefined;
  return (
    <>
      <Facts facts={inviteRows(facts)} />
      <section aria-label="What joining means">
        <div className="field-label">What joining means</div>
        <ul className="team-means">
          {facts.means.map((text) => (
            <li key={text}>
              <Prose text={text} />
            </li>
          ))}
        </ul>
      </section>
      <section aria-label="Tested from here" aria-busy={busy}>
        <div className="team-tested">
          <span className="field-label">Tested from here</span>
          <Button kind="quiet" icon="restart" busy={busy} onClick={() => void test()}>
            Test again
          </Button>
        </div>
        {tested.checks === undefined ? (
          <Awaited label="Asking who answers" error={tested.error} />
        ) : (
          <ul className="checks">
            {tested.checks.map((check) => (
              <li key={check.what} data-status={check.status}>
                <StateShape look={checkLook[check.status]} />
                <span className="check-title">{check.what}</span>
                <span className="check-found">{check.found}</span>
              </li>
            ))}
          </ul>
        )}
      </section>
      {engine === undefined ? null : <AddressField engine={engine} {...address} />}
    </>
  );
}

/** Of the Swarm, of the team's services, or of both: as what, and by which certificates to know them. */
function inviteRows({ team, role, machine, fingerprint, managers, services, expires, see }: InviteFacts) {
  const code = (text: string) => <code>{text}</code>;
  return [
    ['Team', <strong key="team">{team}</strong>],
    ['As', role === undefined ? 'a person: no node, no access to Docker' : `${role}, ${machine}`],
    ...(fingerprint === undefined ? [] : [['Certificate', code(fingerprint)] as const]),
    ...(services === undefined
      ? []
      : [[fingerprint === undefined ? 'Certificate' : 'Services’ own', code(services.fingerprint)] as const]),
    ['', 'Compare it with what the person who invited you reads to you, not with the same message.'],
    ...(managers.length === 0 ? [] : [['Managers', code(managers.join(', '))] as const]),
    ...(services === undefined ? [] : [['Services', code(services.addresses.join(', '))] as const]),
    ['Until', untilText(expires)],
    ...(see === undefined ? [] : [['Seen by', code(see)] as const]),
  ] as const satisfies ComponentProps<typeof Facts>['facts'];
}
