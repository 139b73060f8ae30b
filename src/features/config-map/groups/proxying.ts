import type { ProxySettings } from '../../../model/options.ts';
import { differs, HONOURED, unsupported, type Grammar } from '../../annotation.ts';
import { bad, choice, good, matching } from '../../grammar.ts';
import { answerBuffers } from '../../proxy/sizes.ts';
import { fromTo } from '../grammars.ts';
import type { SettingReader } from '../reader.ts';
import { bytesOf, MEMORY, within } from '../sizes.ts';
import { BOOL, BOTH, COUNT, ON_OFF, said, SECONDS, SIZE, type Setting, type SettingGroup } from '../setting.ts';

const CONNECT: Setting<number> = {
  key: 'proxy-connect-timeout',
  ...SECONDS,
  nginx: HONOURED,
  haproxy: differs('an endpoint that cannot be connected to in time is answered 502, not 504'),
  fallback: '5',
  about: 'To connect to an endpoint.',
};

const LONGER = differs(
  'HAProxy has one time for both directions: the longer one of proxy-read-timeout and proxy-send-timeout',
);

const READ: Setting<number> = {
  key: 'proxy-read-timeout',
  ...SECONDS,
  fallback: '60',
  about: 'Between two reads from an endpoint.',
  nginx: HONOURED,
  haproxy: LONGER,
};

const SEND: Setting<number> = {
  key: 'proxy-send-timeout',
  ...SECONDS,
  fallback: '60',
  about: 'Between two writes to an endpoint.',
  nginx: HONOURED,
  haproxy: LONGER,
};

const STREAMS = unsupported('HAProxy passes bodies on as they come');

const BUFFERING = {
  key: 'proxy-buffering',
  ...ON_OFF,
  fallback: 'off',
  about: 'Take an answer from the endpoint faster than the client does.',
  nginx: HONOURED,
  haproxy: differs('always off: HAProxy passes answers on as they come'),
} as const satisfies Setting<string>;

const REQUEST_BUFFERING = {
  key: 'proxy-request-buffering',
  ...ON_OFF,
  fallback: 'on',
  about: 'Take the whole body of a request before it goes to the endpoint.',
  nginx: HONOURED,
  haproxy: differs('always off: HAProxy passes bodies on as they come'),
} as const satisfies Setting<string>;

const BUFFER_SIZE: Setting<string> = {
  key: 'proxy-buffer-size',
  ...SIZE,
  fallback: '4k',
  about: 'Memory for the head of an answer, and size of each buffer for its body.',
  nginx: HONOURED,
  haproxy: STREAMS,
};

const BUFFERS_NUMBER: Setting<number> = {
  key: 'proxy-buffers-number',
  ...COUNT,
  fallback: '4',
  about: 'Number of those buffers.',
  nginx: HONOURED,
  haproxy: STREAMS,
};

const BUSY: Setting<string> = {
  key: 'proxy-busy-buffers-size',
  ...SIZE,
  fallback: '',
  about: 'How much of them may be on its way to the client.',
  nginx: HONOURED,
  haproxy: STREAMS,
};

const TEMP: Setting<string> = {
  key: 'proxy-max-temp-file-size',
  ...SIZE,
  fallback: '1024m',
  about: 'Largest file for what the buffers cannot hold.',
  nginx: HONOURED,
  haproxy: STREAMS,
};

const VERSION = {
  key: 'proxy-http-version',
  grammar: choice('1.0', '1.1'),
  syntax: '1.0 or 1.1',
  fallback: '1.1',
  about: 'Version of HTTP that endpoints are spoken to with.',
  nginx: HONOURED,
  haproxy: unsupported('HAProxy speaks HTTP/1.1'),
} as const satisfies Setting<string>;

const PER_INGRESS = unsupported('for all routes at once there is no way; use the annotation');

const COOKIE_PATH: Setting<{ readonly from: string; readonly to: string } | 'off'> = {
  key: 'proxy-cookie-path',
  grammar: fromTo,
  syntax: 'off, or FROM TO',
  fallback: 'off',
  about: 'Change the path of cookies.',
  nginx: HONOURED,
  haproxy: PER_INGRESS,
};

const COOKIE_DOMAIN: Setting<{ readonly from: string; readonly to: string } | 'off'> = {
  ...COOKIE_PATH,
  key: 'proxy-cookie-domain',
  about: 'Change the domain of cookies.',
};

const REDIRECT_FROM: Setting<string> = {
  key: 'proxy-redirect-from',
  grammar: matching(/^[-\w.~/:]{1,500}$/, 'off, default, or a URL'),
  syntax: 'off, default, or a URL',
  fallback: 'off',
  about: 'Change what a redirect of an endpoint begins with …',
  nginx: differs('`default` is off: no endpoint knows the name of its upstream'),
  haproxy: PER_INGRESS,
};

const REDIRECT_TO: Setting<string> = {
  ...REDIRECT_FROM,
  key: 'proxy-redirect-to',
  about: '… to this.',
};

const WORDS = [
  'error',
  'timeout',
  'invalid_header',
  'http_500',
  'http_502',
  'http_503',
  'http_504',
  'http_403',
  'http_404',
  'http_429',
  'non_idempotent',
  'off',
];

const nextUpstream: Grammar<readonly string[]> = (text) => {
  const words = [...new Set(text.split(/\s+/).filter((word) => word !== ''))];
  const unknown = words.find((word) => !WORDS.includes(word));
  if (words.length === 0 || unknown !== undefined) return bad(`is not a list of ${WORDS.join(', ')}`);
  return good(words);
};

const NEXT: Setting<readonly string[]> = {
  key: 'proxy-next-upstream',
  grammar: nextUpstream,
  syntax: 'words of proxy_next_upstream',
  fallback: 'error timeout',
  about: 'When another endpoint is tried.',
  nginx: HONOURED,
  haproxy: differs('HAProxy does not try again for 429'),
};

const NEXT_TIMEOUT: Setting<number> = {
  key: 'proxy-next-upstream-timeout',
  ...SECONDS,
  fallback: '0',
  about: 'For how long; 0: no limit.',
  nginx: HONOURED,
  haproxy: unsupported('HAProxy limits only how often it tries: proxy-next-upstream-tries'),
};

const NEXT_TRIES: Setting<number> = {
  key: 'proxy-next-upstream-tries',
  ...COUNT,
  fallback: '3',
  about: 'How many endpoints are tried; 0: all.',
  nginx: HONOURED,
  haproxy: differs('at most 11, and an endpoint that has no other beside it at most three times'),
};

const NON_IDEMPOTENT: Setting<boolean> = {
  key: 'retry-non-idempotent',
  ...BOOL,
  ...BOTH,
  fallback: 'false',
  about: 'Also for POST, LOCK and PATCH, which an endpoint may have acted on.',
};

const GRPC_BUFFER: Setting<number> = {
  key: 'grpc-buffer-size-kb',
  ...COUNT,
  fallback: '0',
  about: 'Memory for an answer of gRPC, in kilobytes.',
  nginx: HONOURED,
  haproxy: STREAMS,
};

/** How endpoints are spoken to. */
export const PROXYING: SettingGroup = {
  name: 'Requests to endpoints',
  settings: [
    CONNECT,
    READ,
    SEND,
    BUFFERING,
    REQUEST_BUFFERING,
    BUFFER_SIZE,
    BUFFERS_NUMBER,
    BUSY,
    TEMP,
    VERSION,
    COOKIE_PATH,
    COOKIE_DOMAIN,
    REDIRECT_FROM,
    REDIRECT_TO,
    NEXT,
    NEXT_TIMEOUT,
    NEXT_TRIES,
    NON_IDEMPOTENT,
    GRPC_BUFFER,
  ],
  read: (values) => {
    const [proxyBufferSize, proxyBuffersNumber] = [within(values.get(BUFFER_SIZE), MEMORY), buffersNumber(values)];
    const grpc = values.get(GRPC_BUFFER) ?? 0;
    const nonIdempotent = values.get(NON_IDEMPOTENT);
    const settings = said<Partial<ProxySettings>>({
      connectTimeout: atLeastOne(values.get(CONNECT)),
      readTimeout: atLeastOne(values.get(READ)),
      sendTimeout: atLeastOne(values.get(SEND)),
      proxyBuffering: values.get(BUFFERING),
      proxyRequestBuffering: values.get(REQUEST_BUFFERING),
      proxyBufferSize,
      proxyBuffersNumber,
      proxyBusyBuffersSize: busySize(values.get(BUSY), proxyBufferSize, proxyBuffersNumber),
      proxyMaxTempFileSize: tempSize(values.get(TEMP), proxyBufferSize),
      proxyHttpVersion: values.get(VERSION),
      proxyCookiePath: offIsNothing(values.get(COOKIE_PATH)),
      proxyCookieDomain: offIsNothing(values.get(COOKIE_DOMAIN)),
      proxyRedirect: redirect(values),
      nextUpstream: next(values.get(NEXT), nonIdempotent === true),
      nextUpstreamTimeout: values.get(NEXT_TIMEOUT),
      nextUpstreamTries: values.get(NEXT_TRIES),
      grpcBufferSize: grpc === 0 ? undefined : `${grpc}k`,
    });
    const globals = said({ proxyBufferSize, proxyBuffersNumber, retryNonIdempotent: nonIdempotent });
    return { settings, globals };
  },
};

/** nginx takes 0 for no time at all. */
function atLeastOne(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.max(1, value);
}

/** nginx needs two. */
function buffersNumber(values: SettingReader): number | undefined {
  const number = values.get(BUFFERS_NUMBER);
  return number === undefined ? undefined : Math.max(2, number);
}

/** As nginx would choose it, within the bounds without which it does not start. */
function busySize(busy: string | undefined, size: string | undefined, count: number | undefined): string | undefined {
  if (busy === undefined && size === undefined && count === undefined) return undefined;
  const answer = answerBuffers({ size: bytesOf(size), count, busy: bytesOf(busy) });
  return String(answer.busy);
}

/** None, or more than the buffers before it. */
function tempSize(size: string | undefined, buffer: string | undefined): string | undefined {
  if (bytesOf(size) === 0) return '0';
  const least = Math.max(bytesOf(buffer) ?? 0, 8192) * 2;
  return within(size, { least, most: 1024 ** 4 });
}

function offIsNothing<T>(value: T | 'off' | undefined): T | undefined {
  return value === 'off' ? undefined : value;
}

function redirect(values: SettingReader): ProxySettings['proxyRedirect'] {
  const [from, to] = [values.get(REDIRECT_FROM) ?? 'off', values.get(REDIRECT_TO) ?? 'off'];
  return ['off', 'default'].includes(from) || to === 'off' ? undefined : { from, to };
}

function next(words: readonly string[] | undefined, nonIdempotent: boolean): readonly string[] | undefined {
  if (words?.includes('off') === true) return ['off'];
  if (!nonIdempotent) return words;
  return [...new Set([...(words ?? ['error', 'timeout']), 'non_idempotent'])];
}
