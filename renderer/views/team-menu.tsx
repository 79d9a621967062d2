import type { SwarmPart } from '../../preload/contract/swarm.ts';
import { Menu, type MenuEntry } from '../components/menu.tsx';
import type { TeamDialog } from './team-dialogs.tsx';

/** What is seldom done with a team, and out of it. */
export function TeamMenu({
  part,
  onDialog,
}: {
  readonly part: SwarmPart;
  readonly onDialog: (dialog: TeamDialog) => void;
}) {
  if (part.kind === 'looking' || part.kind === 'none') return null;
  const ofManager: readonly MenuEntry[] =
    part.kind === 'manager'
      ? [
          {
            label: part.autolock ? 'Autolock is on…' : 'Turn autolock on…',
            run: () => onDialog({ kind: 'autolock', isOn: part.autolock }),
          },
          { label: 'Back up…', run: () => onDialog({ kind: 'backup' }) },
        ]
      : [];
  return (
    <Menu
      label="More of the team"
      icon="more"
      entries={[
        ...ofManager,
        { label: 'Leave…', run: () => onDialog({ kind: 'leave' }), danger: true, apart: ofManager.length > 0 },
      ]}
    />
  );
}
