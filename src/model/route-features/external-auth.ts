import type { RemoteUrl } from './remote-url.ts';

/** Each request is first shown to another service (nginx: auth_request). */
export interface ExternalAuth extends RemoteUrl {
  /** Where clients go that it does not know, with the way back in it; a URL or a path, with variables. */
  readonly signin: string | undefined;
  /** Headers of its answer that the upstream gets in place of the client's, sorted. */
  readonly responseHeaders: readonly string[];
  /** How it is asked; `undefined`: GET. */
  readonly method: string | undefined;
  /** X-Auth-Request-Redirect of the question. */
  readonly requestRedirect: string;
  /** More headers of the question, by name; values with variables. */
  readonly requestHeaders: readonly { readonly name: string; readonly value: string }[];
  /** Names of them in lower case: the usual ones of these names are left out. */
  readonly replaced: readonly string[];
  readonly cache: AuthCache | undefined;
  /** Cookies of its answer are set whatever the upstream answers, not only when that is a success or a redirect. */
  readonly alwaysSetCookie: boolean;
  /** Starts of paths that nobody has to log in for. */
  readonly openPaths: readonly string[];
  /** Why nobody can be asked, of the global service: all other paths are closed. `undefined` on every route. */
  readonly cannotAsk: string | undefined;
}

/** Answers are kept for questions of which the key is the same. */
export interface AuthCache {
  /** With variables. */
  readonly key: string;
  /** No codes: 200, 301 and 302. `time` is one of nginx, such as `5m`. */
  readonly durations: readonly { readonly codes: readonly string[]; readonly time: string }[];
}
