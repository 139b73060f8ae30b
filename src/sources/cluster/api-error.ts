import { quoteText } from '../../model/diagnostics.ts';
import { isRecord } from '../../model/record.ts';

/** Of a message of the API server, which ends with the namespace of what is forbidden. */
const LONGEST_MESSAGE = 240;

/** The API server answered, but not with what was asked for. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly retryAfterMs: number | undefined;

  constructor(status: number, message: string, retryAfterMs?: number) {
    super(message);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }

  /** @param body a metav1.Status, or whatever stands between us and the server answered instead of it */
  static of(status: number, body: unknown, retryAfterMs?: number): ApiError {
    const told = isRecord(body) && typeof body['message'] === 'string' ? body['message'] : '';
    const message = told === '' ? '' : `: ${quoteText(told, LONGEST_MESSAGE)}`;
    return new this(status, `HTTP ${status}${message}`, retryAfterMs);
  }
}

/** The resourceVersion or the continue token is too old: all has to be listed again. */
export class ExpiredError extends ApiError {
  override readonly name = 'ApiError';
}

/** What went wrong, in words that stay the same while it stays wrong. */
export function describeFailure(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
