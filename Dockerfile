# syntax=docker/dockerfile:1
# Two stages: the first builds a virtual environment from the hashed lock file, the second holds nothing but it.
FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/crisis-monitor
COPY requirements.lock ./
RUN /opt/crisis-monitor/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY monitor ./monitor
COPY classifiers ./classifiers
COPY config ./config
COPY alembic ./alembic
RUN /opt/crisis-monitor/bin/pip install --no-cache-dir --no-deps .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin monitor \
    && install -d -o monitor -g monitor /data
COPY --from=build /opt/crisis-monitor /opt/crisis-monitor
ENV PATH=/opt/crisis-monitor/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    CRISIS_MONITOR_DATA=/data \
    ORT_DISABLE_TELEMETRY=1 \
    TMPDIR=/tmp
USER monitor
WORKDIR /data
VOLUME /data
EXPOSE 8080
# The root file system may be read-only: run with --read-only --tmpfs /tmp.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import sys, urllib.request; sys.exit(urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=4).status != 200)"]
ENTRYPOINT ["crisis-monitor"]
CMD ["run"]
