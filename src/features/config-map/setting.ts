import type { ProxySettings } from '../../model/options.ts';
import { HONOURED, type Grammar, type Support } from '../annotation.ts';
import type { Globals } from '../globals.ts';
import { bool, good, integer, onOff, seconds, size } from '../grammar.ts';
import { duration } from './grammars.ts';
import type { SettingReader } from './reader.ts';

/** One key of the ConfigMap of ingress-nginx. */
export interface Setting<T> {
  readonly key: string;
  readonly grammar: Grammar<T>;
  /** What the grammar takes, for documentation. */
  readonly syntax: string;
  /** What holds in ingress-nginx without the key, as a text of the grammar; empty: nothing. */
  readonly fallback: string;
  /** Why the default of sluice holds even with `--compat ingress-nginx`; otherwise that of ingress-nginx does. */
  readonly keeps?: string;
  /** One sentence. */
  readonly about: string;
  readonly nginx: Support;
  readonly haproxy: Support;
}

/** What keys say: over the flags, and over the defaults of annotations. */
export interface Contribution {
  readonly settings?: Partial<ProxySettings>;
  readonly globals?: Partial<Globals>;
}

/** Keys that belong together. */
export interface SettingGroup {
  readonly name: string;
  readonly settings: readonly Setting<unknown>[];
  readonly read: (values: SettingReader) => Contribution;
}

/** What proxies do with a key that both honour. */
export const BOTH = { nginx: HONOURED, haproxy: HONOURED } as const;

export const BOOL = { grammar: bool, syntax: 'true or false' } as const;
export const ON_OFF = { grammar: onOff, syntax: 'on or off' } as const;
export const SECONDS = { grammar: seconds, syntax: 'number of seconds' } as const;
export const SIZE = { grammar: size, syntax: 'size such as 8k or 1m' } as const;
export const COUNT = { grammar: integer(0, 1_000_000), syntax: 'whole number' } as const;
export const DURATION = { grammar: duration, syntax: 'time such as 10m or 240s' } as const;
export const ANY = { grammar: good as Grammar<string>, syntax: 'any text' } as const;

/** Without the fields that are `undefined`: nothing is said of them. */
export function said<T extends object>(fields: { readonly [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}
