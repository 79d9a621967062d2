import { useState } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { Settings } from '../../preload/contract/model.ts';
import { Button } from '../components/button.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { ErrorNotice } from '../components/notice.tsx';
import { Page } from '../components/page.tsx';
import { Segments } from '../components/segments.tsx';
import { useApp, useLive, useResources } from '../store/context.ts';
import { selectEngines } from '../store/live.ts';
import { useAttempt } from '../store/use-attempt.ts';

type Build = Settings['build'];
const fields: readonly {
  readonly key: keyof Build;
  readonly label: string;
  readonly help: string;
  readonly placeholder: string;
}[] = [
  {
    key: 'httpProxy',
    label: 'HTTP proxy',
    help: 'Used while images are built.',
    placeholder: 'http://proxy.example:3128',
  },
  {
    key: 'httpsProxy',
    label: 'HTTPS proxy',
    help: 'Used while images are built.',
    placeholder: 'http://proxy.example:3128',
  },
  {
    key: 'noProxy',
    label: 'No proxy for',
    help: 'Names and addresses, separated by commas.',
    placeholder: 'localhost,.example',
  },
  {
    key: 'extraCaFile',
    label: 'Extra CA certificates',
    help: 'A PEM file. Builds and containers trust these besides the usual ones, for networks that re-sign TLS.',
    placeholder: '/etc/ssl/certs/company.pem',
  },
  {
    key: 'baseImage',
    label: 'Base image',
    help: 'A Debian 12 image that ours are built from. Empty: debian:bookworm-slim.',
    placeholder: 'debian:bookworm-slim',
  },
  {
    key: 'registry',
    label: 'Registry of our images',
    help: 'Pull our images from here instead of building them. Empty: they are built on this machine.',
    placeholder: 'registry.example/team',
  },
];

export function SettingsView() {
  const settings = useResources((resources) => resources.settings);
  const error = useResources((resources) => resources.error);
  if (settings === undefined) {
    return (
      <Page title="Settings">
        {error === undefined ? null : <ErrorNotice title="The settings could not be read" error={error} />}
      </Page>
    );
  }
  return <SettingsForm settings={settings} />;
}

function SettingsForm({ settings }: { readonly settings: Settings }) {
  const { resources } = useApp();
  const [build, setBuild] = useState<Build>(settings.build);
  const { busy, error, attempt } = useAttempt();
  const version = useResources(({ info }) => info);
  const dirty = fields.some(({ key }) => (build[key] ?? '') !== (settings.build[key] ?? ''));

  const save = (next: Settings) => void attempt(() => resources.actions.saveSettings(next));
  const cleaned = Object.fromEntries(
    Object.entries(build).flatMap(([key, value]) =>
      value === undefined || value.trim() === '' ? [] : [[key, value.trim()]],
    ),
  ) as Build;

  return (
    <Page title="Settings">
      {error === undefined ? null : <ErrorNotice title="The settings could not be saved" error={error} />}
      <Appearance settings={settings} onSave={save} />
      <form
        className="form rows"
        onSubmit={(event) => {
          event.preventDefault();
          save({ ...settings, build: cleaned });
        }}
      >
        <h2>Building images</h2>
        {fields.map(({ key, label, help, placeholder }) => (
          <TextField
            key={key}
            label={label}
            help={help}
            mono
            placeholder={placeholder}
            value={build[key] ?? ''}
            onChange={(event) => setBuild({ ...build, [key]: event.target.value })}
          />
        ))}
        <div className="form-actions">
          <Button type="submit" kind="primary" busy={busy} disabled={!dirty}>
            Save
          </Button>
          <span className="muted">{dirty ? 'Not saved yet. Used by the next build.' : 'Saved.'}</span>
        </div>
      </form>
      {version === undefined ? null : (
        <p className="muted version">
          claude-env {version.version}, {version.host}, {version.platform}, Node {version.node}
        </p>
      )}
    </Page>
  );
}

const themes = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
] as const;

/** Theme and engine: saved at once, because they show at once. */
function Appearance({
  settings,
  onSave,
}: {
  readonly settings: Settings;
  readonly onSave: (settings: Settings) => void;
}) {
  const engines = useLive(useShallow(selectEngines));
  const { engine: _engine, ...withoutEngine } = settings;
  return (
    <section className="form rows">
      <div className="field">
        <span className="field-label">Theme</span>
        <Segments
          label="Theme"
          options={themes}
          value={settings.theme}
          onChange={(theme) => onSave({ ...settings, theme })}
        />
      </div>
      <SelectField
        label="Engine used by default"
        help="In the order: DOCKER_HOST, the current docker context, the other contexts, the usual sockets."
        options={[
          ['', 'The first that answers'],
          ...engines.map(({ id, title, address }) => [id, `${title}: ${address}`] as const),
        ]}
        value={settings.engine ?? ''}
        onChange={(engine) => onSave(engine === '' ? withoutEngine : { ...settings, engine })}
      />
    </section>
  );
}
