import { AUTH } from './groups/auth.ts';
import { BALANCE } from './groups/balance.ts';
import { BLOCKING } from './groups/blocking.ts';
import { CLIENT_ADDRESS } from './groups/client-address.ts';
import { COMPRESSION } from './groups/compression.ts';
import { CONNECTIONS_GROUP } from './groups/connections.ts';
import { HEADERS } from './groups/headers.ts';
import { LOGGING } from './groups/logging.ts';
import { NETWORK } from './groups/network.ts';
import { PROXYING } from './groups/proxying.ts';
import { REDIRECTS } from './groups/redirects.ts';
import { REQUESTS_GROUP } from './groups/requests.ts';
import { SECURITY } from './groups/security.ts';
import { TLS } from './groups/tls.ts';
import { UNSUPPORTED } from './groups/unsupported.ts';
import type { Setting, SettingGroup } from './setting.ts';

/** Every key of the ConfigMap of ingress-nginx, in the order of its documentation. */
export const SETTING_GROUPS: readonly SettingGroup[] = [
  SECURITY,
  TLS,
  REDIRECTS,
  REQUESTS_GROUP,
  PROXYING,
  CLIENT_ADDRESS,
  CONNECTIONS_GROUP,
  COMPRESSION,
  HEADERS,
  LOGGING,
  BLOCKING,
  AUTH,
  BALANCE,
  NETWORK,
  UNSUPPORTED,
];

export const SETTING_OF_KEY: ReadonlyMap<string, Setting<unknown>> = new Map(
  SETTING_GROUPS.flatMap(({ settings }) => settings.map((setting) => [setting.key, setting] as const)),
);
