import { useCallback, useEffect, useState } from 'react';
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
  readonly engine: string;
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
      onOther(error.code === 'swarm.other-certificate');
    }
  }, [client, word, onOther]);
  useEffect(() => void test(), [test]);
  const busy = tested.checks === undefined && tested.error === undefined;
  return (
    <>
      <Facts
        facts={[
          ['Team', <strong key="team">{facts.team}</strong>],
          ['As', `${facts.role}, ${facts.machine}`],
          ['Certificate', <code key="fingerprint">{facts.fingerprint}</code>],
          ['', 'Compare it with what the person who invited you reads to you, not with the same message.'],
          ['Managers', <code key="managers">{facts.managers.join(', ')}</code>],
          ['Until', untilText(facts.expires)],
          ...(facts.see === undefined ? [] : [['Seen by', <code key="see">{facts.see}</code>] as const]),
        ]}
      />
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
          <Awaited label="Asking the managers" error={tested.error} />
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
      <AddressField engine={engine} {...address} />
    </>
  );
}
