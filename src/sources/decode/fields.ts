import { isRecord } from '../../model/record.ts';
import { quoteText } from '../../model/diagnostics.ts';
import { isLabel, isSubdomain, LABEL_RULE, SUBDOMAIN_RULE } from './names.ts';

/** Told of every field that could not be read: its path as kubectl prints it, and why. */
export type Refusal = (field: string, reason: string) => void;

/** The part of an object that is dropped as a whole when one of its fields cannot be read. */
interface Part {
  readonly effect: string;
  readonly refuse: Refusal;
  whole: boolean;
}

/**
 * Reads typed fields of a mapping whose shape is not known, and reports what does not fit instead of throwing.
 *
 * `null` counts as absent, as in the API server. A field of the wrong type reads as absent too, but spoils the part that
 * it belongs to, so that a broken `host` never turns into "all hosts": the nearest enclosing `entry`, `list` or `some`
 * drops that part and nothing else.
 */
export class Fields {
  readonly path: string;
  readonly #record: Record<string, unknown>;
  readonly #part: Part;
  /** False for what is no mapping: it has been reported, and that its fields are missing adds nothing. */
  readonly #readable: boolean;

  private constructor(value: unknown, path: string, part: Part) {
    this.path = path;
    this.#part = part;
    this.#record = isRecord(value) ? value : {};
    this.#readable = isRecord(value);
    if (!this.#readable) this.#report(path, `expected a mapping, got ${typeName(value)}`);
  }

  /** @param effect what follows when a field of the object itself cannot be read, for the message */
  static of(value: unknown, effect: string, refuse: Refusal): Fields {
    return new Fields(value, '', { effect, refuse, whole: true });
  }

  /** False once a field of this part could not be read. */
  get whole(): boolean {
    return this.#part.whole;
  }

  value(name: string): unknown {
    return Object.hasOwn(this.#record, name) ? (this.#record[name] ?? undefined) : undefined;
  }

  keys(): string[] {
    return Object.keys(this.#record);
  }

  /** Reports a field, or with an empty name the mapping itself, and drops the part that it belongs to. */
  refuse(name: string, reason: string): void {
    if (this.#readable) this.#report(this.#at(name), reason);
  }

  /** Reports a field that can be left out alone: the part stays. */
  note(name: string, reason: string): void {
    this.#part.refuse(this.#at(name), reason);
  }

  string(name: string): string | undefined {
    return this.#expect(name, isString, 'expected a string');
  }

  label(name: string): string | undefined {
    return this.#expect(name, isLabelText, LABEL_RULE);
  }

  subdomain(name: string): string | undefined {
    return this.#expect(name, isSubdomainText, SUBDOMAIN_RULE);
  }

  boolean(name: string): boolean | undefined {
    return this.#expect(name, isBoolean, 'expected true or false');
  }

  port(name: string): number | undefined {
    return this.#expect(name, isPort, 'expected a port, a whole number from 1 to 65535');
  }

  /** Says so when a field that must be there is not; hands `value`, which was read from it, through. */
  required<T>(name: string, value: T | undefined): T | undefined {
    if (this.value(name) === undefined) this.refuse(name, 'is required');
    return value;
  }

  /** A mapping that belongs to the same part; an absent one reads as empty. */
  child(name: string): Fields {
    return new Fields(this.value(name) ?? {}, this.#at(name), this.#part);
  }

  /** A mapping that is a part of its own: `undefined` when it is absent or has a field that cannot be read. */
  entry<T>(name: string, effect: string, read: (fields: Fields) => T | undefined): T | undefined {
    const value = this.value(name);
    return value === undefined ? undefined : this.#readPart(value, this.#at(name), { effect, read });
  }

  /** A list whose entries are parts of their own; one that cannot be read is `undefined` and keeps its index. */
  list<T>(name: string, effect: string, read: (fields: Fields) => T | undefined): (T | undefined)[] {
    return this.#items(name).map((item, index) =>
      this.#readPart(item, `${this.#at(name)}[${index}]`, { effect, read }),
    );
  }

  /** Like `list`, without the entries that cannot be read. */
  some<T>(name: string, effect: string, read: (fields: Fields) => T | undefined): T[] {
    return this.list(name, effect, read).filter((item) => item !== undefined);
  }

  /** A list of strings; an entry of another type is reported and left out, without spoiling the rest. */
  strings(name: string): string[] {
    return this.#items(name).filter((item, index): item is string => {
      if (typeof item === 'string') return true;
      this.note(`${name}[${index}]`, `expected a string, got ${describe(item)}; this entry is not used`);
      return false;
    });
  }

  #items(name: string): unknown[] {
    const value = this.value(name) ?? [];
    if (Array.isArray(value)) return value;
    this.refuse(name, `expected a list, got ${describe(value)}`);
    return [];
  }

  #expect<T>(name: string, fits: (value: unknown) => value is T, rule: string): T | undefined {
    const value = this.value(name);
    if (value === undefined || fits(value)) return value;
    this.refuse(name, `${rule}, got ${describe(value)}`);
    return undefined;
  }

  #readPart<T>(value: unknown, path: string, reader: PartReader<T>): T | undefined {
    const part: Part = { effect: reader.effect, refuse: this.#part.refuse, whole: true };
    const fields = new Fields(value, path, part);
    if (!fields.whole) return undefined;
    const result = reader.read(fields);
    return part.whole ? result : undefined;
  }

  #at(name: string): string {
    return this.path === '' || name === '' ? this.path + name : `${this.path}.${name}`;
  }

  #report(field: string, reason: string): void {
    this.#part.whole = false;
    this.#part.refuse(field, `${reason}; ${this.#part.effect}`);
  }
}

interface PartReader<T> {
  readonly effect: string;
  readonly read: (fields: Fields) => T | undefined;
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isLabelText(value: unknown): value is string {
  return typeof value === 'string' && isLabel(value);
}

function isSubdomainText(value: unknown): value is string {
  return typeof value === 'string' && isSubdomain(value);
}

function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65535;
}

/** A value for a message; not for what may be secret. */
function describe(value: unknown): string {
  if (typeof value === 'string') return quoteText(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeName(value);
}

/** The type of a value, for messages that must not show the value. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : `a ${typeof value}`;
}
