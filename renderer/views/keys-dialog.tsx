import { Kbd } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { keyLabel, keymap } from '../show/keymap.ts';
import { isMac } from '../show/platform.ts';
import { useApp } from '../store/context.ts';

const groups = ['Anywhere', 'In a stack', 'In Credentials'] as const;

/** Printed from the same table that the handler obeys; the nine digits are one line. */
export function KeysDialog() {
  const { ui } = useApp();
  const lines = keymap
    .filter(({ command }) => !/^stack-[2-9]$/.test(command))
    .map((binding) =>
      binding.command === 'stack-1'
        ? { ...binding, keys: ['1', '9'], title: 'Go to the first … ninth stack' }
        : binding,
    );
  return (
    <Dialog isReading title="Keyboard shortcuts" onClose={() => ui.actions.show(undefined)}>
      {groups.map((group) => (
        <section key={group} className="keys">
          <h3>{group}</h3>
          <dl>
            {lines
              .filter((line) => line.group === group)
              .map((line) => (
                <div key={line.command}>
                  <dt>{line.title}</dt>
                  <dd>
                    {line.keys.map((key, index) => (
                      <span key={key}>
                        {index > 0 ? (line.command === 'stack-1' ? ' … ' : ' or ') : ''}
                        <Kbd>{keyLabel(key, isMac)}</Kbd>
                      </span>
                    ))}
                  </dd>
                </div>
              ))}
          </dl>
        </section>
      ))}
    </Dialog>
  );
}
