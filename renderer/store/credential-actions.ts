import type { Credential } from '../../preload/contract/credentials.ts';
import { type CredentialRow, credentialRows } from '../show/credentials.ts';
import type { AppStores } from './context.ts';

/* What keys and buttons of the Credentials screen do with the selected row. */

type Entry = Extract<CredentialRow, { kind: 'credential' }>;

/** The rows that can be selected, as they are on the screen now. */
function entriesOf({ credentials, ui }: AppStores): readonly Entry[] {
  const rows = credentialRows(credentials.getState().list ?? [], ui.getState().credentialQuery);
  return rows.filter((row) => row.kind === 'credential');
}

/** Pure. The row that is meant: the chosen one while it is on the screen, otherwise the first. */
export const pickCredential = (entries: readonly Entry[], chosen: string | undefined): Entry | undefined =>
  entries.find(({ id }) => id === chosen) ?? entries[0];

/** True when there was somewhere to go. */
export function moveCredential(app: AppStores, by: number): boolean {
  const entries = entriesOf(app);
  const picked = pickCredential(entries, app.ui.getState().credential);
  if (picked === undefined) return false;
  const at = Math.min(entries.length - 1, Math.max(0, entries.indexOf(picked) + by));
  app.ui.actions.selectCredential(entries[at]?.id ?? picked.id);
  return true;
}

export type CredentialDeed = 'set' | 'remove' | 'reveal';

/** What can be done with an entry in this host. */
export function mayDo({ capabilities }: AppStores, deed: CredentialDeed, { state }: Credential): boolean {
  if (deed === 'set') return true;
  if (state === 'missing') return false;
  return deed === 'remove' || (capabilities.includes('dialogs') && state !== 'gone');
}

/** Opens the deed's dialog for the selected row. False: nothing is selected, or it cannot be done. */
export function openSelected(app: AppStores, deed: CredentialDeed): boolean {
  const picked = pickCredential(entriesOf(app), app.ui.getState().credential);
  if (picked === undefined || !mayDo(app, deed, picked.credential)) return false;
  app.ui.actions.showCredential(`credential-${deed}`, { key: picked.credential.key });
  return true;
}
