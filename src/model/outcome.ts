import type { ConfigPlace } from './bundle.ts';
import type { Diagnostic } from './diagnostics.ts';
import type { Kind } from './objects.ts';

/** What one pass over the world came to. Sinks see this and nothing else. */
export interface Outcome {
  readonly result: ApplyResult;
  readonly diagnostics: readonly Diagnostic[];
  readonly counts: { readonly hosts: number; readonly routes: number; readonly upstreams: number };
  /** Objects known of each kind. */
  readonly objects: Readonly<Partial<Record<Kind, number>>>;
  /** The Ingresses that are ours, whether they are served or not. */
  readonly ingresses: readonly IngressIdentity[];
  readonly certificates: readonly CertificateExpiry[];
  /** Milliseconds by stage. */
  readonly timings: Readonly<Record<string, number>>;
  /** Milliseconds from the first change that this pass is about to its end; `undefined` when nothing had changed. */
  readonly latencyMs: number | undefined;
}

export interface IngressIdentity {
  readonly namespace: string;
  readonly name: string;
  /** Empty outside of a cluster. */
  readonly uid: string;
}

export interface CertificateExpiry {
  /** `namespace/name` of the Secret. */
  readonly secret: string;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
}

export type ApplyResult =
  /** The proxy runs these bytes already. */
  | { readonly type: 'unchanged'; readonly generation: number }
  /** The proxy answered the number of the generation. No changed files: it had lost the configuration and took it again. */
  | {
      readonly type: 'applied';
      /** `runtime`: by the same workers as before. */
      readonly by: 'reload' | 'runtime';
      readonly generation: number;
      readonly changedFiles: readonly string[];
    }
  /** The proxy's checker refused the configuration; nothing was installed. */
  | { readonly type: 'refused'; readonly message: string; readonly places: readonly ConfigPlace[] }
  /** It could not be written, checked or installed, for a reason outside of it: disk full, no such program. Nothing changed. */
  | { readonly type: 'failed'; readonly message: string }
  /** Installed, but the running proxy did not take it over; the previous generation is installed again. */
  | { readonly type: 'rolled-back'; readonly message: string; readonly generation: number }
  /** Installed and accepted by the checker, but no proxy answers, or there is no generation to go back to. */
  | { readonly type: 'unacknowledged'; readonly message: string; readonly generation: number };
