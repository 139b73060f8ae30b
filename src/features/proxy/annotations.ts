import { differs, HONOURED, unsupported, type Annotation, type Grammar, type Support } from '../annotation.ts';
import { bad, choice, good, integer, onOff, url } from '../grammar.ts';
import { cookieDomain, cookiePath, problemOfStart } from './replacements.ts';
import { LARGEST, LARGEST_BUFFER, size } from './sizes.ts';

const STREAMS = 'HAProxy passes answers on as they come, through buffers of one size for all (tune.bufsize)';
const FROM_ALL = 'what is set for all';

type Rest<T> = Pick<Annotation<T>, 'grammar' | 'syntax' | 'fallback' | 'about'> & {
  readonly haproxy: Support;
  readonly risk?: 'Low' | 'Medium';
};

function annotation<T>(key: string, rest: Rest<T>): Annotation<T> {
  return { key, scope: 'path', risk: 'Low', nginx: HONOURED, ...rest };
}

/** 0 would end every request at once. */
const wait = integer(1, 2_000_000);
const SECONDS = 'number of seconds, 1 or more';

export const BODY_SIZE = annotation('proxy-body-size', {
  grammar: size(0, LARGEST),
  syntax: 'a size such as 8m; 0: no limit',
  fallback: FROM_ALL,
  about: 'Largest body of a request; a larger one is answered 413.',
  risk: 'Medium',
  haproxy: differs(
    'Of a body that comes in chunks, only what has arrived when the headers were read counts. The connection is closed behind the 413: a client that goes on sending may see that before the answer.',
  ),
});

export const CLIENT_BODY_BUFFER_SIZE = annotation('client-body-buffer-size', {
  grammar: size(1, LARGEST_BUFFER),
  syntax: 'a size such as 16k',
  fallback: FROM_ALL,
  about: 'How much of the body of a request is kept in memory; the rest goes to a file.',
  haproxy: unsupported('HAProxy writes no bodies to files: nothing to set'),
});

export const CONNECT_TIMEOUT = annotation('proxy-connect-timeout', {
  grammar: wait,
  syntax: SECONDS,
  fallback: FROM_ALL,
  about: 'How long connecting to an endpoint may take.',
  haproxy: differs(
    'An endpoint that cannot be connected to in time is answered 502, not 504, after as many tries as there may be.',
  ),
});

const ONE_WAIT = 'One time-out (timeout server, timeout tunnel) is for both directions: that of proxy-read-timeout';

export const READ_TIMEOUT = annotation('proxy-read-timeout', {
  grammar: wait,
  syntax: SECONDS,
  fallback: FROM_ALL,
  about: 'How long an endpoint may send nothing.',
  haproxy: differs(`${ONE_WAIT}.`),
});

export const SEND_TIMEOUT = annotation('proxy-send-timeout', {
  grammar: wait,
  syntax: SECONDS,
  fallback: FROM_ALL,
  about: 'How long an endpoint may take nothing.',
  haproxy: differs(`${ONE_WAIT}, or without it the longer one of this and of ${FROM_ALL}.`),
});

export const BUFFERING = annotation('proxy-buffering', {
  grammar: onOff,
  syntax: 'on or off',
  fallback: FROM_ALL,
  about: 'Takes answers from endpoints faster than clients read them.',
  haproxy: differs(`Always off: ${STREAMS}.`),
});

export const BUFFER_SIZE = annotation('proxy-buffer-size', {
  grammar: size(256, LARGEST_BUFFER),
  syntax: 'a size such as 8k, of at least 256 bytes',
  fallback: '4k',
  about: 'Size of each buffer for answers; the headers of an answer have to fit into one.',
  haproxy: unsupported(`${STREAMS}, which holds headers of 15k`),
});

export const BUFFERS_NUMBER = annotation('proxy-buffers-number', {
  grammar: integer(2, 1024),
  syntax: 'number from 2 to 1024',
  fallback: '4',
  about: 'How many buffers an answer may take.',
  haproxy: unsupported(`${STREAMS}: nothing to set`),
});

export const BUSY_BUFFERS_SIZE = annotation('proxy-busy-buffers-size', {
  grammar: size(1, LARGEST_BUFFER * 1024),
  syntax: 'a size such as 16k; taken as the nearest one that nginx allows, from one buffer to all but one',
  fallback: 'two buffers',
  about: 'How much of the buffers may be on its way to the client.',
  haproxy: unsupported(`${STREAMS}: nothing to set`),
});

export const MAX_TEMP_FILE_SIZE = annotation('proxy-max-temp-file-size', {
  grammar: size(0, LARGEST),
  syntax: 'a size such as 1024m, taken as one buffer when it is less; 0: no files',
  fallback: '1024m',
  about: 'Largest file for what clients have not read yet.',
  haproxy: unsupported('HAProxy writes no answers to files: nothing to set'),
});

export const REQUEST_BUFFERING = annotation('proxy-request-buffering', {
  grammar: onOff,
  syntax: 'on or off',
  fallback: FROM_ALL,
  about: 'Waits for the whole request before it is passed on.',
  haproxy: differs('`on` waits for as much as a buffer holds (tune.bufsize); without the annotation it is off.'),
});

export const HTTP_VERSION = annotation('proxy-http-version', {
  grammar: choice('1.0', '1.1'),
  syntax: '1.0 or 1.1',
  fallback: '1.1',
  about: 'Version of HTTP that endpoints are spoken to in.',
  haproxy: unsupported('HAProxy speaks HTTP/1.1 to endpoints, and understands answers of HTTP/1.0'),
});

export const COOKIE_DOMAIN = annotation('proxy-cookie-domain', {
  grammar: cookieDomain,
  syntax: '`off`, or FROM TO',
  fallback: 'off',
  about: 'Replaces the domain of cookies that the upstream sets.',
  risk: 'Medium',
  haproxy: HONOURED,
});

export const COOKIE_PATH = annotation('proxy-cookie-path', {
  grammar: cookiePath,
  syntax: '`off`, or FROM TO',
  fallback: 'off',
  about: 'Replaces the start of the path of cookies that the upstream sets.',
  risk: 'Medium',
  haproxy: HONOURED,
});

const redirectFrom: Grammar<string> = (text) => {
  const plain = url(text);
  if (!plain.ok) return plain;
  const problem = problemOfStart(plain.value);
  return problem === undefined ? plain : bad(problem);
};

export const REDIRECT_FROM = annotation('proxy-redirect-from', {
  grammar: redirectFrom,
  syntax: '`off`, `default`, or the start of a URL; it needs proxy-redirect-to',
  fallback: 'off',
  about:
    'Start of the header Location of answers, and of the URL in Refresh, that proxy-redirect-to replaces. `default` is as `off`.',
  risk: 'Medium',
  haproxy: HONOURED,
});

export const REDIRECT_TO = annotation('proxy-redirect-to', {
  grammar: url,
  syntax: '`off`, or the start of a URL',
  fallback: 'off',
  about: 'What proxy-redirect-from becomes; in Location, a path gets scheme and host of the request.',
  risk: 'Medium',
  haproxy: HONOURED,
});

const WHEN =
  /^(?:error|timeout|invalid_header|http_500|http_502|http_503|http_504|http_403|http_404|http_429|non_idempotent|off)$/;

const conditions: Grammar<readonly string[]> = (text) => {
  const words = [...new Set(text.trim().split(/[ \t]+/))].sort();
  const isKnown = text.length <= 4096 && words.every((word) => WHEN.test(word));
  return isKnown
    ? good(words)
    : bad('is not a list of error, timeout, invalid_header, http_50x, non_idempotent or off');
};

export const NEXT_UPSTREAM = annotation('proxy-next-upstream', {
  grammar: conditions,
  syntax: 'words of proxy_next_upstream, with spaces between them',
  fallback: 'error timeout',
  about: 'When a request goes to another endpoint.',
  risk: 'Medium',
  haproxy: differs(
    '`non_idempotent` and `http_429` are left out: what is not safe to repeat is sent once. `error` and `timeout` both include that an endpoint cannot be reached.',
  ),
});

export const NEXT_UPSTREAM_TIMEOUT = annotation('proxy-next-upstream-timeout', {
  grammar: integer(0, 2_000_000),
  syntax: 'number of seconds; 0: no limit',
  fallback: '0',
  about: 'How long after its start a request may still go to another endpoint.',
  haproxy: unsupported('HAProxy limits the number of tries (proxy-next-upstream-tries), not their time'),
});

export const NEXT_UPSTREAM_TRIES = annotation('proxy-next-upstream-tries', {
  grammar: integer(0, 100),
  syntax: 'number from 0 to 100; 0: no limit',
  fallback: '3',
  about: 'How many endpoints a request may be sent to.',
  haproxy: differs('0 is taken as 10, and an endpoint may be tried more than once.'),
});
