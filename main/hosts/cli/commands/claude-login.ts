import { toServiceId } from '../../../../preload/contract/ids.ts';
import type { StackId } from '../../../../preload/contract/model.ts';
import { programName } from '../../shared/program-name.ts';
import { openUrl } from '../../web/open-url.ts';
import { meansLocal } from '../globals.ts';
import { type Command, type Context, usage } from '../run.ts';
import { exec } from './exec.ts';
import { requirePrepared } from './first-run.ts';

/* Claude Code’s own login, inside of the development container: it stays in the volume with Claude's configuration. */

const service = 'claude-env';
/** Far more than it says before its address. */
const mostText = 16 * 1024;

/**
 * Pure. The address that `claude auth login` prints (seen with 2.1.329), once all of it is there. Of Anthropic's own sites
 * only: what comes out of a container is not believed to open anything else.
 */
export function findLoginAddress(text: string): string | undefined {
  for (const [, address = ''] of text.matchAll(/(https:\/\/[!-~]+)[^!-~]/g)) {
    if (!URL.canParse(address)) continue;
    const { hostname, pathname } = new URL(address);
    if (/(^|\.)(claude\.ai|claude\.com|anthropic\.com)$/.test(hostname) && pathname.includes('/oauth/')) return address;
  }
  return undefined;
}

/** `claude auth login`, with its address opened in this machine's browser where there is one. */
export const claudeLogin: Command = async (context) => {
  if (!meansLocal(context.globals)) {
    throw usage('Claude Code is in the local stack alone.', `\`${programName()} claude-login\`, without -f and -p.`);
  }
  await requirePrepared(context);
  let seen = '';
  let handed = false;
  const onText = (text: string): void => {
    if (handed) return;
    seen = (seen + text).slice(-mostText);
    const address = findLoginAddress(seen);
    if (address === undefined) return;
    handed = true;
    void openUrl(address);
  };
  return exec({
    service,
    command: ['claude', 'auth', 'login'],
    tty: true,
    interactive: true,
    detach: false,
    user: undefined,
    workingDir: undefined,
    environment: [],
    index: undefined,
    privileged: false,
    onText,
  })(context);
};

/** Says how to log in where nobody has. An image of one's own may have another Claude, or none: then nothing is said. */
export async function tellLogin({ io, services, signal }: Context, stack: StackId): Promise<void> {
  const asked = services.exec(toServiceId(stack, service), {
    command: ['claude', 'auth', 'status'],
    onOutput: () => undefined,
    signal,
  });
  // `auth status` ends with 1 when there is no login.
  const loggedOut = await asked.then(
    ({ exitCode }) => exitCode === 1,
    () => false,
  );
  if (!loggedOut) return;
  io.say(
    [
      '',
      'Claude is not logged in yet. In the browser:',
      `  ${programName()} claude-login`,
      'or with a token (from `claude setup-token`), or with ANTHROPIC_API_KEY, and then `up` again:',
      `  ${programName()} secret set CLAUDE_CODE_OAUTH_TOKEN`,
    ].join('\n'),
  );
}
