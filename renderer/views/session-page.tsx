import type { Refusal } from '../client/connection.ts';
import { Button } from '../components/button.tsx';
import { CopyLine } from '../components/copy-button.tsx';
import { StateShape } from '../components/state-shape.tsx';
import { aggregateLook } from '../show/aggregate.ts';

interface Words {
  readonly title: string;
  readonly cause: string;
  readonly step: string;
  readonly command?: string;
}

const words: Readonly<Record<Refusal, Words>> = {
  'no-session': {
    title: 'This page needs its link',
    cause:
      'claude-env only answers to pages that were opened with its one-time link, so that nothing else on this machine can control your containers.',
    step: 'Get a new link in a terminal:',
    command: 'npx claude-env open',
  },
  session: {
    title: 'This session is over',
    cause: 'The link was used before, has expired, or claude-env was started again since. Links work once.',
    step: 'Get a new link in a terminal:',
    command: 'npx claude-env open',
  },
  protocol: {
    title: 'This page and claude-env are of different versions',
    cause: 'The app was changed while this page was open, so the two no longer understand each other.',
    step: 'Reload the page. If it stays like this, end the app and start it again.',
  },
  gone: {
    title: 'claude-env does not answer',
    cause:
      'Nobody listens at the address of this link any more: the app has ended since. Your containers go on running.',
    step: 'Start it again in a terminal:',
    command: 'npx claude-env web',
  },
};

/** All that is left when the host refuses: why, and the one thing that helps. It holds no data. */
export function SessionPage({ reason }: { readonly reason: Refusal }) {
  const { title, cause, step, command } = words[reason];
  return (
    <main className="alone">
      <div className="alone-inner">
        <h1>
          <StateShape look={aggregateLook.stopped} />
          {title}
        </h1>
        <p>{cause}</p>
        <p>{step}</p>
        {command === undefined ? (
          <Button kind="primary" icon="restart" onClick={() => window.location.reload()}>
            Reload
          </Button>
        ) : (
          <CopyLine text={command} what="the command" />
        )}
      </div>
    </main>
  );
}
