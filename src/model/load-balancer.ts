/** An entry of `status.loadBalancer.ingress`: where clients reach the proxy. */
export type LoadBalancerIngress = { readonly ip: string } | { readonly hostname: string };
