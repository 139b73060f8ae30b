/** A template that failed while it rendered. The message is that of what went wrong; the place is told beside it. */
export class TemplateFailure extends Error {
  override readonly name = 'TemplateFailure';
  /** Path of the template; empty while it is not known. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;

  constructor(reason: string, place: { readonly file: string; readonly line: number; readonly column: number }) {
    super(reason);
    this.file = place.file;
    this.line = place.line;
    this.column = place.column;
  }

  /** @param place where it is known; else what Handlebars says of it */
  static of(error: unknown, place?: { readonly line: number; readonly column: number }): TemplateFailure {
    if (error instanceof TemplateFailure) return error;
    const { lineNumber: line, column } = typeof error === 'object' ? (error as HandlebarsPlace) : {};
    const told = line === undefined || column === undefined ? { line: 1, column: 1 } : { line, column: column + 1 };
    return new TemplateFailure(withoutKeys(String(error)), { file: '', ...(place ?? told) });
  }

  /** The innermost file is where it went wrong. */
  within(file: string): TemplateFailure {
    return this.file === '' ? new TemplateFailure(this.message, { file, line: this.line, column: this.column }) : this;
  }
}

/** Helpers quote what they refuse; a key that a template hands to the wrong one must not come into a log. */
function withoutKeys(message: string): string {
  return message.includes('PRIVATE KEY-----') ? 'RangeError: a helper refuses key material' : message;
}

interface HandlebarsPlace {
  readonly lineNumber?: number;
  readonly column?: number;
}
