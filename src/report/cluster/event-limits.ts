import { Recent } from './recent.ts';
import { TokenBucket } from './token-bucket.ts';

/** As the spam filter of client-go: https://pkg.go.dev/k8s.io/client-go/tools/record#EventCorrelator */
const PER_OBJECT = { burst: 25, refillMs: 300_000 };
const OBJECTS = 4_096;

/** Lets a few Events about each object pass. */
export class ObjectLimits {
  readonly #buckets = new Recent<TokenBucket>(OBJECTS);

  /** Whether one more may be written about the object with this uid. */
  take(uid: string, now: number): boolean {
    let bucket = this.#buckets.get(uid);
    if (bucket === undefined) {
      bucket = new TokenBucket(PER_OBJECT, now);
      this.#buckets.put(uid, bucket);
    }
    return bucket.take(now);
  }
}
