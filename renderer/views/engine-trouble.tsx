import { useShallow } from 'zustand/react/shallow';
import { Button } from '../components/button.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { Page } from '../components/page.tsx';
import { useApp, useLive, useResources } from '../store/context.ts';
import { selectEngines } from '../store/live.ts';
import { EngineCard } from './engine-details.tsx';

interface Way {
  readonly title: string;
  readonly command?: string;
  readonly link?: string;
}

/** How to get an engine, per platform; the first is the shortest way. */
const ways: Readonly<Record<string, readonly Way[]>> = {
  linux: [
    { title: 'Debian or Ubuntu', command: 'sudo apt-get install docker.io && sudo usermod -aG docker "$USER"' },
    { title: 'Fedora', command: 'sudo dnf install moby-engine && sudo systemctl enable --now docker' },
    { title: 'Docker Engine for any Linux', link: 'https://docs.docker.com/engine/install/' },
  ],
  darwin: [
    { title: 'Colima', command: 'brew install colima docker && colima start' },
    { title: 'OrbStack', link: 'https://orbstack.dev/download' },
    { title: 'Docker Desktop', link: 'https://docs.docker.com/desktop/setup/install/mac-install/' },
  ],
  win32: [
    { title: 'Docker Desktop', link: 'https://docs.docker.com/desktop/setup/install/windows-install/' },
    { title: 'Rancher Desktop', link: 'https://rancherdesktop.io/' },
  ],
};

/** No engine answers: what was tried, in order, each with its cause, and how to get one. */
export function EngineTrouble() {
  const { ui } = useApp();
  const engines = useLive(useShallow(selectEngines));
  const platform = useResources(({ info }) => info?.platform) ?? 'linux';
  const found = engines.length > 0;
  return (
    <Page
      title={found ? 'No container engine answers' : 'No container engine was found'}
      lead={
        found
          ? 'claude-env runs your environment in containers. It knows the engines below, and none of them answers. It goes on trying and continues by itself as soon as one does.'
          : 'claude-env runs your environment in containers. It looked for DOCKER_HOST, for docker contexts and for the usual sockets, and found none.'
      }
      actions={
        <Button icon="doctor" onClick={() => ui.actions.go({ view: 'doctor' })}>
          See every check
        </Button>
      }
    >
      {found ? (
        <section>
          <h2>What was tried, in order</h2>
          <div className="engine-list boxed">
            {engines.map((engine) => (
              <EngineCard key={engine.id} engine={engine} />
            ))}
          </div>
        </section>
      ) : null}
      <section>
        <h2>{found ? 'If none is installed' : 'How to get one'}</h2>
        <ul className="ways">
          {(ways[platform] ?? ways.linux ?? []).map((way) => (
            <li key={way.title}>
              <span>{way.title}</span>
              {way.command === undefined ? null : <CopyLine text={way.command} what="the command" />}
              {way.link === undefined ? null : (
                <a href={way.link} target="_blank" rel="noreferrer">
                  {way.link}
                </a>
              )}
            </li>
          ))}
        </ul>
      </section>
    </Page>
  );
}
