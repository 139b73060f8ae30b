import { ACCESS, ACCESS_BEHIND_PROXY } from './access.ts';
import { BACKEND } from './backend.ts';
import { BALANCE } from './balance.ts';
import { BASIC_AUTH } from './basic-auth.ts';
import { CANARY, CANARY_OF_DEFAULT } from './canary.ts';
import { CLIENT_CERTIFICATES } from './client-certificates.ts';
import { CORS } from './cors.ts';
import { ERRORS, ERRORS_OF_ALL } from './errors.ts';
import { EXTERNAL_AUTH, GLOBAL_AUTH } from './external-auth.ts';
import { FIREWALL } from './firewall.ts';
import { HEADERS, HEADERS_ALLOWED } from './headers.ts';
import { HOST_TLS } from './host-tls.ts';
import { HOSTS } from './hosts.ts';
import { LIMITS } from './limits.ts';
import { LOGGING, LOGGING_OFF } from './logging.ts';
import { MIRROR } from './mirror.ts';
import { PATHS, PATHS_COMPAT } from './paths.ts';
import { PROXY } from './proxy.ts';
import { PROXY_OTHERWISE } from './proxy-observed.ts';
import { REDIRECT_PORTS, REDIRECTS } from './redirects.ts';
import { REWRITE } from './rewrite.ts';
import { SERVICE_BACKENDS, SERVICE_BACKENDS_COMPAT } from './service-backends.ts';
import { SNIPPETS } from './snippets.ts';
import { TRACING } from './tracing.ts';
import { GLOBAL_AUTH_SETTINGS } from './settings-auth.ts';
import { CHOSEN } from './settings-chosen.ts';
import { DEFAULTS, WRONG_VALUES } from './settings-compat.ts';
import { MIXED } from './settings-mixed.ts';
import { FORWARDED, PROXIED, REAL_IP } from './settings-forwarded.ts';
import { COMPAT_SETTINGS, GLOBAL_SETTINGS } from './global-settings.ts';
import type { BehaviourTable } from './case.ts';

/** Every table; a file may hold more than one, where its cases need other flags. */
export const TABLES: readonly BehaviourTable[] = [
  ACCESS,
  ACCESS_BEHIND_PROXY,
  BACKEND,
  BALANCE,
  BASIC_AUTH,
  CANARY,
  CANARY_OF_DEFAULT,
  CLIENT_CERTIFICATES,
  CORS,
  ERRORS,
  ERRORS_OF_ALL,
  EXTERNAL_AUTH,
  GLOBAL_AUTH,
  FIREWALL,
  HEADERS,
  HEADERS_ALLOWED,
  HOST_TLS,
  HOSTS,
  LIMITS,
  LOGGING,
  LOGGING_OFF,
  MIRROR,
  PATHS,
  PATHS_COMPAT,
  PROXY,
  PROXY_OTHERWISE,
  REDIRECTS,
  REDIRECT_PORTS,
  REWRITE,
  SERVICE_BACKENDS,
  SERVICE_BACKENDS_COMPAT,
  SNIPPETS,
  TRACING,
  GLOBAL_SETTINGS,
  COMPAT_SETTINGS,
  FORWARDED,
  REAL_IP,
  PROXIED,
  MIXED,
  DEFAULTS,
  CHOSEN,
  WRONG_VALUES,
  GLOBAL_AUTH_SETTINGS,
];
