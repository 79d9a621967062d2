import { FormDialog } from '../components/form-dialog.tsx';
import { ErrorNotice } from '../components/notice.tsx';
import { useApp, useLive, useUi } from '../store/context.ts';
import { environmentOf } from '../store/resources.ts';
import { useAttempt } from '../store/use-attempt.ts';

/** Takes the stack off the list. What runs goes on running: then it stays in the list, because it is on the engine. */
export function ForgetDialog() {
  const { ui, client, resources } = useApp();
  const place = useUi((state) => state.place);
  const id = place.view === 'stack' ? place.stack : '';
  const stack = useLive((live) => live.stacks[id]);
  const { busy, error, attempt } = useAttempt();
  const close = () => ui.actions.show(undefined);
  const environment = environmentOf(resources.getState(), id);

  const forget = () =>
    attempt(
      async () => {
        if (environment === undefined) await client.call('stacks.forget', { stack: id });
        else await resources.actions.removeEnvironment(environment.name);
      },
      () => ui.actions.go({ view: 'home' }),
    );
  return (
    <FormDialog
      title={`Take ${stack?.title ?? id} off the list`}
      submit="Take off the list"
      kind="danger"
      first="cancel"
      busy={busy}
      onSubmit={forget}
      onClose={close}
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
      {error === undefined ? null : <ErrorNotice title="It could not be taken off" error={error} />}
    </FormDialog>
  );
}
