import type { Version } from './objects.ts';
import type { Resource } from './resources.ts';

/** One write: a new object has no `before`, a deleted one no `after`. */
export class Change {
  readonly revision: number;
  readonly resource: Resource;
  readonly before: Version | undefined;
  readonly after: Version | undefined;
  #gone: Version | undefined;

  constructor(revision: number, resource: Resource, states: Pick<Change, 'before' | 'after'>) {
    this.revision = revision;
    this.resource = resource;
    this.before = states.before;
    this.after = states.after;
  }

  get key(): string {
    return this.after?.key ?? this.before?.key ?? '';
  }

  /** What a watch that saw `before`, and does not see `after`, is told. */
  get gone(): Version | undefined {
    this.#gone ??= this.before?.at(this.revision);
    return this.#gone;
  }
}

/** The last so many changes, oldest first. */
export class History {
  readonly #capacity: number;
  #changes: Change[] = [];
  /** Those before it are forgotten; they are cut off now and then, not each time. */
  #start = 0;
  #compacted = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Changes up to this resourceVersion are forgotten. */
  get compacted(): number {
    return this.#compacted;
  }

  add(change: Change): void {
    this.#changes.push(change);
    if (this.#changes.length - this.#start > this.#capacity) {
      this.#compacted = this.#changes[this.#start]?.revision ?? this.#compacted;
      this.#start += 1;
    }
    if (this.#start > this.#capacity) this.#cut(this.#start);
  }

  compact(revision: number): void {
    this.#cut(this.#changes.length);
    this.#compacted = revision;
  }

  /** Those after `revision`, oldest first. */
  since(revision: number): readonly Change[] {
    let low = this.#start;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#changes[middle]?.revision ?? 0) > revision) high = middle;
      else low = middle + 1;
    }
    return this.#changes.slice(low);
  }

  /** The last `count` changes up to `revision` that `wanted` takes, oldest first. */
  before(revision: number, count: number, wanted: (change: Change) => boolean): readonly Change[] {
    const known = this.#changes.slice(this.#start);
    return known.filter((change) => change.revision <= revision && wanted(change)).slice(-count);
  }

  #cut(count: number): void {
    this.#changes = this.#changes.slice(count);
    this.#start = 0;
  }
}
