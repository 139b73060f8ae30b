/** https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/#ExecConfig */
export interface ExecPlugin {
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
}

export interface KubeconfigOptions {
  readonly token?: string;
  /** Path of a file that holds the token. */
  readonly tokenFile?: string;
  readonly exec?: ExecPlugin;
  /** Of the context. */
  readonly namespace?: string;
}

/** A kubeconfig with one context; JSON, which is YAML too. */
export function kubeconfigText(server: string, authority: string | undefined, options: KubeconfigOptions): string {
  const { token, tokenFile, exec, namespace } = options;
  const trust =
    authority === undefined ? {} : { 'certificate-authority-data': Buffer.from(authority).toString('base64') };
  const plugin =
    exec === undefined
      ? undefined
      : { apiVersion: 'client.authentication.k8s.io/v1', interactiveMode: 'Never', ...exec };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'fake', cluster: { server, ...trust } }],
    users: [{ name: 'fake', user: { token, tokenFile, exec: plugin } }],
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake', namespace } }],
    'current-context': 'fake',
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
