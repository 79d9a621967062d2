/*
 * Runs in the page before its own script: a bridge (or a WebSocket) that answers from a scenario's world; see World in
 * test/support/scenarios.ts.
 */
function installWorld(world) {
  const answerFor = ({ method, input }) =>
    world.answers[`${method}:${input?.action}`] ?? world.answers[method] ?? { output: {} };
  const respond = (message, send) => {
    if (message.t === 'call') {
      const answer = answerFor(message);
      const { id } = message;
      send('error' in answer ? { t: 'error', id, error: answer.error } : { t: 'result', id, output: answer.output });
      return;
    }
    if (message.t !== 'open') return;
    const frame = (value) => send({ t: 'frame', id: message.id, frame: value });
    if (message.stream === 'live') frame({ kind: 'snapshot', seq: 0, state: world.live });
    if (message.stream === 'operations')
      for (const operation of world.operations) frame({ kind: 'operation', operation });
    if (message.stream === 'swarm') {
      const state = world.answers.swarm?.output ?? { part: { kind: 'none' }, nodes: {}, services: {} };
      frame({ kind: 'snapshot', seq: 0, state });
    }
    if (message.stream === 'teamMember') frame(world.answers.teamMember?.output ?? { environments: [] });
    if (message.stream === 'joining') {
      for (const one of world.answers.joining?.output ?? []) frame(one);
      send({ t: 'end', id: message.id });
    }
    if (message.stream === 'teamServices') {
      const state = world.answers.teamServices?.output ?? { link: { kind: 'none' }, errors: {} };
      frame({ kind: 'snapshot', seq: 0, state });
    }
    if (message.stream === 'teamStack') frame({ run: world.answers.teamStack?.output ?? null });
    if (message.stream === 'moves') for (const one of world.answers.moves?.output ?? []) frame(one);
    if (message.stream === 'swarmLogs') for (const one of world.answers.swarmLogs?.output ?? []) frame(one);
    if (message.stream === 'drift' && world.answers.drift) frame({ kind: 'drift', drift: world.answers.drift.output });
    if (message.stream === 'credentials') for (const one of world.answers.credentials?.output ?? []) frame(one);
    if (message.stream === 'logs') {
      const lines = world.lines.filter(({ service }) => message.input.services.includes(service));
      if (lines.length > 0) frame({ kind: 'lines', lines });
    }
  };

  if (world.transport === 'bridge') {
    let listener = () => {};
    window.claudeEnv = {
      post: (message) => queueMicrotask(() => respond(message, (answer) => listener(answer))),
      listen: (next) => {
        listener = next;
        return () => {};
      },
      capabilities: world.capabilities,
    };
    return;
  }
  if (world.transport === 'no-session') return;
  if (world.transport === 'gone') {
    history.replaceState(null, '', '#token=spent');
    window.fetch = () => Promise.reject(new TypeError('Failed to fetch'));
    return;
  }
  sessionStorage.setItem('claude-env.session', 'k'.repeat(43));
  let opened = 0;
  window.WebSocket = class {
    constructor() {
      opened += 1;
      setTimeout(() => (opened > 1 ? this.onclose({ code: 1006 }) : this.onopen({})), 0);
    }
    receive(message) {
      queueMicrotask(() => this.onmessage({ data: JSON.stringify(message) }));
    }
    send(text) {
      const message = JSON.parse(text);
      if (message.t !== 'hello') {
        respond(message, (answer) => this.receive(answer));
        return;
      }
      const code = { session: 4401, protocol: 4400 }[world.transport];
      if (code !== undefined) {
        setTimeout(() => this.onclose({ code }), 0);
        return;
      }
      this.receive({ t: 'welcome', protocol: message.protocol });
      setTimeout(() => this.onclose({ code: 1006 }), 400);
    }
    close() {}
  };
}

// Set by screenshots.mjs in front of this script.
installWorld(globalThis.claudeEnvWorld);
