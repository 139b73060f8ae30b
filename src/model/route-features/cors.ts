/** https://fetch.spec.whatwg.org/#http-cors-protocol, with the defaults of ingress-nginx. */
export interface Cors {
  /** 16 hexadecimal digits of a hash over everything below. */
  readonly id: string;
  /** `*`: any. Otherwise origins, each as a regular expression for the whole `Origin` header, compared without case. */
  readonly origins: '*' | readonly string[];
  readonly methods: string;
  readonly headers: string;
  readonly exposeHeaders: string | undefined;
  readonly credentials: boolean;
  /** Seconds. */
  readonly maxAge: number;
}
