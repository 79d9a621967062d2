import { useState } from 'react';
import type { McpServer } from '../../preload/contract/model.ts';
import { CopyButton, CopyLine } from '../components/copy-button.tsx';
import { Icon } from '../components/icon.tsx';
import { Prose } from '../components/prose.tsx';
import { StateShape } from '../components/state-shape.tsx';
import { Ago } from '../components/time.tsx';
import { mcpLook } from '../show/aggregate.ts';
import { keyOf } from '../show/credentials.ts';
import { claudeMcpAdd } from '../show/ports.ts';
import { plural } from '../show/words.ts';
import { useApp } from '../store/context.ts';

/** Each server with its state, tools and address, and the line that registers it. */
export function McpPanel({ servers, local }: { readonly servers: readonly McpServer[]; readonly local: boolean }) {
  return (
    <section className="block wide">
      <h3>MCP servers</h3>
      <div className="mcp-list">
        {servers.map((server) => (
          <McpRow key={server.server} server={server} local={local} />
        ))}
      </div>
    </section>
  );
}

function McpRow({ server, local }: { readonly server: McpServer; readonly local: boolean }) {
  const [open, setOpen] = useState(false);
  const look = mcpLook[server.state];
  const { ui } = useApp();
  const key = keyOf(server);
  const command = local ? claudeMcpAdd(server) : undefined;
  return (
    <div className="mcp" data-testid={`mcp-${server.server}`} data-state={server.state}>
      <div className="mcp-line">
        <StateShape look={look} />
        <span className="mcp-name">{server.server}</span>
        <span className={`mcp-state tone-text-${look.tone}`}>{look.label}</span>
        {server.tools.length === 0 ? (
          <span className="mcp-tools muted">no tools</span>
        ) : (
          <button type="button" className="mcp-tools link" aria-expanded={open} onClick={() => setOpen(!open)}>
            <Icon name={open ? 'down' : 'right'} />
            {plural(server.tools.length, 'tool')}
          </button>
        )}
        <McpAddress server={server} local={local} />
        {command === undefined ? null : (
          <CopyButton text={command} what={`“${command}”`} label="claude mcp add" className="mcp-add" />
        )}
      </div>
      {server.reason === undefined ? null : (
        <div className="mcp-reason">
          <Prose text={server.reason} />
          {key === undefined ? null : (
            <>
              {' '}
              <button
                type="button"
                className="link"
                onClick={() => ui.actions.showCredential('credential-set', { name: key })}
              >
                Add key…
              </button>
            </>
          )}
        </div>
      )}
      {server.restarts === 0 ? null : (
        <div className="mcp-reason">
          Restarted {server.restarts === 1 ? 'once' : plural(server.restarts, 'time')}
          {server.since === undefined ? null : (
            <>
              , in this state for <Ago since={server.since} />
            </>
          )}
        </div>
      )}
      {open ? (
        <div className="mcp-more">
          <ul className="mcp-tool-list">
            {server.tools.map((tool) => (
              <li key={tool.name}>
                <code>{tool.name}</code>
                {tool.description === undefined ? null : <span className="muted">{tool.description}</span>}
              </li>
            ))}
          </ul>
          {command === undefined ? null : <CopyLine text={command} what="the command" />}
        </div>
      ) : null}
    </div>
  );
}

function McpAddress({ server, local }: { readonly server: McpServer; readonly local: boolean }) {
  if (server.url === undefined || !local) {
    return <span className="mcp-url muted">port {server.port}, not reachable from this machine</span>;
  }
  return (
    <span className="mcp-url">
      <code className="ellipsis" title={server.url}>
        {server.url}
      </code>
      <CopyButton text={server.url} what={server.url} />
    </span>
  );
}
