import type { AnswerBuffers, ProxyTuning } from '../model/route-features/proxy.ts';
import { annotationIgnored } from '../model/problems.ts';
import type { FeatureContext, Family } from './family.ts';
import * as keys from './proxy/annotations.ts';
import { answerBuffers } from './proxy/sizes.ts';
import type { AnnotationReader } from './reader.ts';

/** https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#custom-timeouts and after */
export const PROXY: Family = {
  name: 'proxy',
  about: 'How requests are passed on to endpoints: sizes, time-outs, buffers, retries.',
  annotations: Object.values(keys),
  read: (annotations, context) => {
    const proxy = readTuning(annotations, context);
    return Object.values(proxy).every((value) => value === undefined) ? {} : { route: { proxy } };
  },
};

function readTuning(annotations: AnnotationReader, context: FeatureContext): ProxyTuning {
  const buffers = readBuffers(annotations, context);
  return {
    bodySize: annotations.get(keys.BODY_SIZE),
    connectTimeout: annotations.get(keys.CONNECT_TIMEOUT),
    readTimeout: annotations.get(keys.READ_TIMEOUT),
    sendTimeout: annotations.get(keys.SEND_TIMEOUT),
    buffering: annotations.get(keys.BUFFERING),
    buffers,
    maxTempFileSize: readFileSize(annotations, buffers),
    requestBuffering: annotations.get(keys.REQUEST_BUFFERING),
    httpVersion: annotations.get(keys.HTTP_VERSION),
    clientBodyBufferSize: annotations.get(keys.CLIENT_BODY_BUFFER_SIZE),
    cookieDomain: annotations.get(keys.COOKIE_DOMAIN),
    cookiePath: annotations.get(keys.COOKIE_PATH),
    redirect: readRedirect(annotations),
    nextUpstream: readConditions(annotations, context),
    nextUpstreamTimeout: annotations.get(keys.NEXT_UPSTREAM_TIMEOUT),
    nextUpstreamTries: annotations.get(keys.NEXT_UPSTREAM_TRIES),
  };
}

/** nginx checks them together, so all are said where one is. */
function readBuffers(annotations: AnnotationReader, { globals }: FeatureContext): AnswerBuffers | undefined {
  const size = annotations.get(keys.BUFFER_SIZE);
  const count = annotations.get(keys.BUFFERS_NUMBER);
  const busy = annotations.get(keys.BUSY_BUFFERS_SIZE);
  if ((size ?? count ?? busy) === undefined) return undefined;
  const global = globals.proxyBufferSize === undefined ? undefined : keys.BUFFER_SIZE.grammar(globals.proxyBufferSize);
  const sizeOfAll = global?.ok === true ? global.value : undefined;
  return answerBuffers({ size: size ?? sizeOfAll, count: count ?? globals.proxyBuffersNumber, busy });
}

/** Buffers may be larger than what nginx takes by itself, which is at most 8k. */
function readFileSize(annotations: AnnotationReader, buffers: AnswerBuffers | undefined): number | undefined {
  const size = annotations.get(keys.MAX_TEMP_FILE_SIZE);
  return size === undefined || size === 0 ? size : Math.max(size, buffers?.size ?? 8192);
}

function readConditions(annotations: AnnotationReader, { globals }: FeatureContext): readonly string[] | undefined {
  const asked = annotations.get(keys.NEXT_UPSTREAM);
  if (asked === undefined) return undefined;
  // The former says which requests, not when.
  if (asked.includes('off') || asked.every((word) => word === 'non_idempotent')) return ['off'];
  return globals.retryNonIdempotent ? [...new Set([...asked, 'non_idempotent'])].sort() : asked;
}

function readRedirect(annotations: AnnotationReader): ProxyTuning['redirect'] {
  const from = annotations.get(keys.REDIRECT_FROM);
  const to = annotations.get(keys.REDIRECT_TO);
  if (from === 'off' || from === 'default') return 'off';
  if (from !== undefined && to !== undefined) return to === 'off' ? 'off' : { from, to };
  for (const lonely of [keys.REDIRECT_FROM, keys.REDIRECT_TO]) {
    if ((from ?? to) === undefined || !annotations.has(lonely)) continue;
    const reason = 'proxy-redirect-from and proxy-redirect-to only work together';
    annotations.tell(annotationIgnored(annotations.sourceOf(lonely), reason));
  }
  return undefined;
}
