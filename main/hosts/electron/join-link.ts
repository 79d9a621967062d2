/** The scheme that installed apps are opened by. */
export const linkScheme = 'claude-env';

/**
 * Whether the app was called to open “Join a team”: `claude-env://join`, and nothing else. An invite is a secret, and addresses are
 * kept in histories and logs: one that carries anything is not obeyed, and the dialog asks for the string.
 */
export const asksToJoin = (texts: readonly string[]): boolean =>
  texts.some((text) => text === `${linkScheme}://join` || text === `${linkScheme}://join/`);
