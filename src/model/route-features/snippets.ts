/**
 * Configuration that users wrote in nginx's own language, taken apart: nothing of its text is used as it is. Allowed by a
 * flag or the ConfigMap only, directive by directive.
 */
export interface Snippets {
  /** Headers of answers; `value` with variables of the request. */
  readonly addHeaders: readonly { readonly name: string; readonly value: string; readonly always: boolean }[];
  /** Headers of the upstream that are dropped. */
  readonly hideHeaders: readonly string[];
  /** Headers of the request; `value` with variables of the request. */
  readonly requestHeaders: readonly { readonly name: string; readonly value: string }[];
  /** In the order in which they are written. */
  readonly lines: readonly SnippetLine[];
}

export type SnippetLine =
  /** `words` are plain words. */
  | { readonly type: 'words'; readonly name: string; readonly words: readonly string[] }
  | SnippetReturn
  | {
      readonly type: 'rewrite';
      readonly pattern: string;
      /** With `$1` to `$9`, and the variables of `REWRITE_VARIABLES`. */
      readonly replacement: string;
      readonly flag: 'break' | 'redirect' | 'permanent';
    }
  | {
      readonly type: 'if';
      readonly variable: string;
      /** Empty: it is neither empty nor `0`. */
      readonly operator: '' | '=' | '!=' | '~' | '~*' | '!~' | '!~*';
      /** A text with variables for `=` and `!=`, else a regular expression. */
      readonly operand: string;
      readonly isPattern: boolean;
      readonly lines: readonly SnippetLine[];
    };

export interface SnippetReturn {
  readonly type: 'return';
  readonly status: number;
  /** With variables of the request: a URL for a redirect, else the body. */
  readonly text: string | undefined;
}
