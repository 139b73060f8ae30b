import { formatDiagnostic, type Diagnostic } from '../../model/diagnostics.ts';
import { formatRef } from '../../model/refs.ts';
import type { Logger } from '../../model/logger.ts';

/** Logs a diagnostic when it appears and when it is gone, not in every pass between. */
export class DiagnosticLog {
  readonly #logger: Logger;
  #shown = new Map<string, Diagnostic>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  update(diagnostics: readonly Diagnostic[]): void {
    const next = new Map(diagnostics.map((diagnostic) => [formatDiagnostic(diagnostic), diagnostic]));
    for (const [text, diagnostic] of next) if (!this.#shown.has(text)) this.#tell(diagnostic);
    for (const [text, { code }] of this.#shown) {
      if (!next.has(text)) this.#logger.info({ code, diagnostic: text }, 'no longer wrong');
    }
    this.#shown = next;
  }

  #tell({ severity, code, object, field, location, message }: Diagnostic): void {
    const where = location === undefined ? undefined : `${location.file}:${location.line}:${location.column}`;
    const fields = {
      code,
      object: object === undefined ? undefined : formatRef(object),
      field,
      where,
      reason: message,
    };
    if (severity === 'error') this.#logger.error(fields, 'not served as written');
    else this.#logger.warn(fields, 'served, with a caveat');
  }
}
