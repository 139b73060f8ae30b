export interface Logging {
  readonly access: boolean;
  readonly rewrite: boolean;
}
