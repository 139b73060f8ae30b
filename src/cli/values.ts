/** A value that fits its grammar, or what is wrong: `expected …, got "…"`. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };
export type Parser<T> = (text: string) => Parsed<T>;

function ok<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

function expected(what: string, text: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem: `expected ${what}, got ${JSON.stringify(text)}` };
}

export function integer(least: number, most: number): Parser<number> {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? ok(value) : expected(`a whole number from ${least} to ${most}`, text);
  };
}

export const port = integer(1, 65535);

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** A duration with its unit to milliseconds: `250ms` → 250, `5s` → 5000. */
export function duration(text: string): Parsed<number> {
  const match = /^(\d{1,9})(ms|s|m|h)$/.exec(text);
  const unit = MILLISECONDS[match?.[2] ?? ''];
  return unit === undefined ? expected('a duration such as 250ms, 5s or 1m', text) : ok(Number(match?.[1]) * unit);
}

/** A duration of whole seconds, to seconds. */
export function seconds(text: string): Parsed<number> {
  const parsed = duration(text);
  if (!parsed.ok) return parsed;
  return parsed.value % 1000 === 0 ? ok(parsed.value / 1000) : expected('whole seconds such as 5s or 1m', text);
}

export interface Wait {
  /** Milliseconds without a change before work begins. */
  readonly quiet: number;
  /** Milliseconds after which it begins in any case. */
  readonly cap: number;
}

/** `10ms:1s`: the quiet period and its cap; without a cap, four times the quiet period. */
export function wait(text: string): Parsed<Wait> {
  const [quietText = '', capText] = text.split(':');
  const quiet = duration(quietText);
  const cap = capText === undefined && quiet.ok ? ok(quiet.value * 4) : duration(capText ?? '');
  if (!quiet.ok || !cap.ok || text.split(':').length > 2) return expected('QUIET:CAP such as 10ms:1s', text);
  return cap.value >= quiet.value
    ? ok({ quiet: quiet.value, cap: cap.value })
    : expected('a cap not under the quiet period', text);
}

export function oneOf<T extends string>(...choices: readonly T[]): Parser<T> {
  return (text) => {
    const found = choices.find((choice) => choice === text);
    return found === undefined ? expected(`one of ${choices.join(', ')}`, text) : ok(found);
  };
}

export function either<A, B>(first: Parser<A>, second: Parser<B>): Parser<A | B> {
  return (text) => {
    const parsed = first(text);
    return parsed.ok ? parsed : second(text);
  };
}

/** Text that matches a pattern. */
export function text(pattern: RegExp, what: string): Parser<string> {
  return (value) => (pattern.test(value) ? ok(value) : expected(what, value));
}

/** A list with commas: `a,b`; empty text is the empty list. */
export function list<T>(parser: Parser<T>): Parser<readonly T[]> {
  return (value) => {
    const values: T[] = [];
    for (const item of value.split(',').map((part) => part.trim())) {
      if (item === '') continue;
      const parsed = parser(item);
      if (!parsed.ok) return parsed;
      values.push(parsed.value);
    }
    return ok(values);
  };
}

/** A value that may be left empty. */
export function optional<T>(parser: Parser<T>): Parser<T | undefined> {
  return (value) => (value === '' ? ok(undefined) : parser(value));
}
