# What a student's server runs: the course, JupyterLab and nbgrader; no grader, no source
# notebook, no hidden test. In the repository's root:
#   docker build -f deploy/docker/student.Dockerfile -t backprop-student .

# The stages `system` and `packages` are those of grader.Dockerfile, word for word: an engine builds
# them once, and a machine that has one image fetches a twentieth of the other.
FROM debian:bookworm-slim AS system
# tini takes away what the terminals and kernels of a server leave behind. Nobody changes users
# in here: what would make somebody root is of use to an attacker alone.
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 tini \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/apt/archives/*.deb \
        /var/cache/debconf/*-old /var/lib/dpkg/*-old /var/log/*.log /var/log/apt \
    && find / -xdev -type f -perm /6000 -exec chmod a-s {} + \
    && useradd --uid 1000 --create-home --shell /bin/bash student


# The versions of requirements.lock, without the course: made anew only when one of them changes.
FROM system AS packages
# Another version than the lock file's, for a Hub that is older: --build-arg JUPYTERHUB=5.5.4
ARG JUPYTERHUB=""
# Compiled files then hold a hash of their source in place of its time: built again, they are equal.
ENV SOURCE_DATE_EPOCH=315532800
WORKDIR /build
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3-venv \
    && rm -rf /var/lib/apt/lists/* \
    && python3 -m venv /pip \
    && python3 -m venv --without-pip /opt/course
COPY LICENSE README.md pyproject.toml requirements.lock ./
COPY course/__init__.py course/
RUN --mount=type=cache,target=/root/.cache/pip \
    sed -E "s/^jupyterhub==(.*)/jupyterhub==${JUPYTERHUB:-\\1}/" requirements.lock > constraints \
    && export PIP_CONSTRAINT=/build/constraints \
    && /pip/bin/pip --python /opt/course/bin/python3 install . jupyterhub \
    && /pip/bin/pip --python /opt/course/bin/python3 uninstall -y backprop-course \
    # Packages' own tests and maps of their scripts: a twelfth of the size, and nobody runs them.
    && find /opt/course \( -type d -name tests -o -type f -name "*.map" \) -prune -exec rm -r {} +


FROM packages AS course
COPY course course
RUN --mount=type=cache,target=/root/.cache/pip \
    PIP_CONSTRAINT=/build/constraints /pip/bin/pip --python /opt/course/bin/python3 install \
        --no-deps --prefix /course .


FROM system
LABEL org.opencontainers.image.title="backprop-student" \
    org.opencontainers.image.description="A student's server of the back-propagation course" \
    org.opencontainers.image.licenses="BSD-3-Clause"
COPY --from=packages /opt/course /opt/course
COPY --from=course /course /opt/course
COPY deploy/docker/settings/student /etc/classroom/student
COPY --chmod=0755 deploy/docker/health.py /usr/local/bin/health
ENV LANG=C.UTF-8 \
    PATH=/opt/course/bin:/usr/local/bin:/usr/bin:/bin \
    JUPYTER_CONFIG_PATH=/etc/classroom/student \
    PYDEVD_DISABLE_FILE_VALIDATION=1
# As a number, so that Kubernetes sees that it is not root.
USER 1000
WORKDIR /home/student
EXPOSE 8888
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["health"]
ENTRYPOINT ["tini", "-g", "--"]
CMD ["jupyterhub-singleuser"]
