import { useEffect, useRef, useState } from 'react';
import type { AppError } from '../../preload/contract/errors.ts';
import type { InviteFacts, JoinedTeam, LinkedServices } from '../../preload/contract/team.ts';
import { CopyLine } from '../components/copy-button.tsx';
import { ClosingDialog } from '../components/dialog.tsx';
import { FormDialog } from '../components/form-dialog.tsx';
import { ErrorNotice, Notice } from '../components/notice.tsx';
import { SecretField, type SecretReader } from '../components/secret-field.tsx';
import { errorLine } from '../show/error-text.ts';
import { swarmCommand } from '../show/swarm.ts';
import { useApp, useOtherEngine } from '../store/context.ts';
import { useAttempt } from '../store/use-attempt.ts';
import { JoinFacts } from './team-join-facts.tsx';
import { Facts, Failed, Outcome, OverlayFound, Warnings } from './team-parts.tsx';

interface Props {
  /** undefined: there is none, which only an invite to a Swarm needs. */
  readonly engine: string | undefined;
  readonly onClose: () => void;
}
/** What came of it: the machine's part in the Swarm, the person's in the team's services, or both. */
interface Came {
  readonly joined?: JoinedTeam;
  readonly linked?: LinkedServices;
}

/** Reads an invite, shows what it means and what can be tested, and joins when that is confirmed. */
export function TeamJoinDialog({ engine, onClose }: Props) {
  /** What was pasted; in no state, so that nothing but the calls that need it has it. */
  const word = useRef('');
  const [facts, setFacts] = useState<InviteFacts>();
  const [came, setCame] = useState<Came>();
  if (came !== undefined) return <CameDialog {...came} onClose={onClose} />;
  if (facts === undefined) {
    return (
      <PasteDialog
        onClose={onClose}
        onRead={(text, read) => {
          word.current = text;
          setFacts(read);
        }}
      />
    );
  }
  return (
    <ConfirmDialog
      engine={engine}
      word={word}
      facts={facts}
      onClose={onClose}
      onJoined={(done) => {
        word.current = '';
        setCame(done);
      }}
    />
  );
}

function PasteDialog({
  onRead,
  onClose,
}: {
  readonly onRead: (text: string, facts: InviteFacts) => void;
  readonly onClose: () => void;
}) {
  const { client } = useApp();
  const other = useOtherEngine();
  const reader: SecretReader = useRef(null);
  const [empty, setEmpty] = useState(true);
  const [tried, setTried] = useState(false);
  const { busy, error, attempt, forget } = useAttempt();

  const read = async () => {
    setTried(true);
    const text = reader.current?.value ?? '';
    if (text.trim() === '') return;
    await attempt(
      () => client.call('team.readInvite', { invite: text }),
      (facts) => onRead(text, facts),
    );
    // Still there: it was refused.
    reader.current?.focus();
  };
  const refused = error?.code.startsWith('swarm.invite-') === true;
  return (
    <FormDialog title="Join a team" submit="Read it" busy={busy} onSubmit={() => void read()} onClose={onClose}>
      {error === undefined || refused ? null : <ErrorNotice title="It could not be read" error={error} />}
      <SecretField
        label="Invite"
        help="The long word that an operator of the team gave you. Nothing is joined before you have seen what it says."
        error={tried && empty ? 'Paste the invite.' : refused ? errorLine(error) : undefined}
        reader={reader}
        first
        onType={(isEmpty) => {
          setEmpty(isEmpty);
          forget();
        }}
      />
      <CopyLine text={swarmCommand('team join', other)} what="command" />
    </FormDialog>
  );
}

/** The page's connection went while it joined; the stream is not opened anew, because that would join again. */
const connectionLost: AppError = {
  code: 'cancelled',
  message: 'The connection to claude-env was lost meanwhile, which calls joining off.',
  hint: 'Look whether this engine is in the Swarm now; if not, join again.',
};

type Doing = { readonly says?: string; readonly error?: AppError };

const needsEngine =
  'This invite lets a machine into the Swarm, which needs a container engine, and none was found here.';

function ConfirmDialog({
  engine,
  word,
  facts,
  onJoined,
  onClose,
}: Props & {
  readonly word: { readonly current: string };
  readonly facts: InviteFacts;
  readonly onJoined: (came: Came) => void;
}) {
  const { client } = useApp();
  const [advertise, setAdvertise] = useState('');
  const [tried, setTried] = useState(false);
  const [other, setOther] = useState(false);
  const [{ says, error }, setDoing] = useState<Doing>({});
  const stop = useRef<() => void>(undefined);
  useEffect(() => () => stop.current?.(), []);
  const isForSwarm = facts.role !== undefined;
  const cannot = isForSwarm && engine === undefined;

  const join = () => {
    setTried(true);
    if ((isForSwarm && advertise === '') || other || cannot) return;
    setDoing({ says: `Joining ${facts.team}` });
    let opened = 0;
    let linked: LinkedServices | undefined;
    const partly = () => (linked === undefined ? {} : { linked });
    stop.current = client.subscribe(
      'joining',
      {
        invite: word.current,
        ...(isForSwarm && engine !== undefined ? { engine, advertise } : {}),
      },
      {
        onOpen: () => {
          opened += 1;
          if (opened === 1) return;
          stop.current?.();
          setDoing({ error: connectionLost });
        },
        onFrame: (frame) => {
          if (frame.kind === 'joined') onJoined({ ...partly(), joined: frame.joined });
          else if (frame.kind === 'linked') linked = frame.linked;
          else setDoing({ says: frame.says });
        },
        onEnd: (failed) => {
          if (failed !== undefined) setDoing({ error: failed });
          else if (!isForSwarm) onJoined(partly());
        },
      },
    );
  };
  const busy = says !== undefined;
  return (
    <FormDialog
      title={`Join ${facts.team}`}
      submit={`Join ${facts.team}`}
      first="cancel"
      busy={busy}
      disabled={other || cannot}
      beside={
        busy ? (
          <span className="team-says" role="status">
            {says} …
          </span>
        ) : null
      }
      onSubmit={join}
      onClose={onClose}
    >
      <Failed title={isForSwarm ? 'This engine has not joined' : 'You have not joined'} error={error} />
      {cannot ? <Notice severity="warn" title={needsEngine} /> : null}
      <JoinFacts
        engine={isForSwarm ? engine : undefined}
        word={word}
        facts={facts}
        address={{ value: advertise, tried, onChange: setAdvertise }}
        onOther={setOther}
      />
    </FormDialog>
  );
}

function CameDialog({ joined, linked, onClose }: Came & { readonly onClose: () => void }) {
  const team = joined?.team ?? linked?.team ?? 'the team';
  return (
    <ClosingDialog title={joined === undefined ? `You are in ${team}` : `This engine is in ${team}`} onClose={onClose}>
      <Outcome>
        {linked === undefined ? null : (
          <>
            <Facts
              facts={[
                ['You are', `${linked.person.name}, ${linked.person.role}`],
                ['Servers', linked.servers.map(({ name }) => name).join(', ') || 'none yet'],
              ]}
            />
            <p>
              Your token is in the keychain. Environments that run get the servers now; the team’s configuration waits
              in Team, Configuration, until you have seen it.
            </p>
          </>
        )}
        {joined === undefined ? null : (
          <>
            <Facts
              facts={[
                ['Node', joined.hostname],
                ['As', joined.role],
                ['Address', <code key="address">{joined.address}</code>],
              ]}
            />
            <OverlayFound overlay={joined.overlay} />
          </>
        )}
        <Warnings texts={[...(joined?.warnings ?? []), ...(joined?.notes ?? []), ...(linked?.notes ?? [])]} />
        <p className="hint">
          <code>npx claude-env team leave</code> says what leaving breaks, and leaves.
        </p>
      </Outcome>
    </ClosingDialog>
  );
}
