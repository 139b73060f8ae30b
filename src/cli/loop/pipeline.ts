import type { ConfigBundle } from '../../model/bundle.ts';
import type { Diagnostic } from '../../model/diagnostics.ts';
import { isEqual } from '../../model/equal.ts';
import type { Exclusions } from '../../model/exclusions.ts';
import type { Kind } from '../../model/objects.ts';
import type { ProxySettings, TranslateOptions } from '../../model/options.ts';
import type { CertificateExpiry, IngressIdentity, Outcome } from '../../model/outcome.ts';
import { objectKey } from '../../model/refs.ts';
import type { RoutingModel } from '../../model/routing.ts';
import type { ObjectMap, Snapshot } from '../../model/snapshot.ts';
import type { Renderer } from '../../render/render.ts';
import type { IgnoredIngress } from '../../translate/claim.ts';
import { createTranslator } from '../../translate/translate.ts';

/** What the pure half of sluice makes of a snapshot. */
export interface Compiled {
  readonly bundle: ConfigBundle;
  readonly diagnostics: readonly Diagnostic[];
  readonly ignored: readonly IgnoredIngress[];
  readonly counts: Outcome['counts'];
  readonly objects: Outcome['objects'];
  readonly ingresses: readonly IngressIdentity[];
  readonly certificates: readonly CertificateExpiry[];
  /** Milliseconds. */
  readonly timings: { readonly translate: number; readonly render: number };
}

export type Compiler = (snapshot: Snapshot, options: TranslateOptions, exclusions?: Exclusions) => Compiled;

/** Fits settings of a ConfigMap to the machine; of equal settings, it is asked once. */
export type Fit = (settings: ProxySettings) => ProxySettings;

/** Translation and rendering in one step; remembers what it can use again. */
export function createCompiler(
  renderer: Renderer,
  settings: ProxySettings,
  now: () => number,
  fit: Fit = (merged) => merged,
): Compiler {
  const translate = createTranslator();
  const keepDiagnostics = keepEqual<Diagnostic>();
  const claimed = createClaimed();
  const merged = createMerge(settings, fit);
  return (snapshot, options, exclusions) => {
    const started = now();
    const { model, settings: live, diagnostics, ignored } = translate(snapshot, options, exclusions);
    const translated = now();
    const rendered = renderer(model, merged(live));
    const timings = { translate: translated - started, render: now() - translated };
    return {
      bundle: rendered.bundle,
      diagnostics: keepDiagnostics([...diagnostics, ...rendered.diagnostics]),
      ignored,
      counts: countOf(model),
      objects: countObjects(snapshot),
      ingresses: claimed(snapshot, ignored),
      certificates: expiriesOf(model),
      timings,
    };
  };
}

/** The flags, with what the ConfigMap says over them; the same value as long as that says the same. */
function createMerge(flags: ProxySettings, fit: Fit): (live: Partial<ProxySettings>) => ProxySettings {
  let last: Partial<ProxySettings> | undefined;
  let merged = flags;
  return (live) => {
    if (live !== last) merged = fit({ ...flags, ...live });
    last = live;
    return merged;
  };
}

/** An equal list stays the same value from one pass to the next: who hears of it sees at a glance that nothing is new. */
function keepEqual<T>(): (next: readonly T[]) => readonly T[] {
  let last: readonly T[] = [];
  return (next) => (last = isEqual(last, next) ? last : next);
}

function countObjects({ objects }: Snapshot): Partial<Record<Kind, number>> {
  return Object.fromEntries(Object.entries(objects).map(([kind, { size }]) => [kind, size]));
}

/** As long as the Ingresses stay the same, so does the list. */
function createClaimed(): (snapshot: Snapshot, ignored: readonly IgnoredIngress[]) => readonly IngressIdentity[] {
  let known: ObjectMap<'Ingress'> = new Map();
  let others: readonly IgnoredIngress[] = [];
  let ours: readonly IngressIdentity[] = [];
  return ({ objects }, ignored) => {
    if (objects.Ingress === known && isEqual(ignored, others)) return ours;
    [known, others, ours] = [objects.Ingress, ignored, identitiesOf(objects.Ingress, ignored)];
    return ours;
  };
}

function identitiesOf(ingresses: ObjectMap<'Ingress'>, ignored: readonly IgnoredIngress[]): readonly IngressIdentity[] {
  const others = new Set(ignored.map(({ object }) => objectKey(object.namespace, object.name)));
  const ours: IngressIdentity[] = [];
  for (const [key, { metadata }] of ingresses) {
    if (!others.has(key)) ours.push({ namespace: metadata.namespace, name: metadata.name, uid: metadata.uid });
  }
  return ours;
}

function expiriesOf({ certificates }: RoutingModel): readonly CertificateExpiry[] {
  return certificates.map(({ source, notAfter }) => ({
    secret: objectKey(source.object.namespace, source.object.name),
    notAfter,
  }));
}

function countOf({ hosts, upstreams }: RoutingModel): Outcome['counts'] {
  const routes = hosts.reduce((sum, host) => sum + host.routes.filter((route) => route.source !== undefined).length, 0);
  return { hosts: hosts.filter((host) => host.name !== '').length, routes, upstreams: upstreams.length };
}
