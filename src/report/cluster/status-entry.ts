import { objectKey } from '../../model/refs.ts';
import type { IngressIdentity } from '../../model/outcome.ts';

/** What is known of the status of one Ingress. */
export interface StatusEntry extends IngressIdentity {
  /** `namespace/name`. */
  readonly key: string;
  /** The last write of ours that worked. */
  written: Written | undefined;
  /** Failures in a row. */
  failures: number;
  /** Not to be written before. */
  notBefore: number;
}

interface Written {
  /** As of `addressesKey`. */
  readonly addresses: string;
  /** What was there before. */
  readonly before: string;
  readonly at: number;
}

/** Milliseconds to wait for the watch to show what was written, before it is written again. */
const ECHO_MS = 60_000;
/** Milliseconds between two equal writes, when somebody else keeps writing something different. */
const REWRITE_MS = 10_000;

/** @param last of the same name; what is known of it does not hold for an Ingress that was created anew */
export function entryFor({ namespace, name, uid }: IngressIdentity, last: StatusEntry | undefined): StatusEntry {
  if (last?.uid === uid) return last;
  const key = objectKey(namespace, name);
  return { namespace, name, uid, key, written: undefined, failures: 0, notBefore: -Infinity };
}

/**
 * When the status of an Ingress has to be written; Infinity: it is as it shall be.
 *
 * @param seen what the watch shows; `wanted` what shall be there: both as of `addressesKey`
 */
export function writeTime({ written, notBefore }: StatusEntry, seen: string, wanted: string): number {
  if (seen === wanted) return Infinity;
  if (written?.addresses !== wanted) return notBefore;
  return Math.max(notBefore, written.at + (seen === written.before ? ECHO_MS : REWRITE_MS));
}

/** Whether `addresses` stand in the status of an Ingress, or were just written and the watch has yet to show it. */
export function hasAddresses({ written }: StatusEntry, seen: string, addresses: string, now: number): boolean {
  if (seen === addresses) return true;
  return written?.addresses === addresses && seen === written.before && now < written.at + ECHO_MS;
}
