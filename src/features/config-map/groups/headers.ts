import type { GlobalSettings } from '../../../model/global-settings.ts';
import type { ProxySettings, SecretName } from '../../../model/options.ts';
import { invalidSetting } from '../../../model/problems.ts';
import { quoteText } from '../../../model/diagnostics.ts';
import { compareText } from '../../../model/refs.ts';
import { differs, HONOURED } from '../../annotation.ts';
import { matching } from '../../grammar.ts';
import { headerValue, listOf, reference } from '../grammars.ts';
import { HEADER_SNIPPETS, readHeaderSnippets } from '../header-snippets.ts';
import type { SettingReader } from '../reader.ts';
import { BOOL, BOTH, said, type Setting, type SettingGroup } from '../setting.ts';

const TOKENS: Setting<boolean> = {
  key: 'server-tokens',
  ...BOOL,
  fallback: 'false',
  about: 'The Server header, and error pages, name the version of nginx.',
  nginx: differs('answers of nginx say `Server: nginx` without it, too: only a module of others takes that away'),
  haproxy: differs('HAProxy tells nothing of itself'),
};

const BACKEND_SERVER: Setting<boolean> = {
  key: 'allow-backend-server-header',
  ...BOOL,
  ...BOTH,
  fallback: 'false',
  about: 'The Server header of an endpoint reaches the client.',
};

const HIDE: Setting<readonly string[]> = {
  key: 'hide-headers',
  grammar: listOf(/^[A-Za-z0-9_-]{1,100}$/, 'the name of a header'),
  ...BOTH,
  syntax: 'names of headers with commas',
  fallback: '',
  about: 'Headers of endpoints that no client gets.',
};

const VALUES =
  'text with variables such as `$host`, `$remote_addr`, `$request_id`, `$http_NAME`; other variables are refused';

const ADD: Setting<SecretName> = {
  key: 'add-headers',
  grammar: reference,
  syntax: `NAMESPACE/NAME of a ConfigMap: names of headers, and ${VALUES}`,
  fallback: '',
  about: 'Headers that every answer gets, in place of those of the endpoint.',
  ...BOTH,
};

const SET: Setting<SecretName> = {
  key: 'proxy-set-headers',
  grammar: reference,
  syntax: `NAMESPACE/NAME of a ConfigMap: names of headers, and ${VALUES}`,
  fallback: '',
  about: 'Headers that every request to an endpoint gets, in place of those that sluice sets by itself.',
  ...BOTH,
};

const REQUEST_ID: Setting<boolean> = {
  key: 'generate-request-id',
  ...BOOL,
  ...BOTH,
  fallback: 'true',
  about: 'A request without X-Request-ID gets one.',
};

const ORIGINAL_URI: Setting<boolean> = {
  key: 'proxy-add-original-uri-header',
  ...BOOL,
  ...BOTH,
  fallback: 'false',
  about: 'Endpoints get X-Original-Uri, the URI before it was rewritten.',
};

const DEFAULT_TYPE: Setting<string> = {
  key: 'default-type',
  grammar: matching(/^[\w.-]{1,60}\/[\w.-]{1,60}$/, 'a media type'),
  syntax: 'media type',
  fallback: 'text/html',
  keeps: 'the answers of sluice itself are plain text',
  about: 'Media type of answers of the proxy that have none.',
  nginx: HONOURED,
  haproxy: differs('every answer of HAProxy has one: text/plain'),
};

export const HEADERS: SettingGroup = {
  name: 'Headers',
  settings: [TOKENS, BACKEND_SERVER, HIDE, ADD, SET, REQUEST_ID, ORIGINAL_URI, DEFAULT_TYPE, ...HEADER_SNIPPETS],
  read: (values) => {
    const requestHeaders = headersOf(SET, values);
    const snippets = readHeaderSnippets(values);
    const settings = said<Partial<ProxySettings>>({
      serverTokens: values.get(TOKENS),
      backendServerHeader: values.get(BACKEND_SERVER),
      hiddenHeaders: hidden(values.get(HIDE), snippets.hidden),
      responseHeaders: together(headersOf(ADD, values), snippets.headers),
      requestHeaders,
      requestHeaderNames: requestHeaders?.map(({ name }) => name.toLowerCase()),
      generateRequestId: values.get(REQUEST_ID),
      originalUriHeader: values.get(ORIGINAL_URI),
      defaultType: values.get(DEFAULT_TYPE),
    });
    return { settings };
  },
};

function hidden(names: readonly string[] | undefined, more: readonly string[]): readonly string[] | undefined {
  return more.length === 0 ? names : [...new Set([...(names ?? []), ...more])];
}

/** By name; of the same name, the last one counts. */
function together(
  headers: GlobalSettings['responseHeaders'] | undefined,
  more: GlobalSettings['responseHeaders'],
): GlobalSettings['responseHeaders'] | undefined {
  if (more.length === 0) return headers;
  const byName = new Map([...(headers ?? []), ...more].map((header) => [header.name.toLowerCase(), header]));
  return [...byName].sort(([left], [right]) => compareText(left, right)).map(([, header]) => header);
}

const NAME = /^[A-Za-z0-9_-]{1,100}$/;
/** What says where a message ends is for the proxy alone. */
const FRAMING = /^(?:content-length|transfer-encoding|connection|upgrade|te|trailer|keep-alive)$/i;

/** What another ConfigMap says, by name; an entry that is wrong is left out. */
function headersOf(setting: Setting<SecretName>, values: SettingReader): GlobalSettings['responseHeaders'] | undefined {
  const of = values.get(setting);
  if (of === undefined) return undefined;
  const found = values.lookup.configMap(of);
  if (found === undefined) {
    values.refuse(setting, 'does not exist');
    return undefined;
  }
  const names = Object.keys(found.data).sort((left, right) => compareText(left.toLowerCase(), right.toLowerCase()));
  const object = { kind: 'ConfigMap', ...of };
  return names.flatMap((name) => {
    const value = headerValue(found.data[name] ?? '');
    const problem = nameProblem(name) ?? (value.ok ? undefined : value.problem);
    if (problem === undefined && value.ok) return { name, value: value.value };
    const source = { object, field: NAME.test(name) ? `data[${name}]` : 'data' };
    values.diagnostics.push(invalidSetting(source, `header ${quoteText(name)} ${problem ?? ''}; it is not set`));
    return [];
  });
}

function nameProblem(name: string): string | undefined {
  if (!NAME.test(name)) return 'is no name of a header';
  return FRAMING.test(name) ? 'says where a message ends, and is for the proxy alone' : undefined;
}
