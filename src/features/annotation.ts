/** A text of the user, parsed; `problem` completes a sentence about it: "is not a number of seconds". */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** Parses the whole text of an annotation: anchored, and never longer than it looks. */
export type Grammar<T> = (text: string) => Parsed<T>;

/**
 * How well one proxy honours a key.
 * `honoured`: as ingress-nginx does. `differs`: with the difference that `note` states. `gated`: from version `since` on, or
 * with the module `module`; before or without, `below` says what happens. `unsupported`: not at all; `note` says why, and
 * what to do instead.
 */
export type Support =
  | { readonly status: 'honoured' }
  | { readonly status: 'differs'; readonly note: string }
  | {
      readonly status: 'gated';
      readonly since?: string;
      /** Of `ProxyIdentity.modules`. */
      readonly module?: string;
      readonly below: 'differs' | 'unsupported';
      readonly note: string;
    }
  | { readonly status: 'unsupported'; readonly note: string };

/** One annotation, without its prefix. */
export interface Annotation<T> {
  readonly key: string;
  /** Older names of the same thing. */
  readonly aliases?: readonly string[];
  readonly grammar: Grammar<T>;
  /** What the grammar takes, for documentation: `number of seconds`. */
  readonly syntax: string;
  /** What holds without it, for documentation. */
  readonly fallback: string;
  /** What it acts on. */
  readonly scope: 'path' | 'Ingress' | 'host';
  /** As ingress-nginx rates it: `annotations-risk-level`. */
  readonly risk: 'Low' | 'Medium' | 'High' | 'Critical';
  /** One sentence. */
  readonly about: string;
  /** It keeps requests out: when it cannot be honoured, the route answers 503. */
  readonly guards?: true;
  readonly nginx: Support;
  readonly haproxy: Support;
}

export const HONOURED: Support = { status: 'honoured' };

export function differs(note: string): Support {
  return { status: 'differs', note };
}

/** From a version on; what happens before is in `note`. */
export function since(version: string, below: 'differs' | 'unsupported', note: string): Support {
  return { status: 'gated', since: version, below, note };
}

export function needsModule(module: string, note: string): Support {
  return { status: 'gated', module, below: 'unsupported', note };
}

export function unsupported(note: string): Support {
  return { status: 'unsupported', note };
}
