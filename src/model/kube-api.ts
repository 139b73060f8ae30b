/** One request to the Kubernetes API. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query below the server, for example `/api/v1/namespaces/shop/secrets?limit=500`. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Of the body; `application/json` when left out. */
  readonly contentType?: string;
}

/** An answer of the API server, whatever its status. */
export interface ApiResponse {
  readonly status: number;
  /** Parsed JSON; `undefined` when there was none. */
  readonly body: unknown;
  /** From the header Retry-After, in milliseconds. */
  readonly retryAfterMs: number | undefined;
}

/** An answer that goes on: for a watch. */
export interface ApiStream {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  /** One JSON text each, as they come. Throws when the connection breaks; ends when the server ends it. */
  readonly lines: AsyncIterable<string>;
}

/** The Kubernetes API as the rest of sluice sees it: JSON over HTTP, with address, TLS and authentication settled. */
export interface KubeApi {
  /** Resolves for every HTTP status. @throws Error when no whole answer came; on abort */
  request(request: ApiRequest, signal: AbortSignal): Promise<ApiResponse>;
  /** A GET whose answer is read line by line. @throws Error when no answer came; on abort */
  stream(path: string, signal: AbortSignal): Promise<ApiStream>;
}
