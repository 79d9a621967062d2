import type { Redactor } from '../core/redact.ts';
import type { Keychain } from './ports.ts';

/** The same keychain. Whatever is read from it or kept in it is taken out of what the program says. */
export const withRedactor = (keychain: Keychain, redactor: Pick<Redactor, 'know'>): Keychain => ({
  ...keychain,
  get: async (account) => {
    const value = await keychain.get(account);
    if (value !== undefined) redactor.know(value);
    return value;
  },
  set: async (account, value) => {
    redactor.know(value);
    await keychain.set(account, value);
  },
});
