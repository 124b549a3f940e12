# Contrail as an image: `docker build -t contrail .`. The SQLite binding is compiled in the first stage, from the source that the registry delivers.
FROM node:22-bookworm AS build
WORKDIR /app
# Node's headers are in the image: nothing is fetched for the compiler.
ENV npm_config_nodedir=/usr/local
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/empty-dist.mjs scripts/
COPY web web
COPY src src
RUN npm run build
RUN npm prune --omit=dev
# What the compiler left behind.
RUN rm -rf node_modules/better-sqlite3/deps node_modules/better-sqlite3/src node_modules/better-sqlite3/build/Release/obj node_modules/better-sqlite3/build/Release/obj.target

FROM node:22-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=1234 DATA_DIR=/data
WORKDIR /app
COPY package.json LICENSE ./
COPY data/samples data/samples
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 1234
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz/ready').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# As process 1 it stops on SIGTERM by itself: what is in flight is committed, within 10 s.
CMD ["node", "dist/main.js", "serve"]
