# sluice for nginx: checks with the very nginx that the pod runs, so its base is that image.
#   npm run bundle && docker build -f docker/nginx.Dockerfile -t sluice-nginx:0.1.0 .

# Which nginx. Use the tag of the image that serves: what its nginx accepts is what this one has checked.
ARG NGINX_VERSION=1.30
# Node's program alone is copied into the base. nginx:1.30 is Debian trixie, and so is this: the same C and C++ libraries.
# With a base of an older Debian, set DEBIAN to it.
ARG NODE_VERSION=24
ARG DEBIAN=trixie

FROM node:${NODE_VERSION}-${DEBIAN}-slim AS node

FROM nginx:${NGINX_VERSION}
ARG SLUICE_VERSION=0.1.0
LABEL org.opencontainers.image.title="sluice for nginx" \
      org.opencontainers.image.description="Keeps the nginx next to it up to date with Kubernetes Ingresses" \
      org.opencontainers.image.version="${SLUICE_VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0"

COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY package.json LICENSE /opt/sluice/
COPY templates /opt/sluice/templates
COPY dist/bundle /opt/sluice/bundle

# The user `nginx` of the base, who owns what a volume mounted there begins with.
RUN ["install", "--directory", "--owner=101", "--group=101", "/var/lib/sluice"]
# Fails here, and not in a pod, should a library or a file be missing.
RUN ["node", "/opt/sluice/bundle/main.js", "--version"]

USER 101:101
ENV SLUICE_PROXY=nginx
# The base says SIGQUIT, which ends Node at once.
STOPSIGNAL SIGTERM
# A small young generation, and at most half as much garbage as is in use: with 5,000 Ingresses the first saves 100 MB, the
# second 150 MB of the peak, and no time is lost that could be measured. `gc` gives back what only the start needed.
ENTRYPOINT ["node", "--max-semi-space-size=4", "--heap-growing-percent=50", "--expose-gc", "/opt/sluice/bundle/main.js"]
CMD ["run"]
