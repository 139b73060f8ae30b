import { CANARY_HELPERS } from './helpers/canaries.ts';
import { ENCODING_HELPERS, json } from './helpers/encoding.ts';
import { HAPROXY_HELPERS } from './helpers/haproxy.ts';
import { LIST_HELPERS } from './helpers/lists.ts';
import { LOGIC_HELPERS } from './helpers/logic.ts';
import { NGINX_HELPERS } from './helpers/nginx.ts';
import { NUMBER_HELPERS } from './helpers/numbers.ts';
import { SUBSET_HELPERS } from './helpers/subsets.ts';
import { TEXT_HELPERS } from './helpers/text.ts';
import {
  comment,
  haproxyFormat,
  haproxyString,
  htpasswd,
  htpasswdUsers,
  mapKey,
  nginxRegex,
  nginxString,
  nginxVariables,
  number,
  pem,
  word,
} from './quoting.ts';
import { haproxyHeader, haproxyLog, keptVariables, nginxLog } from './log-variables.ts';
import { haproxyExpression, nginxExpression } from './request-variables.ts';

/** A helper gets the evaluated arguments of a template and returns a value. Pure: no clock, no files, no environment. */
export type Helper = (...parameters: readonly never[]) => unknown;

/** Helpers whose result may be written into a file: each quotes or checks what it writes. */
export const OUTPUT_HELPERS: Readonly<Record<string, Helper>> = {
  nginxString,
  nginxVariables,
  nginxRegex,
  nginxExpression,
  haproxyExpression,
  nginxLog,
  haproxyLog,
  haproxyHeader,
  haproxyString,
  haproxyFormat,
  mapKey,
  word,
  number,
  comment,
  htpasswd,
  json,
  pem,
};

/** Helpers whose result is used inside of another helper or of a condition. */
export const VALUE_HELPERS: Readonly<Record<string, Helper>> = {
  htpasswdUsers,
  keptVariables,
  ...LOGIC_HELPERS,
  ...TEXT_HELPERS,
  ...LIST_HELPERS,
  ...NUMBER_HELPERS,
  ...ENCODING_HELPERS,
  ...CANARY_HELPERS,
  ...SUBSET_HELPERS,
  ...NGINX_HELPERS,
  ...HAPROXY_HELPERS,
};
