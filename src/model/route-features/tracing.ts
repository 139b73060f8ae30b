/** OpenTelemetry, for proxies that were built with it. */
export interface Tracing {
  readonly enabled: boolean;
  readonly trustIncoming: boolean;
  readonly operationName: string | undefined;
}
