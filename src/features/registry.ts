import { ACCESS } from './access.ts';
import type { Annotation } from './annotation.ts';
import { BACKEND } from './backend.ts';
import { BALANCE } from './balance.ts';
import { BASIC_AUTH } from './basic-auth.ts';
import { CANARY } from './canary.ts';
import { CLIENT_CERTIFICATES } from './client-certificates.ts';
import { CORS } from './cors.ts';
import { ERRORS } from './errors.ts';
import { EXTERNAL_AUTH } from './external-auth.ts';
import type { Family } from './family.ts';
import { FIREWALL } from './firewall.ts';
import { HEADERS } from './headers.ts';
import { HOST_TLS } from './host-tls.ts';
import { HOSTS } from './hosts.ts';
import { LIMITS } from './limits.ts';
import { LOGGING } from './logging.ts';
import { MIRROR } from './mirror.ts';
import { PROXY } from './proxy.ts';
import { REDIRECTS } from './redirects.ts';
import { REWRITE } from './rewrite.ts';
import { SNIPPETS } from './snippets.ts';
import { TRACING } from './tracing.ts';

/** Every family of annotations, in the order in which they are documented. */
export const FAMILIES: readonly Family[] = [
  REWRITE,
  REDIRECTS,
  HOSTS,
  CANARY,
  BALANCE,
  ACCESS,
  BASIC_AUTH,
  EXTERNAL_AUTH,
  CLIENT_CERTIFICATES,
  LIMITS,
  CORS,
  HEADERS,
  PROXY,
  BACKEND,
  HOST_TLS,
  ERRORS,
  MIRROR,
  LOGGING,
  TRACING,
  FIREWALL,
  SNIPPETS,
];

/** The family of every key, older names included. */
export const FAMILY_OF_KEY: ReadonlyMap<string, Family> = new Map(
  FAMILIES.flatMap((family) => family.annotations.flatMap(keysOf).map((key) => [key, family] as const)),
);

function keysOf({ key, aliases = [] }: Annotation<unknown>): readonly string[] {
  return [key, ...aliases];
}

/** By key and alias. */
export const ANNOTATION_OF_KEY: ReadonlyMap<string, Annotation<unknown>> = new Map(
  FAMILIES.flatMap(({ annotations }) =>
    annotations.flatMap((annotation) =>
      [annotation.key, ...(annotation.aliases ?? [])].map((key) => [key, annotation] as const),
    ),
  ),
);
