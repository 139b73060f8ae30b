import { createHash } from 'node:crypto';
import type { Diagnostic } from '../model/diagnostics.ts';
import { NO_ROUTE_FEATURES, type RouteFeatures } from '../model/features.ts';
import { isEqual } from '../model/equal.ts';
import { unknownAnnotation } from '../model/problems.ts';
import type { ObjectRef } from '../model/refs.ts';
import type {
  AskedOfHost,
  CanaryRule,
  FeatureContext,
  Features,
  Family,
  RouteFacts,
  UpstreamOptions,
} from './family.ts';
import { AnnotationReader, type GivenAnnotations } from './reader.ts';
import { FAMILIES, FAMILY_OF_KEY } from './registry.ts';
import { hintFor } from './unknown.ts';

/** Everything that the annotations of one Ingress ask for. */
export interface IngressFeatures {
  /** `undefined`: nothing on its routes. */
  readonly route: Features | undefined;
  readonly host: AskedOfHost | undefined;
  readonly upstream: UpstreamOptions | undefined;
  readonly canary: CanaryRule | undefined;
  readonly refine: readonly NonNullable<Family['refine']>[];
  readonly diagnostics: readonly Diagnostic[];
}

export const NOTHING_ASKED: IngressFeatures = {
  route: undefined,
  host: undefined,
  upstream: undefined,
  canary: undefined,
  refine: [],
  diagnostics: [],
};

const USUAL_UPSTREAM: UpstreamOptions = { balance: undefined, viaClusterIp: false };

/** Asks every family that has a say. Pure: the same annotations and world always ask for the same. */
export function readFeatures(given: GivenAnnotations, context: FeatureContext): IngressFeatures {
  const families = FAMILIES.filter((family) => isAsked(family, given, context));
  const { namespace, name } = context.ingress.metadata;
  const object: ObjectRef = { kind: 'Ingress', namespace, name };
  const diagnostics = unknownKeys(given, object);
  if (families.length === 0) return diagnostics.length === 0 ? NOTHING_ASKED : { ...NOTHING_ASKED, diagnostics };
  let route: Features = NO_ROUTE_FEATURES;
  let host: AskedOfHost = {};
  let upstream: UpstreamOptions = USUAL_UPSTREAM;
  let canary: CanaryRule | undefined;
  for (const family of families) {
    const reader = new AnnotationReader(given, object, context.proxy, family.name);
    const asked = family.read(reader, context);
    route = { ...route, ...asked.route, closed: route.closed ?? reader.closed };
    host = { ...host, ...asked.host };
    upstream = { ...upstream, ...asked.upstream };
    canary = asked.canary ?? canary;
    diagnostics.push(...reader.diagnostics);
  }
  return {
    route: isEqual(route, NO_ROUTE_FEATURES) ? undefined : route,
    host: Object.keys(host).length === 0 ? undefined : host,
    upstream: isEqual(upstream, USUAL_UPSTREAM) ? undefined : upstream,
    canary,
    refine: families.flatMap(({ refine }) => refine ?? []),
    diagnostics,
  };
}

function isAsked({ annotations, isGlobal }: Family, given: GivenAnnotations, { globals }: FeatureContext): boolean {
  if (isGlobal?.(globals) === true) return true;
  return annotations.some(({ key, aliases = [] }) => given.has(key) || aliases.some((alias) => given.has(alias)));
}

/** The features of one route of an Ingress; `undefined` when there are none. */
export function featuresOfRoute(
  asked: IngressFeatures,
  canaries: RouteFeatures['canaries'],
  facts: RouteFacts,
): RouteFeatures | undefined {
  if (asked.route === undefined && canaries.length === 0) return undefined;
  let features: Features = { ...(asked.route ?? NO_ROUTE_FEATURES), canaries };
  for (const refine of asked.refine) features = refine(features, facts);
  return withId(features);
}

export function withId(features: Features): RouteFeatures {
  const hash = createHash('sha256')
    .update(JSON.stringify({ ...features, id: '' }))
    .digest('hex');
  return { ...features, id: hash.slice(0, 10) };
}

function unknownKeys(given: GivenAnnotations, object: ObjectRef): Diagnostic[] {
  const unknown = [...given].filter(([key]) => !FAMILY_OF_KEY.has(key));
  return unknown.map(([key, { name }]) =>
    unknownAnnotation({ object, field: `metadata.annotations[${name}]` }, hintFor(key)),
  );
}
