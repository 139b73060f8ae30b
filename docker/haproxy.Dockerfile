# sluice for HAProxy: checks with the very HAProxy that the pod runs, so its base is that image.
#   npm run bundle && docker build -f docker/haproxy.Dockerfile -t sluice-haproxy:0.1.0 .

# Which HAProxy. Use the tag of the image that serves: what its haproxy accepts is what this one has checked.
ARG HAPROXY_VERSION=3.2
# Node's program alone is copied into the base. haproxy:3.2 is Debian trixie, and so is this: the same C and C++ libraries.
# With a base of an older Debian, set DEBIAN to it.
ARG NODE_VERSION=24
ARG DEBIAN=trixie

FROM node:${NODE_VERSION}-${DEBIAN}-slim AS node

FROM haproxy:${HAPROXY_VERSION}
ARG SLUICE_VERSION=0.1.0
LABEL org.opencontainers.image.title="sluice for HAProxy" \
      org.opencontainers.image.description="Keeps the HAProxy next to it up to date with Kubernetes Ingresses" \
      org.opencontainers.image.version="${SLUICE_VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0"

# The base has its own user already.
USER root
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY package.json LICENSE /opt/sluice/
COPY templates /opt/sluice/templates
COPY dist/bundle /opt/sluice/bundle

# The user `haproxy` of the base, who owns what a volume mounted there begins with.
RUN ["install", "--directory", "--owner=99", "--group=99", "/var/lib/sluice"]
# Fails here, and not in a pod, should a library or a file be missing.
RUN ["node", "/opt/sluice/bundle/main.js", "--version"]

USER 99:99
ENV SLUICE_PROXY=haproxy
# The base says SIGUSR1, which opens the debugger of Node.
STOPSIGNAL SIGTERM
# A small young generation, and at most half as much garbage as is in use: with 5,000 Ingresses the first saves 100 MB, the
# second 150 MB of the peak, and no time is lost that could be measured. `gc` gives back what only the start needed.
ENTRYPOINT ["node", "--max-semi-space-size=4", "--heap-growing-percent=50", "--expose-gc", "/opt/sluice/bundle/main.js"]
CMD ["run"]
