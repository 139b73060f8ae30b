import { ACCESS } from './access.ts';
import { BACKEND } from './backend.ts';
import { BALANCE } from './balance.ts';
import { BASIC_AUTH } from './basic-auth.ts';
import { CANARY } from './canary.ts';
import { CLIENT_CERTIFICATES } from './client-certificates.ts';
import { CORS } from './cors.ts';
import { ERRORS } from './errors.ts';
import { EXTERNAL_AUTH } from './external-auth.ts';
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
import { GLOBAL_SETTINGS } from './global-settings.ts';
import type { BehaviourTable } from './case.ts';

/** Every table; a file may hold more than one, where its cases need other flags. */
export const TABLES: readonly BehaviourTable[] = [
  ACCESS,
  BACKEND,
  BALANCE,
  BASIC_AUTH,
  CANARY,
  CLIENT_CERTIFICATES,
  CORS,
  ERRORS,
  EXTERNAL_AUTH,
  FIREWALL,
  HEADERS,
  HOST_TLS,
  HOSTS,
  LIMITS,
  LOGGING,
  MIRROR,
  PROXY,
  REDIRECTS,
  REWRITE,
  SNIPPETS,
  TRACING,
  GLOBAL_SETTINGS,
];
