import type { ProxySettings } from '../../../model/options.ts';
import { differs, HONOURED, unsupported, type Grammar } from '../../annotation.ts';
import { bad, good, integer, matching } from '../../grammar.ts';
import { BOOL, BOTH, COUNT, DURATION, said, SECONDS, type Setting, type SettingGroup } from '../setting.ts';

const UPSTREAM_COUNT: Setting<number> = {
  key: 'upstream-keepalive-connections',
  grammar: integer(0, 10_000),
  syntax: 'whole number',
  fallback: '320',
  keeps: 'ingress-nginx has one pool for all endpoints, and here each upstream has its own: --upstream-keepalive holds',
  about: 'Idle connections kept to endpoints, by each worker.',
  nginx: differs('kept to each upstream, not to all of them together'),
  haproxy: differs('kept to each endpoint'),
};

const UPSTREAM_TIMEOUT: Setting<number> = {
  key: 'upstream-keepalive-timeout',
  ...SECONDS,
  fallback: '60',
  about: 'For how long.',
  nginx: HONOURED,
  haproxy: HONOURED,
};

const UPSTREAM_REQUESTS: Setting<number> = {
  key: 'upstream-keepalive-requests',
  grammar: integer(1, 1_000_000_000),
  syntax: 'whole number',
  ...BOTH,
  fallback: '10000',
  about: 'Requests on one of them.',
};

const UPSTREAM_TIME: Setting<number> = {
  key: 'upstream-keepalive-time',
  ...DURATION,
  fallback: '1h',
  about: 'How old one of them may get.',
  nginx: HONOURED,
  haproxy: unsupported('HAProxy does not count the age of a connection: upstream-keepalive-requests limits it'),
};

const workers: Grammar<string> = (text) => {
  if (text.trim() === 'auto') return good('auto');
  const parsed = integer(1, 1024)(text);
  return parsed.ok ? good(String(parsed.value)) : bad('is not auto or a number from 1 to 1024');
};

const WORKERS: Setting<string> = {
  key: 'worker-processes',
  grammar: workers,
  syntax: 'auto or a number',
  fallback: 'auto',
  keeps: '--worker-processes is the same',
  about: 'Workers of the proxy.',
  nginx: HONOURED,
  haproxy: differs('threads, 64 at most'),
};

const AFFINITY: Setting<string> = {
  key: 'worker-cpu-affinity',
  grammar: matching(/^(?:auto(?: [01]+)?|[01]+(?: [01]+)*)$/, 'auto, or masks of zeros and ones'),
  syntax: 'auto, or masks',
  fallback: '',
  about: 'Processors for them.',
  nginx: HONOURED,
  haproxy: unsupported('HAProxy binds its threads by itself'),
};

const SHUTDOWN: Setting<number> = {
  key: 'worker-shutdown-timeout',
  ...DURATION,
  ...BOTH,
  fallback: '240s',
  about: 'How long old workers may drain after a reload.',
};

const CONNECTIONS: Setting<number> = {
  key: 'max-worker-connections',
  ...COUNT,
  fallback: '16384',
  about: 'Connections of each worker; 0: as the flags say.',
  nginx: HONOURED,
  haproxy: differs('of the whole process, by the files that it may open'),
};

const FILES: Setting<number> = {
  key: 'max-worker-open-files',
  ...COUNT,
  ...BOTH,
  fallback: '0',
  about: 'Files that each worker may open; 0: as many as its connections need.',
};

const MULTI_ACCEPT: Setting<boolean> = {
  key: 'enable-multi-accept',
  ...BOOL,
  fallback: 'true',
  about: 'A worker accepts all new connections at once.',
  nginx: HONOURED,
  haproxy: differs('it always does, up to tune.maxaccept'),
};

const REUSE_PORT: Setting<boolean> = {
  key: 'reuse-port',
  ...BOOL,
  fallback: 'true',
  about: 'Each worker listens by a socket of its own.',
  nginx: unsupported('workers share their sockets: with sockets of their own, a reload resets connections'),
  haproxy: unsupported('HAProxy hands its sockets on from one generation to the next by itself'),
};

const AIO: Setting<boolean> = {
  key: 'enable-aio-write',
  ...BOOL,
  fallback: 'true',
  about: 'Write temporary files in threads.',
  nginx: unsupported('a matter of temporary files: put `aio threads; aio_write on;` into partials/http.hbs'),
  haproxy: unsupported('HAProxy writes no files'),
};

const SERIAL: Setting<boolean> = {
  key: 'enable-serial-reloads',
  ...BOOL,
  fallback: 'false',
  about: 'Reload only when the workers of the last reload are gone.',
  nginx: differs('one reload at a time, and at least --reload-interval between two, whatever it says'),
  haproxy: differs('one reload at a time, and at least --reload-interval between two, whatever it says'),
};

/** Connections and those who serve them. */
export const CONNECTIONS_GROUP: SettingGroup = {
  name: 'Workers and connections',
  settings: [
    UPSTREAM_COUNT,
    UPSTREAM_TIMEOUT,
    UPSTREAM_REQUESTS,
    UPSTREAM_TIME,
    WORKERS,
    AFFINITY,
    SHUTDOWN,
    CONNECTIONS,
    FILES,
    MULTI_ACCEPT,
    REUSE_PORT,
    AIO,
    SERIAL,
  ],
  read: (values) => {
    for (const setting of [REUSE_PORT, AIO, SERIAL]) values.get(setting);
    const settings = said<Partial<ProxySettings>>({
      upstreamKeepalive: values.get(UPSTREAM_COUNT),
      upstreamKeepaliveTimeout: values.get(UPSTREAM_TIMEOUT),
      upstreamKeepaliveRequests: values.get(UPSTREAM_REQUESTS),
      upstreamKeepaliveTime: values.get(UPSTREAM_TIME),
      workerProcesses: values.get(WORKERS),
      workerCpuAffinity: values.get(AFFINITY),
      workerShutdownTimeout: atMost(MOST_SECONDS, values.get(SHUTDOWN)),
      workerConnections: atLeast(512, values.get(CONNECTIONS)),
      workerOpenFiles: atLeast(1024, values.get(FILES)),
      multiAccept: values.get(MULTI_ACCEPT),
    });
    return { settings };
  },
};

/** HAProxy counts milliseconds in 31 bits. */
const MOST_SECONDS = 2_000_000;

function atMost(most: number, value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.min(most, value);
}

/** What a proxy needs to start; 0 says nothing. */
function atLeast(least: number, value: number | undefined): number | undefined {
  return value === 0 || value === undefined ? undefined : Math.max(least, value);
}
