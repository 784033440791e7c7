# Two stages: the first installs the packages; only the finished environment is copied to the second.
FROM docker.io/library/python:3.11-slim-bookworm AS build

WORKDIR /app
COPY requirements/runtime.txt requirements/runtime.txt
RUN python3 -m venv /venv \
    && /venv/bin/python -m pip install --no-cache-dir --require-hashes --only-binary=:all: -r requirements/runtime.txt
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY cogs cogs
COPY sandbox sandbox
RUN /venv/bin/python -m pip install --no-cache-dir --no-deps --no-build-isolation .


FROM docker.io/library/python:3.11-slim-bookworm

# Fonts for text in drawings: Latin, Greek and Cyrillic; Chinese, Japanese and Korean.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends fonts-dejavu-core fonts-wqy-microhei \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 easel \
    && useradd --uid 10001 --gid easel --no-create-home --shell /usr/sbin/nologin easel \
    && install -d -o easel -g easel /data
COPY --from=build /venv /venv

# Listens on all interfaces so that other containers can read health and metrics; publish the port only if you need to.
# Nothing in the working directory, which is the data folder, is ever imported (PYTHONSAFEPATH).
ENV DATA_DIR=/data \
    DATABASE_URL=sqlite:////data/easel.db \
    HTTP_HOST=0.0.0.0 \
    HTTP_PORT=8080 \
    LOG_FORMAT=json \
    PYTHONSAFEPATH=1 \
    PYTHONUNBUFFERED=1
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["/venv/bin/python", "-m", "bot.ops.healthcheck"]
ENTRYPOINT ["/venv/bin/python", "-m", "bot"]
# Without DISCORD_TOKEN this fails: a server that has lost its secret must not silently run the sandbox instead.
CMD ["run", "--no-sandbox"]
