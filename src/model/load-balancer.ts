/**
 * An entry of `status.loadBalancer.ingress`: where clients reach the proxy. `ports` is left out, because sluice neither writes
 * nor compares it: https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ingress-v1/#IngressStatus
 */
export interface LoadBalancerIngress {
  readonly ip?: string | undefined;
  readonly hostname?: string | undefined;
}
