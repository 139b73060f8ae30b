import { get, type IncomingMessage, type RequestOptions } from 'node:http';
import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from './process-table.ts';

/** `sun_path` holds 108 bytes, the last of which is zero. */
const LONGEST_PATH = 107;
const ANSWER_TIMEOUT_MS = 1_000;
const CONFIRM_MS = 50;

/**
 * @param longest bytes that the proxy leaves of what the system allows
 * @throws RangeError when no socket can have this path.
 */
export function checkSocketPath(path: string, longest = LONGEST_PATH): void {
  const length = Buffer.byteLength(path);
  if (length <= longest) return;
  throw new RangeError(
    `${path} has ${length} bytes; a unix socket can have ${longest} at most: choose a shorter directory for run-time files`,
  );
}

/** Asks who listens on `socket` which generation it runs; `undefined` without an answer. Throws only on abort. */
export function askGeneration(socket: string, signal: AbortSignal): Promise<number | undefined> {
  return ask({ socketPath: socket, path: '/generation' }, (status) => status === 200, signal);
}

/** Asks an HTTP server instead; whatever its status, since some proxies have no text of their own but error pages. */
export function askGenerationAt(url: string, signal: AbortSignal): Promise<number | undefined> {
  const { hostname, port, pathname } = new URL(url);
  // An IPv6 address has brackets in a URL, and none elsewhere.
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return ask({ host, port: port === '' ? 80 : Number(port), path: pathname }, () => true, signal);
}

type Accepts = (status: number | undefined) => boolean;

async function ask(where: RequestOptions, accepts: Accepts, signal: AbortSignal): Promise<number | undefined> {
  signal.throwIfAborted();
  const body = await getBody(where, accepts, AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]));
  signal.throwIfAborted();
  return body !== undefined && /^\d{1,9}\n?$/.test(body) ? Number(body) : undefined;
}

function getBody(where: RequestOptions, accepts: Accepts, signal: AbortSignal): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const answered = (response: IncomingMessage): void => {
    if (accepts(response.statusCode)) void readShort(response).then(resolve);
    else {
      resolve(undefined);
      response.destroy();
    }
  };
  // A new connection each time: an old worker would go on to answer on one that is kept.
  get({ ...where, agent: false, signal }, answered).on('error', () => resolve(undefined));
  return promise;
}

async function readShort(response: IncomingMessage): Promise<string | undefined> {
  let body = '';
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      body += String(chunk);
      if (body.length > 16) return undefined;
    }
    return body;
  } catch {
    return undefined;
  }
}

/**
 * Removes a socket that a killed process left: a proxy refuses to start while it is there. Looks twice, because a socket
 * also refuses between bind and listen. True when it was removed.
 */
export async function removeStaleSocket(path: string): Promise<boolean> {
  const before = await refusingSocket(path);
  if (before === undefined) return false;
  await sleep(CONFIRM_MS);
  if ((await refusingSocket(path)) !== before) return false;
  await unlink(path);
  return true;
}

/** The inode of a socket that nobody listens on. */
async function refusingSocket(path: string): Promise<number | undefined> {
  const stat = await lstat(path).catch(() => undefined);
  if (stat?.isSocket() !== true) return undefined;
  return (await connectError(path)) === 'ECONNREFUSED' ? stat.ino : undefined;
}

/** Why a connection fails; `undefined` when it does not. */
export function connectError(path: string): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = connect(path);
  socket.once('connect', () => resolve(undefined)).once('error', (error) => resolve(errorCode(error) ?? 'unknown'));
  return promise.finally(() => socket.destroy());
}
