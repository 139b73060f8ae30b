import { FAMILY_OF_KEY } from '../../features/registry.ts';
import { selectAnnotations } from '../../features/reader.ts';
import { judge, supportOf } from '../../features/support.ts';
import { isAtLeast } from '../../model/version.ts';
import type { Annotation } from '../../features/annotation.ts';
import type { Diagnostic } from '../../model/diagnostics.ts';
import type { Ingress } from '../../model/objects.ts';
import type { TargetProxy, TranslateOptions } from '../../model/options.ts';
import { compareText } from '../../model/refs.ts';
import { worst, type AuditedAnnotation, type Status } from './report.ts';

export interface Judging {
  readonly options: TranslateOptions;
  /** What the translator says of this Ingress. */
  readonly diagnostics: readonly Diagnostic[];
  /** Keys of Secrets that were not read. */
  readonly unread: readonly string[];
}

/** What becomes of every annotation of one Ingress, by name. */
export function judgeAnnotations(ingress: Ingress, judging: Judging): readonly AuditedAnnotation[] {
  const given = selectAnnotations(ingress.metadata.annotations, judging.options.annotationPrefixes);
  return [...given]
    .sort(([left], [right]) => compareText(left, right))
    .map(([key, { name, text }]) => judgeOne({ key, name, text }, judging));
}

interface Given {
  readonly key: string;
  readonly name: string;
  readonly text: string;
}

function judgeOne(given: Given, judging: Judging): AuditedAnnotation {
  const { key, name } = given;
  const found = findAnnotation(key);
  const told = judging.diagnostics.filter(({ field }) => field === `metadata.annotations[${name}]`);
  const said = told.map((diagnostic) => ({
    status: statusOf(diagnostic, judging.unread),
    note: noteOf(diagnostic),
  }));
  const status = worst(said.map((item) => item.status));
  const about = { name, key, family: found?.family ?? '' };
  if (status !== undefined) {
    const note = status === 'unread' ? NOT_READ : notesFor(status, said);
    return { ...about, status, since: sinceOf(found?.annotation, judging.options.target), note };
  }
  if (found === undefined) return { ...about, status: 'unknown', since: '', note: '' };
  return { ...about, ...withoutComplaint(found, given, judging.options.target) };
}

export const NOT_READ = 'it depends on a Secret that was not read';

interface Said {
  readonly status: Status;
  readonly note: string;
}

/** Of what closes a route, the reason; not that a key is unsupported, too. */
function notesFor(status: Status, said: readonly Said[]): string {
  return [...new Set(said.filter((item) => item.status === status).map(({ note }) => note))].join('; ');
}

/** A key is judged by what the translator says; when that is nothing, its support says how well it is honoured. */
function withoutComplaint(
  { annotation, family }: Found,
  { text }: Given,
  proxy: TargetProxy,
): Pick<AuditedAnnotation, 'status' | 'since' | 'note'> {
  const { isHonoured, note = '' } = judge(annotation, family, proxy);
  if (text.trim() === '') return { status: 'unused', since: '', note: 'it is empty' };
  // Told when it counts: a switch that is off asks for nothing.
  if (!isHonoured) return { status: 'unused', since: '', note: 'it asks for nothing here' };
  return { status: note === '' ? 'honoured' : 'differs', since: sinceOf(annotation, proxy), note };
}

function sinceOf(annotation: Annotation<unknown> | undefined, proxy: TargetProxy): string {
  const support = annotation === undefined ? undefined : supportOf(annotation, proxy.name);
  if (support?.status !== 'gated' || support.since === undefined) return '';
  return isAtLeast(proxy.version, support.since) ? '' : support.since;
}

interface Found {
  readonly annotation: Annotation<unknown>;
  readonly family: string;
}

function findAnnotation(key: string): Found | undefined {
  const family = FAMILY_OF_KEY.get(key);
  const annotation = family?.annotations.find((item) => item.key === key || (item.aliases ?? []).includes(key));
  return family === undefined || annotation === undefined ? undefined : { annotation, family: family.name };
}

const STATUS_OF_CODE: Readonly<Record<string, Status>> = {
  RouteClosed: 'closed',
  AnnotationUnsupported: 'lost',
  InvalidAnnotation: 'wrong',
  UnknownAnnotation: 'unknown',
  AnnotationIgnored: 'unused',
  InvalidUsers: 'differs',
};

function statusOf({ code, severity, message }: Diagnostic, unread: readonly string[]): Status {
  if (unread.some((key) => mentions(message, key))) return 'unread';
  const guess = severity === 'error' ? 'lost' : 'differs';
  const isClosing = code === 'InvalidAnnotation' && message.endsWith('answers 503');
  return isClosing ? 'closed' : (STATUS_OF_CODE[code] ?? guess);
}

/** `shop/users`, and not `shop/users-old`. */
export function mentions(message: string, key: string): boolean {
  return message.split(/[^\w./-]+/).some((word) => word.replace(/\.$/, '') === key);
}

/** "not honoured on nginx: " is what the status says already. */
function noteOf({ message }: Diagnostic): string {
  return message.replace(/^not honoured on [a-z0-9-]+: /, '');
}
