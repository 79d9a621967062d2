/* What the keychain's own process is asked, and what it answers. Values travel through its pipe and nowhere else. */

export type KeychainRequest =
  | { readonly call: 'get' | 'delete'; readonly account: string }
  | { readonly call: 'set'; readonly account: string; readonly value: string };

export interface KeychainMessage {
  readonly id: number;
  readonly request: KeychainRequest;
}
export type KeychainReply =
  | { readonly id: number; readonly found: string | null }
  /** The library's own words; never a value. */
  | { readonly id: number; readonly error: string };
