/*
 * Why a task ended. The engine's sentence may quote a command's arguments, a path on the machine or what a program wrote, so
 * only sentences of a known form pass, rebuilt from the parts that are known to be harmless. Pure.
 */

/** @type {readonly (readonly [RegExp, (parts: readonly string[]) => string])[]} */
const forms = [
  [
    /^task: non-zero exit \((\d{1,3})\): dockerexec: unhealthy container$/,
    ([code]) => `unhealthy container, exit ${code}`,
  ],
  [/^task: non-zero exit \((\d{1,3})\)/, ([code]) => `task: non-zero exit (${code})`],
  // Counts and reasons, written by the scheduler itself.
  [/^(no suitable node(?: \([\w ;,-]*\))?)/, ([all]) => String(all)],
  [/^No such image: ([\w./:@-]+)$/, ([image]) => `No such image: ${image}`],
  [/^(assigned node no longer meets constraints)$/, ([all]) => String(all)],
  [/^(node is not available|node failed|heartbeat failure)/, ([all]) => String(all)],
  [/port is already allocated|address already in use/, () => 'a port that it publishes is taken'],
  [/invalid mount config|bind source path does not exist/, () => 'what it mounts is not there'],
  [/^starting container failed/, () => 'its container could not be started'],
];

/**
 * @param {string} error as the engine has it
 * @returns {string} empty where there is none
 */
export function toShownError(error) {
  if (error === '') return '';
  for (const [form, say] of forms) {
    const found = form.exec(error);
    if (found !== null) return say(found.slice(1));
  }
  return 'its own reason is for operators: claude-env stack ps';
}
