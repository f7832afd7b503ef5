# One image that holds every program; docker-compose.yml says which of them a container runs. The
# workspace is compiled once that way, and a service more is a line there and none here.
#
#   docker build -t orderline .                        what docker-compose does
#   docker build -t orderline --build-arg PROFILE=dev .   sooner built, slower to run

# The version is that of rust-toolchain.toml, which is not copied: the image's own toolchain is used as it is.
FROM rust:1.95.0-bookworm AS manifests
WORKDIR /src
COPY . .
# What decides the dependencies, and nothing that changes more often: every manifest with an empty library.
RUN find . -type f ! -name Cargo.toml ! -name Cargo.lock -delete \
    && find . -mindepth 2 -name Cargo.toml -execdir sh -c 'mkdir -p src && touch src/lib.rs' \;

FROM rust:1.95.0-bookworm AS build
ARG PROFILE=release
ENV CARGO_INCREMENTAL=0 CARGO_TERM_COLOR=never
WORKDIR /src
# Its content is compared, so that these two steps are done again only when a manifest or the lock changes.
COPY --from=manifests /src .
RUN cargo build --locked --profile "$PROFILE" --workspace --exclude bench --exclude journeys --exclude shop-testkit \
    && rm -rf consumers crates producers schemas
COPY consumers consumers
COPY crates crates
COPY producers producers
COPY schemas schemas
# Touched, because the files' own times are older than the empty libraries that Cargo has just built.
RUN find consumers crates producers schemas -name '*.rs' -exec touch {} + \
    && cargo build --locked --profile "$PROFILE" --workspace --exclude bench --exclude journeys --exclude shop-testkit \
    && mkdir /out \
    && find "target/$(echo "$PROFILE" | sed 's/^dev$/debug/')" -maxdepth 1 -type f -executable -exec cp -t /out {} + \
    && strip --strip-debug /out/*

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libssl3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin orderline \
    && install -d -o orderline -g orderline /var/lib/orderline
COPY --from=build /out/ /usr/local/bin/
COPY scripts/compose/ready.sh /usr/local/bin/ready
USER 10001:10001
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["ready"]
CMD ["orderline", "--help"]
