import type { Logger } from '../../model/logger.ts';
import { FORBIDDEN, type Failure } from './api.ts';

/** Reasons are few; if they are not, telling one twice is better than to remember them all. */
const REMEMBERED = 100;

/** Tells each kind of failure once, until told that it works again. */
export class FailureLog {
  readonly #logger: Logger;
  readonly #told = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** @param permission what is missing if the failure is a 403, in the words of RBAC: `patch ingresses/status` */
  tell({ status, reason }: Failure, permission: string, message: string): void {
    const key = status === 0 ? `${message} ${reason}` : `${message} ${status}`;
    if (this.#told.has(key)) return;
    if (this.#told.size >= REMEMBERED) this.#told.clear();
    this.#told.add(key);
    if (status === FORBIDDEN) this.#logger.warn({ permission, reason }, `${message}: permission missing`);
    else this.#logger.warn({ reason }, message);
  }

  worked(): void {
    this.#told.clear();
  }
}
