import type { Service } from '../../preload/contract/model.ts';
import { ReplicaForm } from '../components/replica-form.tsx';
import { countReplicas } from '../show/replicas.ts';
import { act } from '../store/actions.ts';
import { useApp, useLive } from '../store/context.ts';

/** How many containers the service has, and another number: like every change it shows its plan first. */
export function ScaleControl({ service, blocked }: { readonly service: Service; readonly blocked: boolean }) {
  const app = useApp();
  // The stack we ship has one container of each service, by name.
  const scales = useLive((live) => {
    const stack = live.stacks[service.stack];
    return stack?.filesFound === true && stack.kind !== 'local';
  });
  if (!scales) return null;
  return (
    <ReplicaForm
      label="How many"
      now={countReplicas(service)}
      blocked={blocked}
      onScale={(wanted) =>
        void act(app, service.stack, 'scale', { services: [service.name], scale: { [service.name]: wanted } })
      }
    />
  );
}
