import { AppFailure } from '../../../core/app-failure.ts';
import { programName } from '../../shared/program-name.ts';
import type { Command } from '../run.ts';

/** What is left where nothing can be kept; nothing of it is written. */
export const sessionWay = (): string =>
  `For one run only: \`${programName()} up\` asks on a terminal for what is missing and keeps it in memory; \`${programName()} web\` keeps values until it ends.`;

/** The command, which says what else can be done when the keychain is why it failed. */
export const orForThisRun =
  (command: Command): Command =>
  async (context) => {
    try {
      return await command(context);
    } catch (error) {
      if (!(error instanceof AppFailure) || !error.error.code.startsWith('keychain.')) throw error;
      const { hint } = error.error;
      throw new AppFailure({
        ...error.error,
        hint: [hint, sessionWay()].filter((line) => line !== undefined).join('\n'),
      });
    }
  };
