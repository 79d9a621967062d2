import { useEffect, useState } from 'react';
import { useApp } from '../store/context.ts';
import { createLogSession, type LogSession } from '../store/log-session.ts';
import { serviceLogs, swarmLogs } from '../store/log-source.ts';

const later = (ms: number, run: () => void) => {
  window.setTimeout(run, ms);
};

/** Opens the stream while the view is open; a service that joins or leaves opens it anew. */
export function useLogSession(services: readonly string[], tail?: number): LogSession | undefined {
  const { client } = useApp();
  const [session, setSession] = useState<LogSession>();
  const key = services.join(' ');
  useEffect(() => {
    if (key === '') return;
    const opened = createLogSession(serviceLogs(client, key.split(' ')), later, tail);
    setSession(opened);
    return () => {
      opened.close();
      setSession(undefined);
    };
  }, [client, key, tail]);
  return session;
}

/** Of a service on a Swarm, by its whole name: the lines of all its tasks. */
export function useSwarmLogSession(engine: string, stack: string, service: string): LogSession | undefined {
  const { client } = useApp();
  const [session, setSession] = useState<LogSession>();
  useEffect(() => {
    const opened = createLogSession(swarmLogs(client, { engine, stack, service }), later);
    setSession(opened);
    return () => {
      opened.close();
      setSession(undefined);
    };
  }, [client, engine, stack, service]);
  return session;
}
