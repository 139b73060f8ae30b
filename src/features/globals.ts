/**
 * What the ConfigMap says for all Ingresses, as far as it is not a setting of the proxy (those are ProxySettings). The keys
 * and their defaults are those of ingress-nginx: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/
 */
export interface Globals {
  readonly allowCrossNamespaceResources: boolean;
}

export const DEFAULT_GLOBALS: Globals = {
  allowCrossNamespaceResources: false,
};
