import { type Settings, settings as settingsSchema } from '../../preload/contract/kept.ts';
import { AppFailure } from '../core/app-failure.ts';
import type { BuildSettings, Files, Log, StateStore } from './ports.ts';

const defaultSettings: Settings = { theme: 'system', build: {} };

const maxCa = 4 * 1024 * 1024;

/** The file `settings` in the state folder; scripts/setup may have written it before the program has ever run. */
export function createSettings({ state, log }: { readonly state: StateStore; readonly log: Log }) {
  return {
    get: async (): Promise<Settings> => {
      const found = await state.read('settings');
      if (found === undefined) return defaultSettings;
      const parsed = settingsSchema.safeParse(withDefaults(found));
      if (parsed.success) return parsed.data;
      log('warn', 'settings.json does not fit and is ignored', { issues: parsed.error.issues.slice(0, 5) });
      return defaultSettings;
    },
    set: async (settings: Settings): Promise<Settings> => {
      await state.write('settings', settings);
      return settings;
    },
  };
}
export type SettingsService = ReturnType<typeof createSettings>;

/** A file written by an older version may lack a key that this one has. */
function withDefaults(found: unknown): unknown {
  return typeof found === 'object' && found !== null ? { ...defaultSettings, ...found } : found;
}

const bothCases = (name: string, value: string | undefined): readonly (readonly [string, string])[] =>
  value === undefined || value === '' ? [] : [[name, value] as const, [name.toLowerCase(), value] as const];

/**
 * What image builds get from the settings. Docker predefines the proxy arguments in both spellings, so a Dockerfile
 * need not declare them and they do not become part of the image (https://docs.docker.com/build/building/variables/).
 */
export async function toBuildSettings(settings: Settings, files: Files): Promise<BuildSettings> {
  const { build } = settings;
  const args = Object.fromEntries([
    ...bothCases('HTTP_PROXY', build.httpProxy),
    ...bothCases('HTTPS_PROXY', build.httpsProxy),
    ...bothCases('NO_PROXY', build.noProxy),
  ]);
  if (build.extraCaFile === undefined || build.extraCaFile === '') return { args };
  const extraCa = await files.readText(build.extraCaFile, maxCa);
  if (!extraCa.includes('-----BEGIN CERTIFICATE-----')) {
    throw new AppFailure({
      code: 'file.invalid',
      message: `${build.extraCaFile} holds no certificate in PEM form.`,
      hint: 'Settings → Builds → extra CA file: choose a file with -----BEGIN CERTIFICATE----- lines, or none.',
    });
  }
  return { args, extraCa };
}
