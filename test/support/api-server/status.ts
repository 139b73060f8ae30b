import type { Resource } from './resources.ts';

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
export interface StatusBody {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: { readonly continue?: string };
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: object;
  readonly code?: number;
}

interface FailureOptions {
  /** Default: what the API server says for the code. */
  readonly reason?: string | undefined;
  readonly details?: object | undefined;
  readonly retryAfterSeconds?: number | undefined;
  /** A token to go on with. */
  readonly continueToken?: string | undefined;
}

/** The request is answered with a Status; `code` is also that of HTTP. */
export class Failure extends Error {
  readonly code: number;
  readonly body: StatusBody;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: number, message: string, options: FailureOptions = {}) {
    super(message);
    const { reason = REASONS[code] ?? 'Unknown', retryAfterSeconds, continueToken } = options;
    const details =
      retryAfterSeconds === undefined ? options.details : { ...options.details, retryAfterSeconds: retryAfterSeconds };
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
    this.body = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: continueToken === undefined ? {} : { continue: continueToken },
      status: 'Failure',
      message,
      reason,
      ...(details === undefined ? {} : { details }),
      code,
    };
  }
}

/** https://github.com/kubernetes/apimachinery/blob/master/pkg/apis/meta/v1/types.go, "StatusReason" */
const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Expired',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

function detailsOf({ group, plural }: Resource, name: string): object {
  return { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind: plural };
}

export function badRequest(message: string): Failure {
  return new Failure(400, message);
}

export function unknownPath(): Failure {
  return new Failure(404, 'the server could not find the requested resource', { details: {} });
}

export function methodNotAllowed(): Failure {
  return new Failure(405, 'the server does not allow this method on the requested resource', { details: {} });
}

export function notFound(resource: Resource, name: string): Failure {
  return new Failure(404, `${resource.id} "${name}" not found`, { details: detailsOf(resource, name) });
}

export function alreadyExists(resource: Resource, name: string): Failure {
  const details = detailsOf(resource, name);
  return new Failure(409, `${resource.id} "${name}" already exists`, { reason: 'AlreadyExists', details });
}

export const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

export function conflict(resource: Resource, name: string, why: string): Failure {
  const message = `Operation cannot be fulfilled on ${resource.id} "${name}": ${why}`;
  return new Failure(409, message, { details: detailsOf(resource, name) });
}

/** @param causes one `field: what is wrong` each */
export function invalid(resource: Resource, name: string, causes: readonly string[]): Failure {
  const kind = resource.group === '' ? resource.kind : `${resource.kind}.${resource.group}`;
  const told = causes.length === 1 ? (causes[0] ?? '') : `[${causes.join(', ')}]`;
  const details = { name, group: resource.group, kind: resource.kind };
  return new Failure(422, `${kind} "${name}" is invalid: ${told}`, { details });
}

export function invalidListOptions(cause: string): Failure {
  const details = { group: 'meta.k8s.io', kind: 'ListOptions' };
  return new Failure(422, `ListOptions.meta.k8s.io "" is invalid: ${cause}`, { details });
}

export function unsupportedMediaType(accepted: readonly string[]): Failure {
  const types = accepted.join(', ');
  return new Failure(415, `the body of the request was in an unknown format - accepted media types include: ${types}`);
}

export function tooOld(asked: number, oldest: number): Failure {
  return new Failure(410, `too old resource version: ${asked} (${oldest})`);
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#unavailable-resource-versions */
export function tooLarge(asked: number, current: number): Failure {
  const message = `Too large resource version: ${asked}, current: ${current}`;
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  return new Failure(504, message, { details: { causes }, retryAfterSeconds: 1 });
}

/** @param token goes on with the newest state, without the promise that the pages fit together */
export function continueExpired(token: string): Failure {
  const message =
    'The provided continue parameter is too old to display a consistent list result. You can start a new list ' +
    'without the continue parameter, or use the continue token in this response to retrieve the remainder of the ' +
    'results. Continuing with the provided token results in an inconsistent list - objects that were created, ' +
    'modified, or deleted between the time the first chunk was returned and now may show up in the list.';
  return new Failure(410, message, { continueToken: token });
}

export function success(resource: Resource, name: string, uid: string): StatusBody {
  const details = { ...detailsOf(resource, name), uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}
