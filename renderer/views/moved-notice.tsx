import { useEffect, useRef, useState } from 'react';
import type { MovedMachine, RejoinedTeam } from '../../preload/contract/team.ts';
import { Button } from '../components/button.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { ClosingDialog } from '../components/dialog.tsx';
import { FormDialog } from '../components/form-dialog.tsx';
import { Notice } from '../components/notice.tsx';
import { SecretField, type SecretReader } from '../components/secret-field.tsx';
import { swarmCommand } from '../show/swarm.ts';
import { useApp, useLive } from '../store/context.ts';
import { selectPreferredEngine } from '../store/live.ts';
import { type Attempt, useAttempt } from '../store/use-attempt.ts';
import { AddressField, Facts, Failed, Outcome, OverlayFound, Warnings } from './team-parts.tsx';

/** On every page: the team knows this machine by an address that it no longer has, and one button mends that. */
export function MovedNotice() {
  const engine = useLive((live) => selectPreferredEngine(live)?.id);
  return engine === undefined ? null : <Moved key={engine} engine={engine} />;
}

function Moved({ engine }: { readonly engine: string }) {
  const { client } = useApp();
  const answers = useLive((live) => live.engines[engine]?.state.kind === 'connected');
  const [moved, setMoved] = useState<MovedMachine>();
  const [asking, setAsking] = useState<MovedMachine>();
  const [done, setDone] = useState<RejoinedTeam>();
  const attempt = useAttempt();
  useEffect(() => {
    if (!answers) return;
    const close = client.subscribe('moves', { engine }, { onFrame: (frame) => setMoved(frame.moved) });
    return () => {
      close();
      setMoved(undefined);
    };
  }, [client, engine, answers]);

  const rejoin = (machine: MovedMachine, advertise: string, invite = '') =>
    attempt.attempt(async () => {
      try {
        setDone(await client.call('team.rejoin', { engine, advertise, ...(invite === '' ? {} : { invite }) }));
        setAsking(undefined);
      } catch (thrown) {
        // One press was not enough: what is missing is asked for.
        setAsking(machine);
        throw thrown;
      }
    });
  const begin = (machine: MovedMachine) => {
    const [only, ...others] = machine.now;
    if (only === undefined || others.length > 0) setAsking(machine);
    else void rejoin(machine, only);
  };
  return (
    <>
      {moved === undefined ? null : (
        <div className="moved" data-testid="moved">
          <Notice
            severity="warn"
            title={`${moved.team} knows this machine as ${moved.known}, now ${moved.now.join(', ')}`}
            actions={
              <Button kind="primary" busy={attempt.busy} onClick={() => begin(moved)}>
                Rejoin
              </Button>
            }
          >
            <p>The others do not reach it there. It leaves and joins again with its labels; its tasks start anew.</p>
          </Notice>
        </div>
      )}
      {asking === undefined ? null : (
        <RejoinDialog
          engine={engine}
          moved={asking}
          attempt={attempt}
          onRejoin={(advertise, invite) => void rejoin(asking, advertise, invite)}
          onClose={() => {
            attempt.forget();
            setAsking(undefined);
          }}
        />
      )}
      {done === undefined ? null : <RejoinedDialog done={done} onClose={() => setDone(undefined)} />}
    </>
  );
}

/** Where one press is not enough: several addresses, or nothing that is kept lets it in again. */
function RejoinDialog({
  engine,
  moved,
  attempt: { busy, error },
  onRejoin,
  onClose,
}: {
  readonly engine: string;
  readonly moved: MovedMachine;
  readonly attempt: Attempt;
  readonly onRejoin: (advertise: string, invite: string) => void;
  readonly onClose: () => void;
}) {
  const [address, setAddress] = useState(moved.now.length === 1 ? (moved.now[0] ?? '') : '');
  const [tried, setTried] = useState(false);
  const reader: SecretReader = useRef(null);
  const needsInvite = useRef(false);
  needsInvite.current ||= error?.code.startsWith('swarm.invite-') === true;
  return (
    <FormDialog
      title={`Rejoin ${moved.team}`}
      submit="Rejoin"
      first="cancel"
      busy={busy}
      onSubmit={() => {
        setTried(true);
        if (address !== '') onRejoin(address, reader.current?.value.trim() ?? '');
      }}
      onClose={onClose}
    >
      <Failed title="This machine has not rejoined" error={error} />
      <p>
        {moved.team} knows it as <code>{moved.known}</code>. A Swarm cannot be told another address: the machine leaves
        and joins again, and its tasks start anew.
      </p>
      <AddressField engine={engine} value={address} tried={tried} onChange={setAddress} />
      {needsInvite.current ? (
        <SecretField
          label="New invite"
          help="From an operator of the team: neither the keychain nor a manager could be used."
          reader={reader}
          first
          onType={() => undefined}
        />
      ) : null}
      <CopyLine text={swarmCommand('team rejoin', undefined)} what="command" />
    </FormDialog>
  );
}

function RejoinedDialog({ done, onClose }: { readonly done: RejoinedTeam; readonly onClose: () => void }) {
  return (
    <ClosingDialog title={`This machine is in ${done.team} again`} onClose={onClose}>
      <Outcome>
        <Facts
          facts={[
            ['Address', <code key="address">{done.address}</code>],
            ['Labels', done.labelsKept ? 'as before' : 'not carried over'],
          ]}
        />
        <OverlayFound overlay={done.overlay} />
        <Warnings texts={done.notes} />
      </Outcome>
    </ClosingDialog>
  );
}
