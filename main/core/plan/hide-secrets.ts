/*
 * Values that must not be shown. Nobody marks them, so a name or a shape that is usual for them is enough; where it is
 * not clear, the value is hidden.
 */
const secretName =
  /pass|secret|token|credential|private|auth|apikey|api[_.-]?key|[_.-]key\b|[_.-]key[_.-]|^key$|[_.-]pwd|pwd$|dsn|cookie|salt|signature|webhook|license/i;
/** A login in an address, a PEM block, a JWT, or a long run of letters and digits such as keys are. */
const secretShape =
  /:\/\/[^/\s:@]+:[^/\s@]+@|-----BEGIN|\beyJ[\w-]{10,}\.|(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])[\w+/=-]{32,}/;
/** `--password=x`, `-p x`, `PGPASSWORD=x` inside a command. */
const secretArgument = /(?:pass(?:word|wd)?|secret|token|api[_-]?key|credential)\w*(?:[=:]|["',\s]+)\S/i;

/** A variable that is called as secrets are. */
export const isSecretName = (name: string): boolean => secretName.test(name);

/** `key` is a path such as `environment.DB_PASSWORD`; `text` what would be shown. */
export function looksSecret(key: string, text: string): boolean {
  const at = key.indexOf('.');
  const section = at < 0 ? key : key.slice(0, at);
  switch (section) {
    case 'environment':
    case 'labels':
    case 'annotations':
    case 'logging':
    case 'driver_opts':
      return secretName.test(key.slice(at + 1)) || secretShape.test(text) || secretArgument.test(text);
    case 'command':
    case 'entrypoint':
    case 'healthcheck':
      return secretShape.test(text) || secretArgument.test(text);
    default:
      return false;
  }
}
