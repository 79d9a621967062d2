import { useShallow } from 'zustand/react/shallow';
import type { Engine } from '../../preload/contract/model.ts';
import { Button } from '../components/button.tsx';
import { Prose } from '../components/prose.tsx';
import { StateShape } from '../components/state-shape.tsx';
import { Ago } from '../components/time.tsx';
import { engineLook } from '../show/aggregate.ts';
import { errorLine } from '../show/error-text.ts';
import { useApp, useLive } from '../store/context.ts';
import { selectEngines } from '../store/live.ts';
import { useAttempt } from '../store/use-attempt.ts';

/** Every engine that is known, why it is known, and how it is. */
export function EngineDetails() {
  const engines = useLive(useShallow(selectEngines));
  if (engines.length === 0) return <p className="popover-empty">No container engine was found on this machine.</p>;
  return (
    <div className="engine-list">
      {engines.map((engine) => (
        <EngineCard key={engine.id} engine={engine} />
      ))}
    </div>
  );
}

function facts(engine: Engine): readonly (readonly [string, string])[] {
  const known = [
    ['Address', engine.address],
    ['Chosen by', engine.source],
  ] as const;
  if (engine.state.kind !== 'connected') return known;
  const { product, version, apiVersion, os, arch, swarm, name } = engine.state;
  return [
    ['Engine', `${product} ${version} (API ${apiVersion})`],
    ['Machine', `${name}, ${os}/${arch}`],
    ...(swarm === 'none' ? [] : ([['Swarm', swarm]] as const)),
    ...known,
  ];
}

export function EngineCard({ engine }: { readonly engine: Engine }) {
  const { state } = engine;
  return (
    <section className="engine-card" aria-label={engine.title}>
      <div className="engine-card-head">
        <StateShape look={engineLook[state.kind]} />
        <strong>{engine.title}</strong>
        <span className="muted">
          {engineLook[state.kind].label}
          {state.kind === 'unreachable' ? (
            <>
              {' '}
              for <Ago since={state.since} />
            </>
          ) : null}
          {engine.preferred ? ', used by default' : ''}
        </span>
        {state.kind === 'unreachable' ? <RetryButton engine={engine.id} /> : null}
      </div>
      {state.kind === 'unreachable' ? (
        <p className="engine-card-cause">
          <Prose text={state.error.message} />
          {state.error.hint === undefined ? null : (
            <span className="hint">
              <Prose text={state.error.hint} />
            </span>
          )}
        </p>
      ) : null}
      <dl className="facts">
        {facts(engine).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className={name === 'Address' ? 'mono' : ''}>
              <Prose text={value} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** Tries now instead of at the next back-off. The answer arrives as the engine's state. */
export function RetryButton({ engine }: { readonly engine: string }) {
  const { client } = useApp();
  const { busy, error, attempt } = useAttempt();
  const retry = () => attempt(() => client.call('engines.retry', { engine }));
  return (
    <>
      <Button icon="restart" busy={busy} onClick={retry}>
        Retry
      </Button>
      {error === undefined ? null : (
        <span className="help bad" role="alert">
          {errorLine(error)}
        </span>
      )}
    </>
  );
}
