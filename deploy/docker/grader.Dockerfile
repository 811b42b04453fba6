# What instructors, the Hub, the classroom service and graders run: the course, the grader with
# the source notebooks and hidden tests, JupyterHub, bubblewrap. Not for students. In the
# repository's root:
#   docker build -f deploy/docker/grader.Dockerfile -t backprop-grader .

# The stages `system` and `packages` are those of student.Dockerfile, word for word: an engine builds
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


# What the grader needs besides, and what its wheel takes in besides its code.
FROM packages AS more
COPY grader/__init__.py grader/pyproject.toml grader/
RUN --mount=type=cache,target=/root/.cache/pip \
    mkdir source && touch nbgrader_config.py \
    && PIP_CONSTRAINT=/build/constraints /pip/bin/pip --python /opt/course/bin/python3 install \
        --prefix /more . "./grader[classroom,dask,docker,postgres]" \
    && find /more \( -path "*/site-packages/course" -o -path "*/site-packages/grader" \
            -o -name "backprop_course*.dist-info" -o -path /more/bin/grader \
            -o -type d -name tests -o -type f -name "*.map" \) -prune -exec rm -r {} +


FROM packages AS course
COPY course course
COPY grader grader
COPY source source
COPY nbgrader_config.py ./
RUN --mount=type=cache,target=/root/.cache/pip \
    PIP_CONSTRAINT=/build/constraints /pip/bin/pip --python /opt/course/bin/python3 install \
        --no-deps --prefix /course . ./grader


FROM system
LABEL org.opencontainers.image.title="backprop-grader" \
    org.opencontainers.image.description="Grader, Hub and instructors' servers of the back-propagation course" \
    org.opencontainers.image.licenses="BSD-3-Clause"
COPY --from=packages /opt/course /opt/course
RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/apt/archives/*.deb \
        /var/cache/debconf/*-old /var/lib/dpkg/*-old /var/log/*.log /var/log/apt
COPY --from=more /more /opt/course
COPY --from=course /course /opt/course
COPY --chmod=0755 deploy/docker/health.py /usr/local/bin/health
# Dask's Helm chart starts its parts by names that Dask itself no longer installs.
COPY --chmod=0755 deploy/docker/dask-part /usr/local/bin/dask-scheduler
COPY --chmod=0755 deploy/docker/dask-part /usr/local/bin/dask-worker
COPY --chmod=0755 deploy/docker/prepare_course.py /usr/local/bin/prepare-course
ENV LANG=C.UTF-8 \
    PATH=/opt/course/bin:/usr/local/bin:/usr/bin:/bin \
    JUPYTER_CONFIG_PATH=/etc/classroom/instructor \
    PYDEVD_DISABLE_FILE_VALIDATION=1
# A new volume at one of these places belongs to whom the place in the image belongs to.
RUN mkdir /etc/classroom /srv/hub /srv/classroom \
    && chown 1000:1000 /srv/hub /srv/classroom \
    && chmod 0700 /srv/hub /srv/classroom \
    && python3 -c "from pathlib import Path; from grader.exchange.hub import write_settings; write_settings(Path('/etc/classroom'))"
# As a number, so that Kubernetes sees that it is not root.
USER 1000
WORKDIR /home/student
EXPOSE 8888
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["health"]
ENTRYPOINT ["tini", "-g", "--"]
CMD ["jupyterhub-singleuser"]
