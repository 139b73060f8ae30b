import { isRecord } from '../../../src/model/record.ts';
import { apiVersionOf, type Resource } from './resources.ts';

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** RFC 3339, whole seconds. */
  readonly creationTimestamp: string;
  readonly generation?: number;
  readonly [field: string]: unknown;
}

/** An object as the server keeps it. Nobody changes one: a write makes another. */
export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** One state of an object. Its JSON is made once, when it is first asked for. */
export class Version {
  readonly object: ApiObject;
  readonly key: string;
  readonly labels: Readonly<Record<string, unknown>>;
  #fields: string | undefined;

  constructor(object: ApiObject, key: string) {
    this.object = object;
    this.key = key;
    this.labels = isRecord(object.metadata['labels']) ? object.metadata['labels'] : {};
  }

  /** JSON as in a list, where kind and apiVersion are those of the list. */
  get item(): string {
    return `{${this.#rest()}`;
  }

  /** JSON of the whole object. */
  get text(): string {
    const { kind, apiVersion } = this.object;
    return `{"kind":"${kind}","apiVersion":"${apiVersion}",${this.#rest()}`;
  }

  #rest(): string {
    if (this.#fields === undefined) {
      const { metadata, ...others } = this.object;
      const fields: Record<string, unknown> = { metadata, ...others };
      delete fields['kind'];
      delete fields['apiVersion'];
      this.#fields = JSON.stringify(fields).slice(1);
    }
    return this.#fields;
  }

  /** The same state, told at a later resourceVersion: how a deletion is announced. */
  at(revision: number): Version {
    const metadata = { ...this.object.metadata, resourceVersion: `${revision}` };
    return new Version({ ...this.object, metadata }, this.key);
  }
}

/** What a bookmark carries: nothing but the kind and the resourceVersion. */
export function bookmarkText(resource: Resource, revision: number, annotations?: object): string {
  const metadata = {
    resourceVersion: `${revision}`,
    creationTimestamp: null,
    ...(annotations === undefined ? {} : { annotations }),
  };
  return JSON.stringify({ kind: resource.kind, apiVersion: apiVersionOf(resource), metadata });
}
