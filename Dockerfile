# rds-seal for a plain container platform. On Function Compute use the package instead. Not built by the gate, only linted.
#
# The digests are those that public Dockerfiles pin for these tags; they were not pulled here. A wrong one fails the build.
FROM rust:1.98.0-bookworm@sha256:82150a52ec202c1b14d7817e14516c392bb7f5cfebd88f1ed531cb37ebd39922 AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
COPY src src
COPY docs/openapi.json docs/openapi.json
COPY benches benches
COPY tests tests
RUN cargo build --profile function --locked --no-default-features

# glibc 2.36, as where it was built, and no shell. The binary is not static.
FROM gcr.io/distroless/cc-debian12:nonroot@sha256:9dac0a79194e45a7da0158a9c6da57b217585af0786db3845d1f0ec1a0dd182f
COPY --from=build /src/target/function/rds-seal /usr/local/bin/rds-seal
USER 65532:65532
EXPOSE 9000
ENTRYPOINT ["/usr/local/bin/rds-seal"]
CMD ["serve", "--listen", "0.0.0.0:9000"]
