import { useShallow } from 'zustand/react/shallow';
import type { CredentialKey } from '../../preload/contract/credentials.ts';
import { SelectField, TextField } from '../components/field.tsx';
import { useCredentials, useLive } from '../store/context.ts';

/** `other`: a project that is not known here, by the name that is being typed. */
export type ScopeChoice =
  | { readonly kind: 'user' }
  | { readonly kind: 'project'; readonly project: string }
  | { readonly kind: 'other'; readonly project: string };

/** Pure. undefined while the project has no name. */
export function toKey(name: string, scope: ScopeChoice): CredentialKey | undefined {
  if (scope.kind === 'user') return { scope: 'user', name };
  return scope.project === '' ? undefined : { scope: 'project', project: scope.project, name };
}

/** Whose it is: the user's for every project, or one project's, which comes first there. */
export function CredentialScope({
  value,
  onChange,
  tried,
}: {
  readonly value: ScopeChoice;
  readonly onChange: (scope: ScopeChoice) => void;
  readonly tried: boolean;
}) {
  const running = useLive(useShallow((live) => Object.values(live.stacks).map(({ project }) => project)));
  const list = useCredentials((state) => state.list) ?? [];
  const kept = list.flatMap(({ key }) => (key.scope === 'project' ? [key.project] : []));
  const chosen = value.kind === 'project' ? [value.project] : [];
  const projects = [...new Set([...running, ...kept, ...chosen])].sort();

  const choose = (text: string) => {
    if (text === 'user') onChange({ kind: 'user' });
    else if (text === 'other') onChange({ kind: 'other', project: '' });
    else onChange({ kind: 'project', project: text.slice('project '.length) });
  };
  return (
    <>
      <SelectField
        label="For"
        options={[
          ['user', 'you, in every project'],
          ...projects.map((project) => [`project ${project}`, `project ${project} alone`] as const),
          ['other', 'another project…'],
        ]}
        value={value.kind === 'project' ? `project ${value.project}` : value.kind}
        onChange={choose}
      />
      {value.kind === 'other' ? (
        <TextField
          label="Project"
          mono
          value={value.project}
          error={tried && value.project === '' ? 'Give the project’s name.' : undefined}
          help="The compose project’s name: `name:` in its file, or its folder’s name."
          onChange={(event) => onChange({ kind: 'other', project: event.target.value.trim() })}
        />
      ) : null}
    </>
  );
}
