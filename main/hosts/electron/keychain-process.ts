import { utilityProcess } from 'electron';
import type { StartKeychainWorker } from '../../platform/keychain/keychain.ts';

/** A packaged app cannot run itself as Node (electronFuses in electron-builder.yml), so Electron starts the worker. */
export const startKeychainProcess =
  (file: string): StartKeychainWorker =>
  () => {
    const child = utilityProcess.fork(file, [], { serviceName: 'claude-env keychain', stdio: 'ignore' });
    return {
      send: (message) => child.postMessage(message),
      onReply: (listener) => child.on('message', listener),
      onEnd: (listener) => child.once('exit', listener),
      end: () => {
        child.kill();
      },
    };
  };
