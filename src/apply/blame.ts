import { ownerOf, type BundleFile, type ConfigBundle, type ConfigPlace } from '../model/bundle.ts';
import type { ApplyResult } from '../model/outcome.ts';
import { formatRef, type ObjectRef } from '../model/refs.ts';

export type Refusal = Extract<ApplyResult, { type: 'refused' }>;

/** What the proxy holds against an object. */
export interface Charge {
  readonly object: ObjectRef;
  /** The smallest part that can be left out: a path, spec.tls entry or default backend; empty for the whole object. */
  readonly part: string;
  /** Of what the proxy said, the line that names the place. */
  readonly complaint: string;
  /** The place; `undefined` when nothing of the file may be shown. */
  readonly excerpt: Excerpt | undefined;
  /** `reload`: it was accepted by the checker, but not taken over, which may change without any change of the object. */
  readonly by: 'check' | 'reload';
}

export interface Excerpt {
  /** `hosts.conf:12`. */
  readonly place: string;
  /** The line that the proxy names. */
  readonly line: string;
  /** That line with three before and after it, numbered. */
  readonly lines: readonly string[];
  /** Those of them that the object wrote: who reads its Events may not read what others wrote. */
  readonly own: readonly string[];
}

/** Objects that can be left out of a configuration; nobody else can be charged. */
const REMOVABLE: ReadonlySet<string> = new Set(['Ingress', 'Service', 'Secret']);
const PART = /^spec\.(?:rules\[\d+\]\.http\.paths\[\d+\]|tls\[\d+\]|defaultBackend)(?=\.|$)/;
const AROUND = 3;

/** Finds the owners of the lines that the proxy names when it refuses a configuration; each part of an object once. */
export function chargesOf(bundle: ConfigBundle, { message, places }: Refusal): readonly Charge[] {
  const charges = new Map<string, Charge>();
  for (const place of places) {
    const file = bundle.files.get(place.path);
    const source = file === undefined ? undefined : ownerOf(file, place.line);
    if (file === undefined || source === undefined || !REMOVABLE.has(source.object.kind)) continue;
    const { object, field } = source;
    const part = object.kind === 'Ingress' ? (PART.exec(field)?.[0] ?? '') : '';
    const key = `${formatRef(object)} ${part}`;
    if (!charges.has(key)) {
      charges.set(key, {
        object,
        part,
        complaint: complaintAbout(place, message),
        excerpt: excerptOf(file, place, object),
        by: 'check',
      });
    }
  }
  return [...charges.values()];
}

/** A charge without a place: found by trying. */
export function chargeByTrial(object: ObjectRef, { message }: Refusal): Charge {
  return { object, part: '', complaint: message, excerpt: undefined, by: 'check' };
}

/** A checker may say many things about many places at once. */
function complaintAbout({ path, line }: ConfigPlace, message: string): string {
  const lines = message.split('\n');
  const names = (text: string, what: string) => {
    const at = text.indexOf(what);
    return at >= 0 && !/\d/.test(text.charAt(at + what.length));
  };
  return lines.find((text) => names(text, `${path}:${line}`)) ?? lines.find((text) => text.includes(path)) ?? message;
}

function excerptOf(file: BundleFile, { line }: ConfigPlace, object: ObjectRef): Excerpt | undefined {
  if (file.secret) return undefined;
  const all = file.text.split('\n');
  const first = Math.max(1, line - AROUND);
  const around = all.slice(first - 1, line + AROUND).map((text, index) => ({ number: first + index, text }));
  const isOwn = (number: number) => {
    const owner = ownerOf(file, number)?.object;
    return owner !== undefined && formatRef(owner) === formatRef(object);
  };
  const show = ({ number, text }: { readonly number: number; readonly text: string }) => `${number}: ${text}`;
  const own = around.filter(({ number }) => isOwn(number)).map(show);
  return { place: `${file.path}:${line}`, line: (all[line - 1] ?? '').trim(), lines: around.map(show), own };
}
