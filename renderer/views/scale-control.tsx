import { useId, useState } from 'react';
import type { Service } from '../../preload/contract/model.ts';
import { Button } from '../components/button.tsx';
import { countReplicas, readReplicas } from '../show/replicas.ts';
import { act } from '../store/actions.ts';
import { useApp, useLive } from '../store/context.ts';

/** How many containers the service has, and another number: like every change it shows its plan first. */
export function ScaleControl({ service, blocked }: { readonly service: Service; readonly blocked: boolean }) {
  const app = useApp();
  const id = useId();
  // The stack we ship has one container of each service, by name.
  const scales = useLive((live) => {
    const stack = live.stacks[service.stack];
    return stack?.filesFound === true && stack.kind !== 'local';
  });
  const now = countReplicas(service);
  const [typed, setTyped] = useState<string>();
  if (!scales) return null;
  const wanted = typed === undefined ? undefined : readReplicas(typed, now);
  const submit = () => {
    if (wanted === undefined || blocked) return;
    setTyped(undefined);
    void act(app, service.stack, 'scale', { services: [service.name], scale: { [service.name]: wanted } });
  };
  return (
    <form
      className="scale"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <label htmlFor={id}>How many</label>
      <input
        id={id}
        className="input"
        type="number"
        inputMode="numeric"
        min={0}
        max={1000}
        value={typed ?? String(now)}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || typed === undefined) return;
          event.stopPropagation();
          setTyped(undefined);
        }}
      />
      <Button kind="quiet" type="submit" disabled={blocked || wanted === undefined}>
        Scale…
      </Button>
    </form>
  );
}
