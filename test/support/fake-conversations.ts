import { AppFailure } from '../../main/core/app-failure.ts';
import type { EngineConnection } from '../../main/services/ports.ts';

const refused = async (): Promise<never> => {
  throw new AppFailure({ code: 'unsupported', message: 'The fake engine has no processes and no files.' });
};

/** What only a real engine can answer; tried in test/docker and test/cli. */
export const realEngineOnly: Pick<EngineConnection, 'attach' | 'copyOut' | 'copyIn' | 'processes' | 'image' | 'checkLogin'> = {
  attach: refused,
  copyOut: refused,
  copyIn: refused,
  processes: refused,
  image: refused,
  checkLogin: refused,
};
