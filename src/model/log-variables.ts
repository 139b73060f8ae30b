import { isRequestVariable } from './request-variables.ts';

/*
 * Variables that a log format may name: those of nginx that say something about a request and its answer, and those that
 * ingress-nginx sets. What they are in the languages of the proxies: src/render/log-variables.ts.
 */

/** Known as soon as a request has come: these may stand in a header, too. */
const TIMELY = ['req_id', 'request_id', 'msec', 'time_iso8601', 'the_real_ip', 'best_http_host', 'pass_access_scheme'];

/** Known when it has been answered. */
const LATE = [
  'body_bytes_sent',
  'bytes_sent',
  'connection',
  'connection_requests',
  'content_length',
  'content_type',
  'hostname',
  'ingress_name',
  'location_path',
  'namespace',
  'pass_server_port',
  'pipe',
  'proxy_alternative_upstream_name',
  'proxy_host',
  'proxy_upstream_name',
  'remote_port',
  'remote_user',
  'request',
  'request_length',
  'request_time',
  'server_addr',
  'server_port',
  'server_protocol',
  'service_name',
  'service_port',
  'ssl_cipher',
  'ssl_protocol',
  'ssl_server_name',
  'status',
  'time_local',
  'upstream_addr',
  'upstream_bytes_received',
  'upstream_bytes_sent',
  'upstream_cache_status',
  'upstream_connect_time',
  'upstream_header_time',
  'upstream_response_length',
  'upstream_response_time',
  'upstream_status',
];

/** Headers of answers; cookies and credentials are no matter for a log. */
const ANSWERED = /^(?:sent_http|upstream_http)_(?!set_cookie)[A-Za-z0-9_]{1,64}$/;

export const LOG_VARIABLES: readonly string[] = [...TIMELY, ...LATE];

export function isTimelyVariable(name: string): boolean {
  return isRequestVariable(name) || TIMELY.includes(name);
}

export function isLogVariable(name: string): boolean {
  return isTimelyVariable(name) || LATE.includes(name) || ANSWERED.test(name);
}
