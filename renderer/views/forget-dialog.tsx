import { useState } from 'react';
import { toAppError } from '../client/call-error.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { useApp, useLive, useUi } from '../store/context.ts';
import { environmentOf } from '../store/resources.ts';

/** Takes the stack off the list. What runs goes on running: then it stays in the list, because it is on the engine. */
export function ForgetDialog() {
  const { ui, client, resources } = useApp();
  const place = useUi((state) => state.place);
  const id = place.view === 'stack' ? place.stack : '';
  const stack = useLive((live) => live.stacks[id]);
  const [state, setState] = useState<{ readonly busy: boolean; readonly error?: string }>({ busy: false });
  const close = () => ui.actions.show(undefined);
  const environment = environmentOf(resources.getState(), id);

  const forget = async () => {
    setState({ busy: true });
    try {
      if (environment === undefined) await client.call('stacks.forget', { stack: id });
      else await resources.actions.removeEnvironment(environment.name);
      ui.actions.go({ view: 'home' });
    } catch (thrown) {
      setState({ busy: false, error: toAppError(thrown).message });
    }
  };
  return (
    <Dialog
      title={`Take ${stack?.title ?? id} off the list`}
      onClose={close}
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button kind="danger" busy={state.busy} onClick={() => void forget()}>
            Take off the list
          </Button>
        </>
      }
    >
      <p>
        Nothing on the engine is touched: containers, networks and volumes stay as they are, and as long as it has
        containers it stays in the list.
      </p>
      <p>
        {environment === undefined
          ? 'claude-env forgets which compose file it was opened from.'
          : `claude-env forgets the folder, ports and consents of ${environment.name}.`}
      </p>
      {state.error === undefined ? null : <p className="help bad">{state.error}</p>}
    </Dialog>
  );
}
