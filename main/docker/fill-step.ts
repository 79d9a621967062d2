import { AppFailure } from '../core/app-failure.ts';
import { fillWithin, marksWithin } from '../core/opaque.ts';
import type { SecretStore } from '../services/ports.ts';

/**
 * The same step, or part of one, with values in the places of their marks. The last thing before the engine is called:
 * what comes out of this is sent, and neither shown, hashed nor kept. The store asks for each value once an operation.
 */
export async function fillValues<T>(value: T, secrets: SecretStore): Promise<T> {
  const names = new Set(marksWithin(value).map(({ name }) => name));
  const found = await Promise.all([...names].map(async (name) => [name, await takeValue(name, secrets)] as const));
  return fillWithin(value, new Map(found));
}

async function takeValue(name: string, secrets: SecretStore): Promise<string> {
  const value = await secrets.lookup({ from: 'environment', variable: name, kind: 'variable', name });
  if (value !== undefined) return value;
  throw new AppFailure({
    code: 'file.invalid',
    message: `\${${name}} has no value any more: it is neither set nor in the keychain.`,
    hint: `Keep it in the keychain: npx claude-env secret set ${name}`,
  });
}
