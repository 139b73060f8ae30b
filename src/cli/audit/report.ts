import type { ProxyIdentity } from '../../model/options.ts';

/**
 * What becomes of one thing. From the worst: `closed`: the routes answer 503, because what guards them cannot be honoured.
 * `lost`: it is not served, or has no effect. `wrong`: its value is refused. `differs`: honoured, with a difference.
 * `unread`: depends on a Secret that was not read. `unknown`: no key of ingress-nginx. `same`: a fault that the old
 * controller has, too. `unused`: it has no effect where it is. `honoured`.
 */
export type Status = (typeof STATUSES)[number];

export const STATUSES = [
  'closed',
  'lost',
  'wrong',
  'differs',
  'unread',
  'unknown',
  'same',
  'unused',
  'honoured',
] as const;

/** What becomes of an Ingress: the worst that becomes of something in it. */
export type Verdict = (typeof VERDICTS)[number];

export const VERDICTS = ['closed', 'lost', 'wrong', 'differs', 'honoured'] as const;

export interface AuditedAnnotation {
  /** As the Ingress has it, with its prefix. */
  readonly name: string;
  readonly key: string;
  /** Empty for an unknown key. */
  readonly family: string;
  readonly status: Status;
  /** The version of the proxy that honours it better than the chosen one; empty for all others. */
  readonly since: string;
  /** Why, and what to do; empty when there is nothing to say. */
  readonly note: string;
}

/** A fault of the Ingress outside of its annotations. */
export interface AuditedProblem {
  /** Of docs/diagnostics.md. */
  readonly code: string;
  readonly field: string;
  readonly status: Status;
  readonly note: string;
}

/** Something that the Ingress relies on, perhaps without anybody knowing. */
export interface Quirk {
  readonly id: QuirkId;
  /** `differs`: sluice does it otherwise. */
  readonly status: 'same' | 'differs';
  readonly note: string;
}

export type QuirkId =
  | 'regex-host'
  | 'implied-regex'
  | 'case-insensitive'
  | 'trailing-slash'
  | 'shared-host'
  | 'path-conflict'
  | 'default-class'
  | 'redirect-without-certificate'
  | 'canary'
  | 'has-canaries';

export interface AuditedIngress {
  readonly namespace: string;
  readonly name: string;
  readonly verdict: Verdict;
  /** Sorted; `*` for rules without host. */
  readonly hosts: readonly string[];
  readonly annotations: readonly AuditedAnnotation[];
  readonly problems: readonly AuditedProblem[];
  readonly quirks: readonly Quirk[];
}

/** A fault of something other than an Ingress: of the ConfigMap, of the cluster. */
export interface GeneralProblem {
  readonly severity: 'error' | 'warning';
  readonly code: string;
  /** `ConfigMap ingress-nginx/controller`; empty when it is no object. */
  readonly object: string;
  readonly field: string;
  readonly note: string;
}

/** How often a key is used, and the worst that becomes of it. */
export interface KeyUse {
  readonly key: string;
  readonly ingresses: number;
  readonly status: Status;
  readonly since: string;
  readonly note: string;
}

/** The JSON that `sluice audit --format json` prints. Fields may be added; none changes its meaning within one `format`. */
export interface AuditReport {
  readonly format: 1;
  readonly proxy: ProxyIdentity;
  readonly summary: {
    readonly ingresses: number;
    readonly verdicts: Readonly<Record<Verdict, number>>;
    /** Uses of annotations. */
    readonly annotations: Readonly<Record<Status, number>>;
    /** Ingresses of other classes. */
    readonly ignored: number;
  };
  /** The worst first, then by name. */
  readonly ingresses: readonly AuditedIngress[];
  /** The worst first, then the most used. */
  readonly keys: readonly KeyUse[];
  readonly general: readonly GeneralProblem[];
  /** Secrets that Ingresses name and that were not read, `namespace/name`: what is in them is not judged. */
  readonly unread: readonly string[];
  readonly ignored: readonly { readonly namespace: string; readonly name: string; readonly reason: string }[];
}

/** 1 when a move would lose or close something, or a value is wrong. */
export function exitCodeOf({ summary, general }: AuditReport): number {
  const { closed, lost, wrong } = summary.verdicts;
  return closed + lost + wrong > 0 || general.some(({ severity }) => severity === 'error') ? 1 : 0;
}

export function worst<S extends Status>(statuses: readonly S[]): S | undefined {
  return [...statuses].sort((left, right) => STATUSES.indexOf(left) - STATUSES.indexOf(right))[0];
}
