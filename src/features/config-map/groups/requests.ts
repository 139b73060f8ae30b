import type { GlobalSettings } from '../../../model/global-settings.ts';
import type { ProxySettings } from '../../../model/options.ts';
import { differs, HONOURED, unsupported } from '../../annotation.ts';
import { buffers } from '../grammars.ts';
import { MEMORY, within } from '../sizes.ts';
import { BOOL, BOTH, COUNT, said, SECONDS, SIZE, type Setting, type SettingGroup } from '../setting.ts';

const BODY_SIZE: Setting<string> = {
  key: 'proxy-body-size',
  ...SIZE,
  fallback: '1m',
  about: 'Largest body of a request; 0: no limit.',
  nginx: HONOURED,
  haproxy: differs('of a body that comes in chunks, only what has arrived with the head counts'),
};

const HEADER_TIMEOUT: Setting<number> = {
  key: 'client-header-timeout',
  ...SECONDS,
  ...BOTH,
  fallback: '60',
  about: 'For the head of a request to arrive.',
};

const BODY_TIMEOUT: Setting<number> = {
  key: 'client-body-timeout',
  ...SECONDS,
  fallback: '60',
  about: 'Between two pieces of the body of a request.',
  nginx: HONOURED,
  haproxy: differs('the longer one of it and proxy-read-timeout'),
};

const STREAMS = unsupported('HAProxy passes bodies on as they come');

const BODY_BUFFER: Setting<string> = {
  key: 'client-body-buffer-size',
  ...SIZE,
  fallback: '8k',
  about: 'Memory for the body of a request, before it goes to a file.',
  nginx: HONOURED,
  haproxy: STREAMS,
};

const HEADS = 'HAProxy has one buffer for the whole head of a request: 16k, or what large-client-header-buffers says';

const HEADER_BUFFER: Setting<string> = {
  key: 'client-header-buffer-size',
  ...SIZE,
  fallback: '1k',
  about: 'Memory for the head of a request that is not large.',
  nginx: HONOURED,
  haproxy: unsupported(HEADS),
};

const LARGE_BUFFERS: Setting<NonNullable<GlobalSettings['largeHeaderBuffers']>> = {
  key: 'large-client-header-buffers',
  grammar: buffers,
  syntax: 'NUMBER SIZE',
  fallback: '4 8k',
  keeps: 'that is the default of nginx, and more than HAProxy needs for usual heads',
  about: 'Memory for the head of one that is.',
  nginx: HONOURED,
  haproxy: differs('the whole head fits into number × size, from 16k to 256k'),
};

const KEEP_ALIVE: Setting<number> = {
  key: 'keep-alive',
  ...SECONDS,
  ...BOTH,
  fallback: '75',
  about: 'How long an idle connection of a client stays open; 0: not at all.',
};

const REQUESTS: Setting<number> = {
  key: 'keep-alive-requests',
  ...COUNT,
  fallback: '1000',
  about: 'Requests on one connection of a client.',
  nginx: HONOURED,
  haproxy: unsupported('HAProxy does not count requests on a connection; there is no limit'),
};

const HTTP2: Setting<boolean> = {
  key: 'use-http2',
  ...BOOL,
  ...BOTH,
  fallback: 'true',
  about: 'Offer HTTP/2 over TLS.',
};

const STREAM_COUNT: Setting<number> = {
  key: 'http2-max-concurrent-streams',
  ...COUNT,
  ...BOTH,
  fallback: '128',
  about: 'Requests at once on one connection of HTTP/2.',
};

const OBSOLETE = unsupported(
  'nginx has it no more since 1.19.7: large-client-header-buffers and keep-alive-requests count',
);

const HTTP2_OBSOLETE: readonly Setting<string>[] = ['field-size', 'header-size', 'requests'].map((name) => ({
  key: `http2-max-${name}`,
  grammar: SIZE.grammar,
  syntax: SIZE.syntax,
  fallback: name === 'requests' ? '0' : '',
  about: 'A limit of HTTP/2.',
  nginx: OBSOLETE,
  haproxy: unsupported('HAProxy has no such limit'),
}));

const UNDERSCORES: Setting<boolean> = {
  key: 'enable-underscores-in-headers',
  ...BOOL,
  ...BOTH,
  fallback: 'false',
  about: 'Headers of requests may have an underscore in their names; otherwise they are dropped.',
};

const IGNORE_INVALID: Setting<boolean> = {
  key: 'ignore-invalid-headers',
  ...BOOL,
  fallback: 'true',
  about: 'Headers of requests whose names hold other characters are dropped, and not passed on.',
  nginx: HONOURED,
  haproxy: differs('a request with a name that RFC 9110 does not allow is answered 400'),
};

/** What clients send, and how long they may take. */
export const REQUESTS_GROUP: SettingGroup = {
  name: 'Requests of clients',
  settings: [
    BODY_SIZE,
    HEADER_TIMEOUT,
    BODY_TIMEOUT,
    BODY_BUFFER,
    HEADER_BUFFER,
    LARGE_BUFFERS,
    KEEP_ALIVE,
    REQUESTS,
    HTTP2,
    STREAM_COUNT,
    ...HTTP2_OBSOLETE,
    UNDERSCORES,
    IGNORE_INVALID,
  ],
  read: (values) => {
    for (const setting of HTTP2_OBSOLETE) values.get(setting);
    return {
      settings: said<Partial<ProxySettings>>({
        maxBodySize: values.get(BODY_SIZE),
        clientHeaderTimeout: atLeastOne(values.get(HEADER_TIMEOUT)),
        clientBodyTimeout: atLeastOne(values.get(BODY_TIMEOUT)),
        clientBodyBufferSize: within(values.get(BODY_BUFFER), MEMORY),
        clientHeaderBufferSize: within(values.get(HEADER_BUFFER), MEMORY),
        largeHeaderBuffers: headerBuffers(values.get(LARGE_BUFFERS)),
        keepaliveTimeout: values.get(KEEP_ALIVE),
        keepaliveRequests: values.get(REQUESTS),
        http2: values.get(HTTP2),
        http2Streams: atLeastOne(values.get(STREAM_COUNT)),
        underscoresInHeaders: values.get(UNDERSCORES),
        ignoreInvalidHeaders: values.get(IGNORE_INVALID),
      }),
    };
  },
};

function headerBuffers(asked: GlobalSettings['largeHeaderBuffers']): GlobalSettings['largeHeaderBuffers'] {
  return asked && { ...asked, size: within(asked.size, MEMORY) };
}

function atLeastOne(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.max(1, value);
}
