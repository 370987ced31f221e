# The gateway: one static binary, nothing else. The build is the Makefile's, so the image holds what `make build` makes.
FROM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN make image-build OUT=/out/candor VERSION=${VERSION} && mkdir -m 1777 /out/tmp

FROM scratch
# For calls to a model provider over TLS, and for opening hours in the company's time zone.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /usr/local/go/lib/time/zoneinfo.zip /
COPY --from=build /out/tmp /tmp
COPY --from=build /out/candor /candor
ENV ZONEINFO=/zoneinfo.zip CANDOR_LISTEN=0.0.0.0:8080
USER 65532:65532
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["/candor", "healthcheck"]
ENTRYPOINT ["/candor"]
CMD ["serve"]
