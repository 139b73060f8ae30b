import type { Kind } from '../../model/objects.ts';
import { isEqual } from '../../model/equal.ts';
import { objectKey } from '../../model/refs.ts';
import { isCollapse, type Collapse, type CollapseGuard } from '../collapse/guard.ts';
import { decodeObject, type Decoded } from '../decode/decode.ts';
import { isRecord } from '../../model/record.ts';
import type { ObjectStore } from '../object-store.ts';
import type { ReflectorSink } from './reflector.ts';
import { apiVersionOf, RESOURCES } from './resources.ts';

/** An object as it arrived, trimmed. */
export interface Arrival {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** `undefined` for an object that is not wanted: nothing of it is kept but its name. */
  readonly decoded: Decoded | undefined;
}

export interface SinkOptions {
  readonly kind: Kind;
  /** Only objects that it says true for are kept; all, when left out. */
  readonly wants?: (namespace: string, name: string) => boolean;
  /** Sees every object whole, before it is trimmed. */
  readonly inspect?: (namespace: string, name: string, object: unknown) => void;
  /** An object is gone. */
  readonly forget?: (namespace: string, name: string) => void;
  /** What to call the collection, and who keeps what a new list lacks when that is nearly all; left out: nobody does. */
  readonly hold?: { readonly what: string; readonly guard: CollapseGuard } | undefined;
}

/** Writes the objects of one collection to the store. An object that came anew under its old name is another object. */
export class ObjectSink implements ReflectorSink<Arrival> {
  readonly #store: ObjectStore;
  readonly #options: SinkOptions;
  /** What this collection holds. */
  readonly #known = new Map<string, Arrival>();
  /** Of these, those that the last list lacks and that are kept all the same. */
  #held = new Map<string, Arrival>();

  constructor(store: ObjectStore, options: SinkOptions) {
    this.#store = store;
    this.#options = options;
  }

  trim(object: unknown): Arrival {
    const { kind, wants = () => true, inspect } = this.#options;
    const { namespace, name, uid } = identify(object);
    inspect?.(namespace, name, object);
    return wants(namespace, name) ? trimObject(kind, object) : { namespace, name, uid, decoded: undefined };
  }

  replace(objects: readonly Arrival[]): void {
    const before = this.#known.size;
    const gone = new Map(this.#known);
    for (const arrival of objects) {
      gone.delete(objectKey(arrival.namespace, arrival.name));
      this.change(arrival);
    }
    this.#held = gone;
    if (!this.#isDoubted({ before, left: objects.length })) this.#letGo();
  }

  change(arrival: Arrival): void {
    const { namespace, name, uid, decoded } = arrival;
    const key = objectKey(namespace, name);
    const before = this.#known.get(key);
    this.#unhold(key);
    if (before !== undefined && before.uid !== uid) this.remove(before);
    this.#known.set(key, { ...arrival, decoded: undefined });
    if (decoded !== undefined) this.#put(arrival, decoded);
  }

  remove({ namespace, name }: Arrival): void {
    const key = objectKey(namespace, name);
    this.#known.delete(key);
    this.#unhold(key);
    this.#options.forget?.(namespace, name);
    this.drop(namespace, name);
  }

  /** Whether the collection has this very object. */
  holds({ namespace, name, uid }: Arrival): boolean {
    return this.#known.get(objectKey(namespace, name))?.uid === uid;
  }

  /** Forgets an object that is not wanted any more, although it exists. */
  drop(namespace: string, name: string): void {
    this.#store.delete(this.#options.kind, namespace, name);
    this.#store.report(this.#origin(namespace, name), []);
  }

  /** All that it holds is of no interest any more. */
  clear(): void {
    this.#held = new Map(this.#known);
    this.#letGo();
  }

  #isDoubted(collapse: Collapse): boolean {
    const { hold } = this.#options;
    return hold !== undefined && isCollapse(collapse) && hold.guard.hold(hold.what, collapse, () => this.#letGo());
  }

  /** What is held is gone indeed. */
  #letGo(): void {
    const { hold } = this.#options;
    const gone = this.#held;
    this.#held = new Map();
    for (const arrival of gone.values()) this.remove(arrival);
    hold?.guard.end(hold.what);
  }

  /** An event tells for certain what has become of an object. */
  #unhold(key: string): void {
    if (!this.#held.delete(key)) return;
    const { hold } = this.#options;
    if (this.#held.size === 0) hold?.guard.end(hold.what);
  }

  /** What did not change in any field that is read stays the same value, so that nothing is done for it again. */
  #put({ namespace, name }: Arrival, { object, diagnostics }: Decoded): void {
    const { kind } = this.#options;
    const stored = this.#store.get(kind, namespace, name);
    if (object === undefined) this.#store.delete(kind, namespace, name);
    else if (!isEqual(stored, object)) this.#store.set(object);
    this.#store.report(this.#origin(namespace, name), diagnostics);
  }

  #origin(namespace: string, name: string): string {
    return `${this.#options.kind} ${objectKey(namespace, name)}`;
  }
}

/** An object of the API, trimmed. */
export function trimObject(kind: Kind, object: unknown): Arrival {
  const identity = identify(object);
  // Items of a list lack the two.
  const whole = isRecord(object) ? { ...object, kind, apiVersion: apiVersionOf(RESOURCES[kind]) } : object;
  return { ...identity, decoded: decodeObject(whole, identity.namespace) };
}

function identify(object: unknown): Omit<Arrival, 'decoded'> {
  const metadata = isRecord(object) && isRecord(object['metadata']) ? object['metadata'] : {};
  return { namespace: text(metadata['namespace']), name: text(metadata['name']), uid: text(metadata['uid']) };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
