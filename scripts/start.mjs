import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { node24 } from './setup/dependencies.mjs';
import { provideElectron } from './setup/electron.mjs';
import { setUpEngine, setUpForStart } from './setup/index.mjs';
import { inRoot } from './setup/paths.mjs';
import { runInTerminal } from './setup/run.mjs';
import { runScript, SetupError, say } from './setup/terminal.mjs';

/*
 * `npm start`: sets up what is missing, brings the local stack up and opens the app on it.
 * Ctrl-C ends the app; the stack goes on (`npx claude-env down` ends it).
 */

const usage = `npm start -- [--yes] [--no-app] [--workspace DIR]
  --yes            answer every question with yes
  --no-app         set up, bring the stack up, and exit
  --workspace DIR  the folder with your code (asked for at the first start)`;

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        yes: { type: 'boolean', short: 'y', default: false },
        'no-app': { type: 'boolean', default: false },
        workspace: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return values;
  } catch (error) {
    throw new SetupError(error.message, { hint: usage, exitCode: 2 });
  }
}

/** @param {import('./setup/platform.mjs').Platform} platform */
async function openApp(platform) {
  const env = { ...process.env, PATH: pathWithNode24() };
  const electron = await provideElectron(platform);
  if ('path' in electron) {
    say('opening the window; Ctrl-C closes it and leaves the stack running');
    return runInTerminal(electron.path, [inRoot()], { env });
  }
  say(`opening in the browser, because ${electron.why}`);
  say('Ctrl-C ends the app and leaves the stack running');
  const noBrowser = platform.display ? [] : ['--no-open'];
  return runInTerminal(node24, [inRoot('out/cli/index.cjs'), 'web', ...noBrowser], { env });
}

const pathWithNode24 = () =>
  [inRoot('node_modules', '.bin'), process.env.PATH ?? ''].join(process.platform === 'win32' ? ';' : ':');

await runScript(async () => {
  const options = readOptions();
  if (options.help) {
    console.log(usage);
    return 0;
  }
  const yes = options.yes;
  const { platform, state } = await setUpForStart({ yes });
  await build();
  await setUpEngine({ platform, state, yes });

  // Where nobody can be asked, set-up's rule holds for the plan as well: root without a terminal means yes.
  const agreed = yes || (!platform.terminal && platform.root);
  // Named, so that a COMPOSE_FILE in the user's shell means nothing here.
  const up = [
    'up',
    '--environment',
    'local',
    ...(agreed ? ['--yes'] : []),
    ...(options.workspace === undefined ? [] : ['--workspace', options.workspace]),
  ];
  const code = await runInTerminal(node24, [inRoot('out/cli/index.cjs'), ...up]);
  if (code !== 0) return code;
  if (options['no-app']) return 0;
  return openApp(platform);
});
