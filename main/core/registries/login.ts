/* A registry's login, and where it comes from. Values are read at the moment of use and kept by nobody. */

/** What the engine takes as X-Registry-Auth: https://docs.docker.com/reference/api/engine/version/v1.41/#section/Authentication */
export interface RegistryAuth {
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly serveraddress: string;
}

export type LoginSource =
  /** Added in this app. */
  | { readonly kind: 'keychain' }
  /** In plain text in docker's config.json. */
  | { readonly kind: 'docker-config'; readonly file: string }
  /** Behind `docker-credential-<helper>`. */
  | { readonly kind: 'helper'; readonly helper: string };

export interface RegistryLogin {
  readonly auth: RegistryAuth;
  readonly source: LoginSource;
}

/** What is known about one registry. */
export interface LoginAnswer {
  readonly registry: string;
  /** undefined: nobody has one. */
  readonly login?: RegistryLogin | undefined;
  /** Sources that have one, or may, and could not be asked; each a sentence. */
  readonly problems: readonly string[];
}

/** `<token>` as a user's name means that the secret is an identity token (docker/docker-credential-helpers). */
const identityUser = '<token>';

export const toAuth = (registry: string, user: string, secret: string): RegistryAuth =>
  user === identityUser
    ? { identitytoken: secret, serveraddress: registry }
    : { ...(user !== '' && { username: user }), password: secret, serveraddress: registry };

export const sourceTitle = (source: LoginSource): string => {
  switch (source.kind) {
    case 'keychain':
      return 'the keychain';
    case 'docker-config':
      return source.file;
    case 'helper':
      return `docker-credential-${source.helper}`;
  }
};
