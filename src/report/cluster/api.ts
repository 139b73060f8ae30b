import { isRecord } from '../../model/record.ts';
import { quoteText } from '../../model/diagnostics.ts';
import type { ApiRequest, KubeApi } from '../../model/kube-api.ts';

export type Api = Pick<KubeApi, 'request'>;

/** An answer that is not what was asked for, or none at all. */
export interface Failure {
  readonly ok: false;
  /** Of HTTP; 0 when no answer came. */
  readonly status: number;
  /** In words that stay the same while it stays wrong. */
  readonly reason: string;
  readonly retryAfterMs: number | undefined;
}

export type Answer = { readonly ok: true; readonly body: unknown } | Failure;

export const FORBIDDEN = 403;
export const NOT_FOUND = 404;
export const CONFLICT = 409;

/** Sends a request; whatever goes wrong is a value. What comes after the signal has aborted counts as no answer. */
export async function ask(api: Api, request: ApiRequest, signal: AbortSignal): Promise<Answer> {
  try {
    const { status, body, retryAfterMs } = await api.request(request, signal);
    if (signal.aborted) return noAnswer('it came too late');
    if (status >= 200 && status < 300) return { ok: true, body };
    return { ok: false, status, reason: describe(status, body), retryAfterMs };
  } catch (error) {
    return noAnswer(error instanceof Error ? error.message : String(error));
  }
}

export function noAnswer(reason: string): Failure {
  return { ok: false, status: 0, reason, retryAfterMs: undefined };
}

/** @param body a metav1.Status, or whatever stands between us and the server answered instead of it */
function describe(status: number, body: unknown): string {
  const told = textAt(body, 'message');
  return told === '' ? `HTTP ${status}` : `HTTP ${status}: ${quoteText(told)}`;
}

/** Path of a namespaced object, or with an empty name of all of its kind in that namespace. */
export function pathOf(root: string, namespace: string, plural: string, name = ''): string {
  const path = `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
  return name === '' ? path : `${path}/${encodeURIComponent(name)}`;
}

/** What is found going down the names; `undefined` where there is nothing. */
export function valueAt(value: unknown, ...names: readonly string[]): unknown {
  let found = value;
  for (const name of names) found = isRecord(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  return found;
}

/** A text; empty where there is none. */
export function textAt(value: unknown, ...names: readonly string[]): string {
  const found = valueAt(value, ...names);
  return typeof found === 'string' ? found : '';
}

/** A list; empty where there is none. */
export function listAt(value: unknown, ...names: readonly string[]): readonly unknown[] {
  const found = valueAt(value, ...names);
  return Array.isArray(found) ? found : [];
}
