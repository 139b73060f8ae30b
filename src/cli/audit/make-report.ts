import type { Diagnostic } from '../../model/diagnostics.ts';
import type { Ingress } from '../../model/objects.ts';
import type { ProxyIdentity, TranslateOptions } from '../../model/options.ts';
import { compareText, formatRef, objectKey } from '../../model/refs.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { ReferenceFinder } from '../../translate/references.ts';
import { createTranslator } from '../../translate/translate.ts';
import { judgeAnnotations, mentions } from './annotations.ts';
import { judgeProblems } from './problems.ts';
import { findQuirks, hostsOf, indexHosts, type HostIndex, type Scene } from './quirks.ts';
import {
  STATUSES,
  VERDICTS,
  worst,
  type AuditedIngress,
  type AuditReport,
  type GeneralProblem,
  type KeyUse,
  type Status,
  type Verdict,
} from './report.ts';

export interface AuditInput {
  readonly snapshot: Snapshot;
  readonly options: TranslateOptions;
  readonly identity: ProxyIdentity;
  /** Whether a Secret that is not in the snapshot was looked for at all. */
  readonly hasLookedFor: (secret: string) => boolean;
}

/** Has the translator of `sluice run` read a world, and says what it makes of it. Pure: the same world gives the same report. */
export function makeReport({ snapshot, options, identity, hasLookedFor }: AuditInput): AuditReport {
  const { model, diagnostics, ignored } = createTranslator()(snapshot, options);
  const unread = unreadSecrets(snapshot, options).filter((key) => !hasLookedFor(key));
  const others = new Set(ignored.map(({ object }) => objectKey(object.namespace, object.name)));
  const ours = new Map([...snapshot.objects.Ingress].filter(([key]) => !others.has(key)));
  const scene = { options, model, ingresses: ours, unread };
  const index = indexHosts(scene);
  const byIngress = Map.groupBy(diagnostics, keyOfIngress);
  const audited = [...ours].map(([key, ingress]) =>
    auditIngress(ingress, { scene, index, unread, diagnostics: byIngress.get(key) ?? [] }),
  );
  const ingresses = audited.sort(byVerdict);
  return {
    format: 1,
    proxy: identity,
    summary: summarize(ingresses, ignored.length),
    ingresses,
    keys: keysOf(ingresses),
    general: diagnostics.filter((item) => !isOfOneOf(item, ours)).flatMap((item) => toGeneral(item, unread)),
    unread,
    ignored: ignored.map(({ object: { namespace, name }, reason }) => ({ namespace, name, reason })),
  };
}

/** Secrets that Ingresses refer to, and that are not there. */
function unreadSecrets(snapshot: Snapshot, options: TranslateOptions): readonly string[] {
  const { Secret } = new ReferenceFinder().all(snapshot, options);
  return [...Secret].filter((key) => !snapshot.objects.Secret.has(key)).sort(compareText);
}

function keyOfIngress({ object }: Diagnostic): string {
  return object?.kind === 'Ingress' ? objectKey(object.namespace, object.name) : '';
}

function isOfOneOf(diagnostic: Diagnostic, ingresses: ReadonlyMap<string, Ingress>): boolean {
  return ingresses.has(keyOfIngress(diagnostic));
}

interface Auditing {
  readonly scene: Scene;
  readonly index: HostIndex;
  readonly unread: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

function auditIngress(ingress: Ingress, { scene, index, unread, diagnostics }: Auditing): AuditedIngress {
  const { namespace, name } = ingress.metadata;
  const annotations = judgeAnnotations(ingress, { options: scene.options, diagnostics, unread });
  const problems = judgeProblems(diagnostics, unread);
  const quirks = findQuirks(ingress, scene, index, diagnostics);
  const statuses = [...annotations, ...problems, ...quirks].map(({ status }) => status);
  const hosts = hostsOf(ingress).map((host) => (host === '' ? '*' : host));
  return { namespace, name, verdict: verdictOf(statuses), hosts, annotations, problems, quirks };
}

function verdictOf(statuses: readonly Status[]): Verdict {
  return VERDICTS.find((verdict) => statuses.includes(verdict)) ?? 'honoured';
}

function byVerdict(left: AuditedIngress, right: AuditedIngress): number {
  return (
    VERDICTS.indexOf(left.verdict) - VERDICTS.indexOf(right.verdict) ||
    compareText(left.namespace, right.namespace) ||
    compareText(left.name, right.name)
  );
}

function summarize(ingresses: readonly AuditedIngress[], ignored: number): AuditReport['summary'] {
  const verdicts = { closed: 0, lost: 0, wrong: 0, differs: 0, honoured: 0 };
  const annotations: Record<Status, number> = { ...verdicts, unread: 0, unknown: 0, same: 0, unused: 0 };
  for (const ingress of ingresses) {
    verdicts[ingress.verdict] += 1;
    for (const { status } of ingress.annotations) annotations[status] += 1;
  }
  return { ingresses: ingresses.length, verdicts, annotations, ignored };
}

/** The worst use of a key speaks for it. */
function keysOf(ingresses: readonly AuditedIngress[]): readonly KeyUse[] {
  const uses = Map.groupBy(
    ingresses.flatMap(({ annotations }) => annotations),
    ({ key }) => key,
  );
  const keys = [...uses].map(([key, all]) => {
    const status = worst(all.map((use) => use.status)) ?? 'honoured';
    const { since = '', note = '' } = all.find((use) => use.status === status) ?? {};
    return { key, ingresses: all.length, status, since, note };
  });
  return keys.sort(
    (left, right) =>
      STATUSES.indexOf(left.status) - STATUSES.indexOf(right.status) ||
      right.ingresses - left.ingresses ||
      compareText(left.key, right.key),
  );
}

/** That Secrets may not be read is told by the list of those that were not. */
function toGeneral(diagnostic: Diagnostic, unread: readonly string[]): readonly GeneralProblem[] {
  const { severity, code, object, field, message } = diagnostic;
  if (isAboutSecrets(diagnostic) || unread.some((key) => mentions(message, key))) return [];
  const place = diagnostic.location === undefined ? '' : `${diagnostic.location.file}:${diagnostic.location.line}`;
  return [{ severity, code, object: object === undefined ? place : formatRef(object), field, note: message }];
}

/** Of reading them; codes of problems.ts. */
export function isAboutSecrets({ code, message }: Diagnostic): boolean {
  return code.startsWith('Api') && /^(?:not allowed to|cannot) \w+ secrets\b/.test(message);
}
